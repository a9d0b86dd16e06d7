import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { calendar, event, read } from './samples.js';

const ZONE = 'America/New_York';

/** What the clocks of New York show at the starts of a series, read the day before it begins: `09-02 09:00`. */
function times(start: string, rule: string): string[] {
  const lines = [`DTSTART;TZID=${ZONE}:${start}`, 'DURATION:PT5M', `RRULE:${rule}`];
  const first = Temporal.PlainDateTime.from(start).toZonedDateTime(ZONE).epochMilliseconds;
  return read(calendar(event('UID:1', ...lines)), ZONE, first - 86_400_000).intervals.map((one) => {
    const shown = Temporal.Instant.fromEpochMilliseconds(one.start).toZonedDateTimeISO(ZONE).toPlainDateTime();
    return shown.toString({ smallestUnit: 'minute' }).slice(2).replace('T', ' ');
  });
}

/** The days of a series at nine o'clock: `97-09-02`. */
function days(date: string, rule: string): string[] {
  return times(`${date}T090000`, rule).map((time) => time.replace(' 09:00', ''));
}

describe('the examples of RFC 5545, 3.8.5.3', () => {
  test.each([
    ['19970902', 'FREQ=DAILY;INTERVAL=10;COUNT=5', '97-09-02 97-09-12 97-09-22 97-10-02 97-10-12'],
    [
      '19970902',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH',
      '97-09-02 97-09-04 97-09-16 97-09-18 97-09-30 97-10-02 97-10-14 97-10-16',
    ],
    ['19970905', 'FREQ=MONTHLY;COUNT=6;BYDAY=1FR', '97-09-05 97-10-03 97-11-07 97-12-05 98-01-02 98-02-06'],
    [
      '19970907',
      'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU',
      '97-09-07 97-09-28 97-11-02 97-11-30 98-01-04 98-01-25 98-03-01 98-03-29 98-05-03 98-05-31',
    ],
    ['19970922', 'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '97-09-22 97-10-20 97-11-17 97-12-22 98-01-19 98-02-16'],
    ['19970928', 'FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6', '97-09-28 97-10-29 97-11-28 97-12-29 98-01-29 98-02-26'],
    [
      '19970930',
      'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1',
      '97-09-30 97-10-01 97-10-31 97-11-01 97-11-30 97-12-01 97-12-31 98-01-01 98-01-31 98-02-01',
    ],
    [
      '19970902',
      'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;UNTIL=19971112T000000Z',
      '97-09-02 97-09-09 97-09-16 97-09-23 97-09-30 97-11-04 97-11-11',
    ],
    ['19970610', 'FREQ=YEARLY;COUNT=4;BYMONTH=6,7', '97-06-10 97-07-10 98-06-10 98-07-10'],
    ['19970101', 'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200', '97-01-01 97-04-10 97-07-19'],
    ['19970519', 'FREQ=YEARLY;BYDAY=20MO', '97-05-19 98-05-18'],
    ['19970512', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '97-05-12 98-05-11'],
    ['19970313', 'FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '97-03-13 97-03-20 97-03-27 98-03-05 98-03-12 98-03-19 98-03-26'],
    [
      '19970913',
      'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=6',
      '97-09-13 97-10-11 97-11-08 97-12-13 98-01-10 98-02-07',
    ],
    ['19970904', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '97-09-04 97-10-07 97-11-06'],
    [
      '19970929',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7',
      '97-09-29 97-10-30 97-11-27 97-12-30 98-01-29 98-02-26 98-03-30',
    ],
    ['19970805', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '97-08-05 97-08-10 97-08-19 97-08-24'],
    ['19970805', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '97-08-05 97-08-17 97-08-19 97-08-31'],
    ['20070115', 'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '07-01-15 07-01-30 07-02-15 07-03-15 07-03-30'],
  ])('%s %s', (date, rule, expected) => {
    expect(days(date, rule)).toEqual(expected.split(' '));
  });

  test.each([
    ['FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z', '09:00 12:00 15:00'],
    ['FREQ=MINUTELY;INTERVAL=15;COUNT=6', '09:00 09:15 09:30 09:45 10:00 10:15'],
    ['FREQ=MINUTELY;INTERVAL=90;COUNT=4', '09:00 10:30 12:00 13:30'],
  ])('%s', (rule, expected) => {
    expect(times('19970902T090000', rule)).toEqual(expected.split(' ').map((time) => `97-09-02 ${time}`));
  });
});

describe('parts that leave something open', () => {
  test.each([
    ['19970902', 'FREQ=YEARLY;BYWEEKNO=-1', '97-09-02 97-12-23'],
    ['19970901', 'FREQ=YEARLY;BYWEEKNO=1;BYDAY=WE', '97-09-01 97-12-31'],
    ['19970902', 'FREQ=YEARLY;BYYEARDAY=-1,-365', '97-09-02 97-12-31 98-01-01'],
    ['19970131', 'FREQ=MONTHLY;COUNT=4', '97-01-31 97-03-31 97-05-31 97-07-31'],
    ['19970902', 'FREQ=DAILY;BYMONTH=10;BYMONTHDAY=5,-1;BYDAY=SU,FR', '97-09-02 97-10-05 97-10-31'],
  ])('%s %s', (date, rule, expected) => {
    expect(days(date, rule)).toEqual(expected.split(' '));
  });

  test.each([
    ['FREQ=DAILY;BYHOUR=17,9;COUNT=3', '97-09-02 09:00,97-09-02 17:00,97-09-03 09:00'],
    ['FREQ=DAILY;BYHOUR=17,9;BYMINUTE=30,0;BYSETPOS=1,-1;COUNT=3', '97-09-02 09:00,97-09-02 17:30,97-09-03 09:00'],
    [
      'FREQ=HOURLY;BYHOUR=9,11;BYMINUTE=0,30;BYDAY=TU;COUNT=5',
      '97-09-02 09:00,97-09-02 09:30,97-09-02 11:00,97-09-02 11:30,97-09-09 09:00',
    ],
    ['FREQ=MINUTELY;BYHOUR=9;BYMINUTE=5,10;COUNT=3', '97-09-02 09:00,97-09-02 09:05,97-09-02 09:10,97-09-03 09:05'],
    ['FREQ=SECONDLY;BYMINUTE=5;BYSECOND=0;COUNT=2', '97-09-02 09:00,97-09-02 09:05,97-09-02 10:05'],
  ])('%s', (rule, expected) => {
    expect(times('19970902T090000', rule)).toEqual(expected.split(','));
  });
});
