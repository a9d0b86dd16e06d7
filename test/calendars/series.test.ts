import { describe, expect, test } from 'vitest';
import { calendar, event, intervals, NOW, read } from './samples.js';

/** The starts of what is in a document: `01-02 09:00`, in UTC. */
function starts(...events: string[]): string[] {
  return intervals(calendar(...events)).map((interval) => interval.slice(5, 16).replace('T', ' '));
}

/** Four Wednesdays at 10:00 in Zurich, which is 9:00 in UTC. */
const SERIES = ['UID:1', 'DTSTART;TZID=Europe/Zurich:20300102T100000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=4'];
const [FIRST, SECOND, THIRD, FOURTH] = ['01-02 09:00', '01-09 09:00', '01-16 09:00', '01-23 09:00'] as const;

describe('EXDATE takes out an occurrence, in whichever form', () => {
  test.each([
    'EXDATE;TZID=Europe/Zurich:20300109T100000',
    'EXDATE:20300109T090000Z',
    'EXDATE;TZID=America/New_York:20300109T040000',
    'EXDATE;VALUE=DATE:20300109',
    'EXDATE:20300109',
    'EXDATE:20300109T100000',
    'EXDATE;TZID="W. Europe Standard Time":20300109T100000',
  ])('%s', (exdate) => {
    expect(starts(event(...SERIES, exdate))).toEqual([FIRST, THIRD, FOURTH]);
  });

  test('two of them, the first, and one that is none', () => {
    const exdate = 'EXDATE;TZID=Europe/Zurich:20300102T100000,20300116T100000,20300117T100000';
    expect(starts(event(...SERIES, exdate))).toEqual([SECOND, FOURTH]);
  });

  test.each([
    'EXDATE;VALUE=DATE:20300103',
    'EXDATE:20300102T230000Z',
    'EXDATE:20300103T000000',
    'EXDATE:20300103T000000Z',
  ])('of whole days: %s', (exdate) => {
    const days = ['UID:1', 'DTSTART;VALUE=DATE:20300102', 'RRULE:FREQ=DAILY;COUNT=3', exdate];
    expect(starts(event(...days))).toEqual(['01-01 23:00', '01-03 23:00']);
  });
});

describe('RECURRENCE-ID', () => {
  test.each([
    'RECURRENCE-ID;TZID=Europe/Zurich:20300109T100000',
    'RECURRENCE-ID:20300109T090000Z',
    'RECURRENCE-ID;VALUE=DATE:20300109',
    'RECURRENCE-ID:20300109T100000',
  ])('moves an occurrence: %s', (id) => {
    const moved = event('UID:1', id, 'DTSTART:20300110T120000Z', 'DURATION:PT1H');
    expect(starts(event(...SERIES), moved)).toEqual([FIRST, '01-10 12:00', THIRD, FOURTH]);
  });

  const ID = 'RECURRENCE-ID:20300109T090000Z';
  const AT_OLD_TIME = ['DTSTART:20300109T090000Z', 'DURATION:PT1H'];

  test.each(['STATUS:CANCELLED', 'TRANSP:TRANSPARENT'])('gives its time back: %s', (why) => {
    expect(starts(event(...SERIES), event('UID:1', ID, ...AT_OLD_TIME, why))).toEqual([FIRST, THIRD, FOURTH]);
  });

  test('comes before its series', () => {
    const cancelled = event('UID:1', ID, 'STATUS:CANCELLED');
    expect(starts(cancelled, event(...SERIES))).toEqual([FIRST, THIRD, FOURTH]);
  });

  test('is in another VCALENDAR than its series', () => {
    const text = calendar(event(...SERIES)) + calendar(event('UID:1', ID, 'STATUS:CANCELLED'));
    expect(intervals(text)).toHaveLength(3);
  });

  test('says nothing about the series of another UID', () => {
    expect(starts(event(...SERIES), event('UID:2', ID, 'STATUS:CANCELLED'))).toEqual([FIRST, SECOND, THIRD, FOURTH]);
  });

  test('says nothing about others when there is no UID', () => {
    const [, ...withoutUid] = SERIES;
    expect(starts(event(...withoutUid), event(ID, 'STATUS:CANCELLED'))).toEqual([FIRST, SECOND, THIRD, FOURTH]);
  });

  test('counts without a series', () => {
    expect(starts(event('UID:1', ID, ...AT_OLD_TIME))).toEqual([SECOND]);
  });

  test('counts in a series that is transparent', () => {
    expect(starts(event(...SERIES, 'TRANSP:TRANSPARENT'), event('UID:1', ID, ...AT_OLD_TIME))).toEqual([SECOND]);
  });

  test('moves an occurrence that is far ahead to one that is near', () => {
    const endless = event('UID:1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=YEARLY');
    const moved = event('UID:1', 'RECURRENCE-ID:20350102T090000Z', 'DTSTART:20300301T090000Z', 'DURATION:PT1H');
    expect(intervals(calendar(endless, moved)).map((one) => one.slice(0, 10))).toEqual([
      '2030-01-02',
      '2030-03-01',
      '2031-01-02',
    ]);
  });
});

