import { describe, expect, test } from 'vitest';
import { calendar, event, read, refusal } from './samples.js';

/** A time in a zone that nobody knows. Documents are read on 1 January 2030 at midnight in UTC. */
const at = (name: string, time: string) => `${name};TZID=Mars/Olympus:${time}`;

describe('an event in an unknown zone is past when it is over in any zone', () => {
  test.each([
    ['with a duration', [at('DTSTART', '20291228T220000'), 'DURATION:PT1H']],
    ['with an end', [at('DTSTART', '20200101T090000'), at('DTEND', '20200101T100000')]],
    ['with an end in a zone that is known', [at('DTSTART', '20200101T090000'), 'DTEND:20200101T100000Z']],
    ['with only the end in it', ['DTSTART:20200101T090000Z', at('DTEND', '20200101T100000')]],
    [
      'an hour and a start that UTC would put after its end',
      [at('DTSTART', '20200101T090000'), 'DTEND:20200101T050000Z'],
    ],
    ['a series with COUNT', [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=10']],
    ['a series with UNTIL', [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;UNTIL=20291201']],
    [
      'a series with two rules',
      [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=9', 'RRULE:FREQ=YEARLY;COUNT=9'],
    ],
    ['a series with RDATE', [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', at('RDATE', '20291228T220000')]],
    ['with only EXDATE in it', ['DTSTART:20200101T090000Z', 'DURATION:PT1H', at('EXDATE', '20200101T090000')]],
    ['an override', [at('RECURRENCE-ID', '20200101T090000'), at('DTSTART', '20200102T090000'), 'DURATION:PT1H']],
  ])('%s', (_, lines) => {
    const meeting = event('UID:2', 'DTSTART:20300102T090000Z', 'DURATION:PT1H');
    const { intervals, leftOut } = read(calendar(event('UID:1', ...lines), meeting));
    expect([intervals.length, leftOut.past]).toEqual([1, 1]);
  });

  test('an override that is cancelled', () => {
    const cancelled = event('UID:1', at('RECURRENCE-ID', '20200101T090000'), 'STATUS:CANCELLED');
    expect(read(calendar(cancelled)).leftOut.cancelled).toBe(1);
  });

  test('two revisions of an override', () => {
    const lines = [at('RECURRENCE-ID', '20200101T090000'), 'DTSTART:20300102T090000Z', 'DURATION:PT1H'];
    const newer = [at('RECURRENCE-ID', '20200101T090000'), at('DTSTART', '20200101T090000'), 'SEQUENCE:1'];
    expect(read(calendar(event('UID:1', ...lines), event('UID:1', ...newer))).intervals).toEqual([]);
  });
});

describe('an event in an unknown zone that may not be over refuses the document', () => {
  test.each([
    ['one of two days ago', [at('DTSTART', '20291230T090000'), 'DURATION:PT1H']],
    ['one that lasts', [at('DTSTART', '20291201T090000'), 'DURATION:P30D']],
    ['one whose end is unknown', ['DTSTART:20200101T090000Z', at('DTEND', '20291230T100000')]],
    ['an endless series', [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY']],
    [
      'a series until now, in some zone',
      [at('DTSTART', '20200101T230000'), 'DURATION:PT1H', 'RRULE:FREQ=YEARLY;UNTIL=20300101T120000Z'],
    ],
    [
      // In Tokyo it is still the day of UNTIL.
      'a series until an instant that is before the last time, in UTC',
      [at('DTSTART', '20191230T230000'), 'DURATION:PT1H', 'RRULE:FREQ=YEARLY;UNTIL=20291230T140000Z'],
    ],
    ['a series with COUNT', [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3655']],
    [
      'a series with a later RDATE',
      [at('DTSTART', '20200101T090000'), 'DURATION:PT1H', at('RDATE', '20300105T090000')],
    ],
    ['an override of a time to come', [at('RECURRENCE-ID', '20300105T090000'), at('DTSTART', '20200102T090000')]],
    ['one that ends a series', [at('RECURRENCE-ID;RANGE=THISANDFUTURE', '20200101T090000'), 'STATUS:CANCELLED']],
  ])('%s', (_, lines) => {
    expect(refusal(calendar(event('UID:1', ...lines))).why).toBe('unknown zone');
  });

  test('a series whose rest was moved', () => {
    const series = event('UID:1', at('DTSTART', '20200101T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=9');
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE:20200102T090000Z';
    const moved = event('UID:1', id, 'DTSTART:20300102T090000Z', 'DURATION:PT1H');
    expect(refusal(calendar(series, moved)).why).toBe('unknown zone');
  });
});
