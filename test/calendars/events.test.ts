import { describe, expect, test } from 'vitest';
import { calendar, event, intervals, read } from './samples.js';

const of = (...lines: string[]) => intervals(calendar(event('UID:1', ...lines)));
const NINE_TO_TEN = ['2030-01-02T09:00Z/2030-01-02T10:00Z'];

describe('how long an event is', () => {
  test.each([
    ['with an end', ['DTSTART:20300102T090000Z', 'DTEND:20300102T100000Z'], NINE_TO_TEN],
    [
      'with an end at hour 24',
      ['DTSTART:20300102T230000Z', 'DTEND:20300102T240000Z'],
      ['2030-01-02T23:00Z/2030-01-03T00:00Z'],
    ],
    ['with a duration', ['DTSTART:20300102T090000Z', 'DURATION:PT1H'], NINE_TO_TEN],
    ['with a duration of weeks', ['DTSTART:20300102T090000Z', 'DURATION:P1W'], ['2030-01-02T09:00Z/2030-01-09T09:00Z']],
    ['with ends in two zones', ['DTSTART;TZID=Asia/Tokyo:20300102T180000', 'DTEND:20300102T100000Z'], NINE_TO_TEN],
    ['a date without an end', ['DTSTART;VALUE=DATE:20300102'], ['2030-01-01T23:00Z/2030-01-02T23:00Z']],
    [
      'a date with an end, which is exclusive',
      ['DTSTART;VALUE=DATE:20300102', 'DTEND;VALUE=DATE:20300104'],
      ['2030-01-01T23:00Z/2030-01-03T23:00Z'],
    ],
    [
      'a date that ends on the same date',
      ['DTSTART;VALUE=DATE:20300102', 'DTEND;VALUE=DATE:20300102'],
      ['2030-01-01T23:00Z/2030-01-02T23:00Z'],
    ],
    [
      'a date with a duration',
      ['DTSTART;VALUE=DATE:20300102', 'DURATION:P2D'],
      ['2030-01-01T23:00Z/2030-01-03T23:00Z'],
    ],
    ['a date that does not say it is one', ['DTSTART:20300102'], ['2030-01-01T23:00Z/2030-01-02T23:00Z']],
    // The day on which clocks go forward has 23 hours.
    ['a date of 23 hours', ['DTSTART;VALUE=DATE:20300331'], ['2030-03-30T23:00Z/2030-03-31T22:00Z']],
    [
      'a day of duration is one of the calendar',
      ['DTSTART;TZID=Europe/Zurich:20300330T120000', 'DURATION:P1D'],
      ['2030-03-30T11:00Z/2030-03-31T10:00Z'],
    ],
    [
      '24 hours are 24 hours',
      ['DTSTART;TZID=Europe/Zurich:20300330T120000', 'DURATION:PT24H'],
      ['2030-03-30T11:00Z/2030-03-31T11:00Z'],
    ],
    [
      'a series with an end lasts as long each time, also when clocks change meanwhile',
      [
        'DTSTART;TZID=Europe/Zurich:20300330T010000',
        'DTEND;TZID=Europe/Zurich:20300330T040000',
        'RRULE:FREQ=DAILY;COUNT=2',
      ],
      ['2030-03-30T00:00Z/2030-03-30T03:00Z', '2030-03-31T00:00Z/2030-03-31T03:00Z'],
    ],
    [
      'the last moment is that of the year 9999',
      ['DTSTART:20300102T090000Z', 'DURATION:P999999999W'],
      ['2030-01-02T09:00Z/9999-12-31T23:59:59.999Z'],
    ],
    [
      'the first is that of the year 1',
      ['DTSTART;TZID=Asia/Tokyo:00010101T000000', 'DTEND:20300102T100000Z'],
      ['0001-01-01T00:00Z/2030-01-02T10:00Z'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(of(...lines)).toEqual(expected);
  });

  test('a date goes on until midnight was shown for the last time', () => {
    // In Havana, clocks go back at 1:00 to 0:00.
    const text = calendar(event('UID:1', 'DTSTART;VALUE=DATE:20301102'), event('UID:2', 'DTSTART;VALUE=DATE:20301103'));
    expect(intervals(text, 'America/Havana')).toEqual([
      '2030-11-02T04:00Z/2030-11-03T05:00Z',
      '2030-11-03T04:00Z/2030-11-04T05:00Z',
    ]);
  });
});

describe('an event that takes no time is left out', () => {
  test.each([
    ['transparent', ['DTSTART:20300102T090000Z', 'DURATION:PT1H', 'TRANSP:TRANSPARENT']],
    ['transparent', ['DTSTART:20300102T090000Z', 'DURATION:PT1H', 'X-MICROSOFT-CDO-BUSYSTATUS:FREE']],
    ['cancelled', ['DTSTART:20300102T090000Z', 'DURATION:PT1H', 'STATUS:cancelled']],
    ['past', ['DTSTART:20291231T230000Z', 'DURATION:PT1H']],
    ['past', ['DTSTART:20200101T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=10']],
    ['withoutTime', ['SUMMARY:sometime']],
    ['withoutTime', ['DTSTART:20300102T090000Z']],
    ['withoutTime', ['DTSTART:20300102T090000Z', 'DTEND:20300102T090000Z']],
    ['withoutTime', ['DTSTART:20300102T090000Z', 'DTEND:20300102T080000Z']],
    ['withoutTime', ['DTSTART:20300102T090000Z', 'DURATION:-PT1H']],
    ['withoutTime', ['DTSTART;VALUE=DATE:20300102', 'DTEND;VALUE=DATE:20300101']],
  ])('%s: %s', (reason, lines) => {
    const { intervals, leftOut } = read(calendar(event('UID:1', ...lines)));
    expect(intervals).toEqual([]);
    expect(leftOut).toMatchObject({ [reason]: 1 });
  });

  test('of this service', () => {
    const { intervals, leftOut } = read(calendar(event('UID:own-1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H')));
    expect([intervals, leftOut.own]).toEqual([[], 1]);
  });

  test('of this service, as a list of busy times', () => {
    const busy = ['BEGIN:VFREEBUSY', 'UID:own-1', 'FREEBUSY:20300102T090000Z/PT1H', 'END:VFREEBUSY'];
    expect(read(calendar(...busy))).toMatchObject({ intervals: [], leftOut: { own: 1 } });
  });

  test('of a calendar that cancels', () => {
    const busy = ['BEGIN:VFREEBUSY', 'FREEBUSY:20300103T090000Z/PT1H', 'END:VFREEBUSY'];
    const text = calendar('METHOD:CANCEL', event('UID:1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H'), ...busy);
    expect(read(text)).toMatchObject({ intervals: [], leftOut: { cancelled: 2 } });
  });
});

test.each([
  'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE',
  'X-MICROSOFT-CDO-BUSYSTATUS:BUSY',
  'X-MICROSOFT-CDO-BUSYSTATUS:OOF',
  'X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE',
  'TRANSP:OPAQUE\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE',
  'STATUS:TENTATIVE',
])('an event counts with %j', (line) => {
  expect(of('DTSTART:20300102T090000Z', 'DURATION:PT1H', line)).toEqual(NINE_TO_TEN);
});

test('an event under way counts in full', () => {
  expect(of('DTSTART:20291231T233000Z', 'DURATION:PT1H')).toEqual(['2029-12-31T23:30Z/2030-01-01T00:30Z']);
});

test('an alarm within says nothing about the event', () => {
  const alarm = ['BEGIN:VALARM', 'UID:2', 'TRIGGER:-PT1H', 'DURATION:PT5M', 'DTSTART:20300109T090000Z', 'END:VALARM'];
  expect(of(...alarm, 'DTSTART:20300102T090000Z', 'DTEND:20300102T100000Z')).toEqual(NINE_TO_TEN);
});

test('equal UIDs without RECURRENCE-ID are events of their own', () => {
  const at = (hour: string) => event('UID:1', `DTSTART:20300102T${hour}0000Z`, 'DURATION:PT30M');
  expect(intervals(calendar(at('09'), at('11')))).toHaveLength(2);
});

test('equal times are there once, overlapping ones are not merged', () => {
  const at = (uid: string, start: string) => event(`UID:${uid}`, `DTSTART:20300102T${start}00Z`, 'DURATION:PT1H');
  expect(intervals(calendar(at('1', '0930'), at('2', '0900'), at('3', '0930')))).toEqual([
    '2030-01-02T09:00Z/2030-01-02T10:00Z',
    '2030-01-02T09:30Z/2030-01-02T10:30Z',
  ]);
});

test('new titles, stamps and UIDs change nothing', () => {
  const one = event('UID:1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H', 'SUMMARY:a', 'SEQUENCE:1');
  const other = event(
    'UID:2',
    'SUMMARY:b',
    'LAST-MODIFIED:20291231T000000Z',
    'DTSTART:20300102T090000Z',
    'DURATION:PT1H',
  );
  expect(read(calendar(other))).toEqual(read(calendar(one)));
});

describe('the form of a document', () => {
  const lines = ['UID:1', 'DTSTART;TZID=Europe/Zurich;X-A="b:c;d":20300102T100000', 'DTEND:20300102T100000Z'];
  const text = calendar(event(...lines));

  test.each([
    ['lines end with LF', text.replaceAll('\r\n', '\n')],
    ['lines end with CR', text.replaceAll('\r\n', '\r')],
    ['lines end with CR CR LF', text.replaceAll('\r\n', '\r\r\n')],
    [
      'a byte order mark, and blank lines',
      `\ufeff\r\n${text.replace('DTEND', 'DTE\r\n ND').replaceAll('\r\n', '\r\n\r\n')}`,
    ],
    ['no end of the last line', text.trimEnd()],
    ['lines are folded anywhere', text.replace(/^(DT.*?)(.{3})$/gm, '$1\r\n $2').replace('TZID', 'TZ\r\n\tID')],
    ['names in lower case', text.replace('DTSTART', 'dtstart').replaceAll('VEVENT', 'vevent')],
    ['texts that were broken without a fold', text.replace('UID:1', 'UID:1\r\nDESCRIPTION:a\r\nb c\r\n<d>')],
    [
      'properties and components that nobody knows',
      text.replace('UID:1', 'X-UID;A=1:2\r\nBEGIN:X-B\r\nEND:X-B\r\nUID:1'),
    ],
    ['a trailing comma of a list', text.replace('UID:1', 'EXDATE:20300103T090000Z,\r\nEXDATE:')],
    ['a trailing comma of periods', text.replace('UID:1', 'RDATE;VALUE=PERIOD:20300102T090000Z/PT1H,')],
    ['an empty list of periods', text + calendar('BEGIN:VFREEBUSY', 'FREEBUSY;FBTYPE=BUSY:', 'END:VFREEBUSY')],
  ])('%s', (_, written) => {
    expect(written).not.toBe(text);
    expect(intervals(written)).toEqual(NINE_TO_TEN);
  });

  test.each([
    ['of which one is empty', calendar()],
    ['each after a byte order mark', '\ufeff'],
  ])('several VCALENDARs, %s', (_, between) => {
    const other = calendar(event('UID:2', 'DTSTART:20300103T090000Z', 'DURATION:PT1H'));
    expect(intervals(text + between + other)).toEqual([...NINE_TO_TEN, '2030-01-03T09:00Z/2030-01-03T10:00Z']);
  });
});