describe('RANGE=THISANDFUTURE', () => {
  const RANGE = 'RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Zurich:20300109T100000';

  test('moves the rest by as much, and takes its length', () => {
    const later = event('UID:1', RANGE, 'DTSTART;TZID=Europe/Zurich:20300110T113000', 'DURATION:PT2H');
    expect(intervals(calendar(event(...SERIES), later))).toEqual([
      '2030-01-02T09:00Z/2030-01-02T10:00Z',
      '2030-01-10T10:30Z/2030-01-10T12:30Z',
      '2030-01-17T10:30Z/2030-01-17T12:30Z',
      '2030-01-24T10:30Z/2030-01-24T12:30Z',
    ]);
  });

  test('of a date is from the occurrence of that day on', () => {
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20300109';
    const later = event('UID:1', id, 'DTSTART;TZID=Europe/Zurich:20300109T110000', 'DURATION:PT1H');
    expect(starts(event(...SERIES), later)).toEqual([FIRST, '01-09 10:00', '01-16 10:00', '01-23 10:00']);
  });

  test('without a zone is from that time of the series on', () => {
    const elsewhere = [
      'UID:1',
      'DTSTART;TZID=America/New_York:20300102T100000',
      'DURATION:PT1H',
      'RRULE:FREQ=WEEKLY;COUNT=3',
    ];
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE:20300109T100000';
    const later = event('UID:1', id, 'DTSTART;TZID=America/New_York:20300109T110000', 'DURATION:PT1H');
    expect(starts(event(...elsewhere), later)).toEqual(['01-02 15:00', '01-09 16:00', '01-16 16:00']);
  });

  test.each(['STATUS:CANCELLED', 'TRANSP:TRANSPARENT'])('gives the rest back: %s', (why) => {
    const ended = event('UID:1', RANGE, 'DTSTART:20300109T090000Z', 'DURATION:PT1H', why);
    expect(starts(event(...SERIES), ended)).toEqual([FIRST]);
  });

  test('yields to an override of one occurrence', () => {
    const later = event('UID:1', RANGE, 'DTSTART;TZID=Europe/Zurich:20300109T110000', 'DURATION:PT1H');
    const one = event('UID:1', 'RECURRENCE-ID:20300116T090000Z', 'DTSTART:20300118T060000Z', 'DURATION:PT1H');
    expect(starts(event(...SERIES), later, one)).toEqual([FIRST, '01-09 10:00', '01-18 06:00', '01-23 10:00']);
  });

  test('yields to a later one', () => {
    const later = event('UID:1', RANGE, 'DTSTART;TZID=Europe/Zurich:20300109T110000', 'DURATION:PT1H');
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE:20300116T090000Z';
    const evenLater = event('UID:1', id, 'DTSTART;TZID=Europe/Zurich:20300116T120000', 'DURATION:PT1H');
    expect(starts(event(...SERIES), evenLater, later)).toEqual([FIRST, '01-09 10:00', '01-16 11:00', '01-23 11:00']);
  });

  test('keeps to what clocks show, across the change to summer time', () => {
    const endless = [
      'UID:1',
      'DTSTART;TZID=Europe/Zurich:20300313T100000',
      'DURATION:PT1H',
      'RRULE:FREQ=WEEKLY;COUNT=4',
    ];
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Zurich:20300320T100000';
    const later = event('UID:1', id, 'DTSTART;TZID=Europe/Zurich:20300320T110000', 'DURATION:PT1H');
    expect(starts(event(...endless), later)).toEqual(['03-13 09:00', '03-20 10:00', '03-27 10:00', '04-03 09:00']);
  });
});

