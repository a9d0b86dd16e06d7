import { describe, expect, test } from 'vitest';
import { calendar, intervals, read } from './samples.js';

/** A VEVENT of an hour that says itself when it was written. */
function revision(hour: string, ...lines: string[]): string {
  const time = [`DTSTART:20300109T${hour}0000Z`, 'DURATION:PT1H'];
  return ['BEGIN:VEVENT', 'UID:1', ...time, ...lines, 'END:VEVENT'].join('\r\n');
}

/** The hours at which something begins on 9 January. */
function hours(...events: string[]): string[] {
  return intervals(calendar(...events)).map((interval) => interval.slice(11, 13));
}

const WEEKLY = 'RRULE:FREQ=WEEKLY;COUNT=1';
const OLD = 'DTSTAMP:20291201T000000Z';
const NEW = 'DTSTAMP:20291202T000000Z';

describe('of two overrides of one occurrence', () => {
  const ID = 'RECURRENCE-ID:20300109T090000Z';

  test.each([
    ['the higher SEQUENCE counts', [ID, 'SEQUENCE:9'], [ID, 'SEQUENCE:10']],
    ['the higher SEQUENCE counts, whatever DTSTAMP says', [ID, NEW, 'SEQUENCE:1'], [ID, OLD, 'SEQUENCE:2']],
    ['one without SEQUENCE has 0', [ID], [ID, 'SEQUENCE:1']],
    ['the later DTSTAMP counts if SEQUENCE is the same', [ID, OLD, 'SEQUENCE:1'], [ID, NEW, 'SEQUENCE:1']],
    [
      'the names of the occurrence may be in two zones',
      ['RECURRENCE-ID;TZID=Europe/Zurich:20300109T100000', 'SEQUENCE:1'],
      [ID, 'SEQUENCE:2'],
    ],
    [
      'both may be for the rest of the series',
      [ID.replace(':', ';RANGE=THISANDFUTURE:'), 'SEQUENCE:1'],
      [ID.replace(':', ';RANGE=THISANDFUTURE:'), 'SEQUENCE:2'],
    ],
  ])('%s', (_, older, newer) => {
    const series = revision('09', WEEKLY);
    const [one, other] = [revision('11', ...older), revision('13', ...newer)];
    expect([hours(series, one, other), hours(other, one, series)]).toEqual([['13'], ['13']]);
  });

  test('the one that counts may be cancelled', () => {
    const older = revision('11', ID, 'SEQUENCE:1');
    expect(hours(revision('09', WEEKLY), older, revision('11', ID, 'SEQUENCE:2', 'STATUS:CANCELLED'))).toEqual([]);
  });

  test.each([
    ['says the same of itself', [ID, OLD, 'SEQUENCE:1'], [ID, OLD, 'SEQUENCE:1']],
    ['says nothing of when it was written', [ID, NEW], [ID]],
    ['has a SEQUENCE that is no number', [ID, 'SEQUENCE:x'], [ID, 'SEQUENCE:1']],
    ['is of another occurrence', [ID, 'SEQUENCE:1'], ['RECURRENCE-ID:20300109T100000Z', 'SEQUENCE:2']],
    ['is for the rest of the series', [ID, 'SEQUENCE:1'], [ID.replace(':', ';RANGE=THISANDFUTURE:'), 'SEQUENCE:2']],
  ])('both count when one %s', (_, one, other) => {
    expect(hours(revision('11', ...one), revision('13', ...other))).toEqual(['11', '13']);
  });
});

describe('of two events with one UID', () => {
  test('the higher SEQUENCE counts', () => {
    expect(hours(revision('13', 'SEQUENCE:2'), revision('11', 'SEQUENCE:1', WEEKLY))).toEqual(['13']);
  });

  test('the higher SEQUENCE counts, also in another VCALENDAR, which cancels', () => {
    const cancelled = calendar('METHOD:CANCEL', revision('11', 'SEQUENCE:1'));
    expect(intervals(calendar(revision('11')) + cancelled)).toEqual([]);
  });

  // Programs exist that give several events one UID. A change of time must raise SEQUENCE.
  test('both count when SEQUENCE is the same, whatever DTSTAMP says', () => {
    expect(hours(revision('11', OLD), revision('13', NEW))).toEqual(['11', '13']);
  });

  test('one is an override of the other, whatever SEQUENCE says', () => {
    const moved = revision('13', 'RECURRENCE-ID:20300109T090000Z', 'SEQUENCE:1');
    expect(hours(revision('09', WEEKLY, 'SEQUENCE:2'), moved)).toEqual(['13']);
  });
});

test('a revision that does not count any more is not read, and is no event that is left out', () => {
  const older = revision('11', 'SEQUENCE:1', 'RRULE:FREQ=NEVER');
  const { leftOut } = read(calendar(older, revision('13', 'SEQUENCE:2', 'TRANSP:TRANSPARENT')));
  expect(leftOut).toEqual({ transparent: 1, cancelled: 0, own: 0, past: 0, withoutTime: 0 });
});