describe('RDATE adds occurrences', () => {
  test('times, and periods with a length of their own', () => {
    const rdates = [
      'RDATE;TZID=Europe/Zurich:20300103T100000,20300104T100000',
      'RDATE;VALUE=PERIOD:20300105T090000Z/20300105T093000Z,20300106T090000Z/PT2H',
    ];
    expect(intervals(calendar(event('UID:1', 'DTSTART:20300102T090000Z', 'DURATION:PT1H', ...rdates)))).toEqual([
      '2030-01-02T09:00Z/2030-01-02T10:00Z',
      '2030-01-03T09:00Z/2030-01-03T10:00Z',
      '2030-01-04T09:00Z/2030-01-04T10:00Z',
      '2030-01-05T09:00Z/2030-01-05T09:30Z',
      '2030-01-06T09:00Z/2030-01-06T11:00Z',
    ]);
  });

  test('a date in a series of times has their time of day', () => {
    expect(starts(event(...SERIES, 'RDATE;VALUE=DATE:20300103'))).toEqual([
      FIRST,
      '01-03 09:00',
      SECOND,
      THIRD,
      FOURTH,
    ]);
  });

  test.each(['RDATE;VALUE=DATE:20300105', 'RDATE:20300104T230000Z', 'RDATE:20300105T000000Z', 'RDATE:20300105T120000'])(
    'a time in a series of dates is its date: %s',
    (rdate) => {
      const dates = event('UID:1', 'DTSTART;VALUE=DATE:20300102', rdate);
      expect(intervals(calendar(dates))[1]).toBe('2030-01-04T23:00Z/2030-01-05T23:00Z');
    },
  );

  test('a period that begins with an occurrence is in its place', () => {
    const period = 'RDATE;VALUE=PERIOD:20300109T090000Z/PT3H';
    expect(intervals(calendar(event(...SERIES, period)))[1]).toBe('2030-01-09T09:00Z/2030-01-09T12:00Z');
    expect(intervals(calendar(event(...SERIES, period)))).toHaveLength(4);
  });

  test('one that is there already, or taken out again, adds nothing', () => {
    const lines = ['RDATE:20300109T090000Z,20300110T090000Z', 'EXDATE:20300110T090000Z'];
    expect(starts(event(...SERIES, ...lines))).toEqual([FIRST, SECOND, THIRD, FOURTH]);
  });
});

describe('how long recurrences are followed', () => {
  const endless = (rule: string) => read(calendar(event('UID:1', 'DTSTART:20200101T120000Z', 'DURATION:PT1H', rule)));

  test('400 days', () => {
    const { intervals, followedUntil } = endless('RRULE:FREQ=DAILY');
    expect(followedUntil).toBe(NOW + 400 * 86_400_000);
    expect(intervals).toHaveLength(400);
    expect(intervals.at(-1)?.start).toBeLessThan(followedUntil);
  });

  test.each([
    ['a COUNT that was reached', 'RRULE:FREQ=DAILY;COUNT=3653', 0],
    ['a COUNT that is reached', 'RRULE:FREQ=DAILY;COUNT=3655', 2],
    ['an UNTIL in UTC, which is inclusive', 'RRULE:FREQ=DAILY;UNTIL=20300102T120000Z', 2],
    ['an UNTIL of a date, which is, too', 'RRULE:FREQ=DAILY;UNTIL=20300102', 2],
    ['an INTERVAL of a thousand years', 'RRULE:FREQ=YEARLY;INTERVAL=1000', 0],
    ['a rule without any day', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 0],
    ['two rules', 'RRULE:FREQ=DAILY;UNTIL=20300101T120000Z\r\nRRULE:FREQ=YEARLY;BYYEARDAY=2', 3],
    ['a rule in lower case, with blanks', 'RRULE:freq=weekly;byday=mo, tu;until=20300108t235959z', 3],
    ['EXRULE', 'RRULE:FREQ=DAILY;UNTIL=20300107T120000Z\r\nEXRULE:FREQ=WEEKLY;BYDAY=TU', 6],
  ])('%s', (_, rule, count) => {
    expect(endless(rule).intervals).toHaveLength(count);
  });

  test.each([
    ...['01', '02', '03', '04', '05', '06', '07'].map((day) => ['WEEKLY', `201901${day}`, '2030-01-0']),
    ['WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SA,SU', '20200104', '2030-01-0'],
    ['DAILY;INTERVAL=7', '20190102', '2030-01-0'],
    ['MONTHLY', '20200101', '2030-01-01'],
    ['MONTHLY', '20191231', '2030-01-31'],
    ['YEARLY', '20200101', '2030-01-01'],
    ['YEARLY;BYYEARDAY=1', '19200101', '2030-01-01'],
    ['HOURLY;INTERVAL=24', '20200101', '2030-01-01'],
  ])('a series goes on that began long ago: %s from %s', (rule, date, next) => {
    const lines = [`DTSTART:${date}T120000Z`, 'DURATION:PT1H', `RRULE:FREQ=${rule}`];
    expect(intervals(calendar(event('UID:1', ...lines)))[0]).toMatch(next);
  });

  test.each(['20300104', '20300104T000000Z', '20300105T045959Z'])(
    'UNTIL of whole days is the last of them: %s',
    (until) => {
      const days = event('UID:1', 'DTSTART;VALUE=DATE:20300102', `RRULE:FREQ=DAILY;UNTIL=${until}`);
      expect(intervals(calendar(days), 'America/New_York')).toHaveLength(3);
    },
  );

  test('an occurrence under way counts, however long it is', () => {
    const lines = ['DTSTART:20191215T120000Z', 'DURATION:P20D', 'RRULE:FREQ=DAILY;INTERVAL=13'];
    expect(intervals(calendar(event('UID:1', ...lines)))[0]).toBe('2029-12-15T12:00Z/2030-01-04T12:00Z');
  });

  test.each([
    ['later', '20290202', '2030-01-04', '2031-01-31'],
    ['earlier', '20281204', '2030-01-07', '2031-02-03'],
  ])('the rest of a series may be moved by a month: %s', (_, date, first, last) => {
    const weekly = event('UID:1', 'DTSTART:20190102T120000Z', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY');
    const id = 'RECURRENCE-ID;RANGE=THISANDFUTURE:20290103T120000Z';
    const found = intervals(calendar(weekly, event('UID:1', id, `DTSTART:${date}T120000Z`, 'DURATION:PT1H')));
    expect([found[0], found.at(-1)].map((one) => one?.slice(0, 10))).toEqual([first, last]);
  });

  test('what has a date of its own counts whenever it is', () => {
    expect(intervals(calendar(event('UID:1', 'DTSTART:20350102T090000Z', 'DURATION:PT1H')))).toHaveLength(1);
  });

  test('the first counts, also if the rule does not have it', () => {
    const tuesday = ['UID:1', 'DTSTART:20300101T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=1'];
    expect(starts(event(...tuesday))).toEqual(['01-01 09:00', '01-02 09:00']);
  });

  test.each([
    ['20300402T120000Z', 'UNTIL=20300402T120000Z', 1],
    ['clocks of the series', 'UNTIL=20300402T120000', 1],
    ['clocks of the series, an hour before', 'UNTIL=20300402T110000', 0],
  ])('UNTIL by %s', (_, until, more) => {
    const lines = ['DTSTART;TZID=Europe/Zurich:20300401T120000', 'DURATION:PT1H', `RRULE:FREQ=DAILY;${until}`];
    expect(starts(event('UID:1', ...lines))).toHaveLength(1 + more);
  });
});
