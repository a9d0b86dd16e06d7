import { describe, expect, test } from 'vitest';
import {
  type Availability,
  brokenAvailability,
  type DateHours,
  MAX_DATES,
  MAX_HOURS,
  MAX_WEEKLY,
  type WeeklyHours,
} from '../../../src/domain/availability/availability.js';
import { type BookingPolicy, brokenPolicy } from '../../../src/domain/availability/booking-policy.js';
import { brokenTimeOff, type TimeOff } from '../../../src/domain/availability/time-off.js';
import { LAST_TIME } from '../../../src/domain/slot.js';
import { at } from '../../support/coach-samples.js';
import { datesOff, hours, off, policy } from '../../support/offering-samples.js';
import { zoneRules } from '../../support/zone-rules.js';

/** Fields with the rules that they break: `time_zone: is required`. */
const textsOf = (fields: readonly { field: string; description: string }[]) =>
  fields.map(({ field, description }) => `${field}: ${description}`);

describe('an availability', () => {
  const monday = (from: string, to: string): WeeklyHours => ({ days: ['monday'], from, to });
  const given = (other: Partial<Availability>): Availability => ({ timeZone: 'UTC', weekly: [], dates: [], ...other });
  const brokenIn = (other: Partial<Availability>) => textsOf(brokenAvailability('a', given(other), zoneRules));
  const sunday = (from: string, to: string): WeeklyHours => ({ days: ['sunday'], from, to });
  const dated = (...all: [string, ...string[]][]): DateHours[] =>
    all.map(([date, ...texts]) => ({ date, hours: hours(...texts) }));

  test.each<[string, Partial<Availability>]>([
    ['without hours', {}],
    ['with several hours a day', { weekly: [monday('09:00', '12:00'), monday('13:30', '17:00')] }],
    ['with hours that touch', { weekly: [monday('09:00', '12:00'), monday('12:00', '17:00')] }],
    ['with hours up to midnight', { weekly: [monday('00:00', '24:00')] }],
    ['with a night', { weekly: [sunday('22:00', '02:00'), monday('02:00', '03:00')] }],
    ['with nearly a day that ends on the next', { weekly: [monday('09:00', '08:59')] }],
    [
      'with nights of nearly a day, every second day',
      { weekly: [{ ...monday('22:00', '21:59'), days: ['monday', 'wednesday'] }] },
    ],
    ['with a closed date', { dates: dated(['2030-12-24']) }],
    ['with 29 February', { dates: dated(['2028-02-29', '09:00-10:00']) }],
    [
      'with a date whose hours meet those of its weekday',
      {
        weekly: [monday('22:00', '06:00')],
        dates: dated(['2030-01-08', '01:00-03:00']),
      },
    ],
    [
      'as large as can be',
      {
        weekly: Array.from({ length: MAX_WEEKLY }, (_, nr) => {
          return monday(`${pad(nr >> 2)}:${pad((nr & 3) * 10)}`, `${pad(nr >> 2)}:${pad((nr & 3) * 10 + 9)}`);
        }).slice(0, 96),
        dates: Array.from({ length: MAX_DATES }, (_, nr) => ({
          date: new Date(at('00:00') + nr * 86_400_000).toISOString().slice(0, 10),
          hours: Array.from({ length: MAX_HOURS }, (_, hour) => ({ from: `${pad(hour)}:00`, to: `${pad(hour)}:30` })),
        })),
      },
    ],
  ])('%s is fine', (_, one) => {
    expect(brokenIn(one)).toEqual([]);
  });

  test.each<[string, Partial<Availability>, string[]]>([
    ['no zone', { timeZone: '' }, ['a.time_zone: is required']],
    [
      'an unknown zone',
      { timeZone: 'Europe/Atlantis' },
      [`a.time_zone: must be the IANA name of a time zone, such as Europe/Zurich (release ${zoneRules.version})`],
    ],
    ['no days', { weekly: [{ ...monday('09:00', '10:00'), days: [] }] }, ['a.weekly[0].days: is required']],
    [
      'a day twice',
      { weekly: [{ ...monday('09:00', '10:00'), days: ['monday', 'monday'] }] },
      ['a.weekly[0].days: must have each day once'],
    ],
    [
      'a day that is none',
      { weekly: [{ ...monday('09:00', '10:00'), days: [undefined as never] }] },
      ['a.weekly[0].days: must be days from MONDAY to SUNDAY'],
    ],
    [
      'times that are none',
      { weekly: [monday('25:61', '9:00')] },
      ['a.weekly[0].from: must be a time from 00:00 to 23:59', 'a.weekly[0].to: must be a time from 00:00 to 24:00'],
    ],
    [
      'a beginning at 24:00',
      { weekly: [monday('24:00', '02:00')] },
      ['a.weekly[0].from: must be a time from 00:00 to 23:59'],
    ],
    [
      'an end after 24:00',
      { weekly: [monday('22:00', '24:01')] },
      ['a.weekly[0].to: must be a time from 00:00 to 24:00'],
    ],
    ['equal ends', { weekly: [monday('09:00', '09:00')] }, ['a.weekly[0].to: must not be the same time as `from`']],
    [
      'hours that overlap',
      { weekly: [monday('09:00', '12:00'), { ...monday('11:59', '13:00'), days: ['friday', 'monday'] }] },
      ['a.weekly[1]: must not overlap other hours, as it does a.weekly[0]'],
    ],
    [
      'hours that were given twice',
      { weekly: [monday('09:00', '12:00'), monday('09:00', '12:00')] },
      ['a.weekly[1]: must not overlap other hours, as it does a.weekly[0]'],
    ],
    [
      'a night that overlaps the next morning',
      {
        weekly: [
          { ...monday('22:00', '09:01'), days: ['monday', 'tuesday'] },
          { ...monday('09:00', '10:00'), days: ['tuesday'] },
        ],
      },
      ['a.weekly[1]: must not overlap other hours, as it does a.weekly[0]'],
    ],
    [
      'a night from Sunday that overlaps Monday',
      { weekly: [monday('01:00', '02:00'), sunday('22:00', '01:01')] },
      ['a.weekly[0]: must not overlap other hours, as it does a.weekly[1]'],
    ],
    [
      '30 February',
      { dates: dated(['2030-02-30']) },
      ['a.dates[0].date: must be a date of the calendar, such as 2030-12-24'],
    ],
    [
      '29 February of another year',
      { dates: dated(['2030-02-29']) },
      ['a.dates[0].date: must be a date of the calendar, such as 2030-12-24'],
    ],
    [
      'a date in words',
      { dates: dated(['tomorrow']) },
      ['a.dates[0].date: must be a date of the calendar, such as 2030-12-24'],
    ],
    [
      'the year 0',
      { dates: dated(['0000-01-01']) },
      ['a.dates[0].date: must be a date of the calendar, such as 2030-12-24'],
    ],
    [
      'a date twice',
      { dates: dated(['2030-12-24'], ['2030-12-25'], ['2030-12-24']) },
      ['a.dates[2].date: must be given once'],
    ],
    [
      'hours of a date that overlap',
      { dates: dated(['2030-12-24', '09:00-12:00', '08:00-09:01']) },
      ['a.dates[0].hours[0]: must not overlap other hours, as it does a.dates[0].hours[1]'],
    ],
    [
      'a night that overlaps the next date',
      { dates: dated(['2030-12-25', '01:00-02:00'], ['2030-12-24', '22:00-01:01']) },
      ['a.dates[0].hours[0]: must not overlap other hours, as it does a.dates[1].hours[0]'],
    ],
    [
      'equal ends on a date',
      { dates: dated(['2030-12-24', '09:00-09:00']) },
      ['a.dates[0].hours[0].to: must not be the same time as `from`'],
    ],
    [
      'too many hours on a date',
      { dates: [{ date: '2030-12-24', hours: Array(MAX_HOURS + 1).fill({ from: '09:00', to: '10:00' }) }] },
      ['a.dates[0].hours: must have at most 24 entries'],
    ],
    [
      'too many of all',
      {
        weekly: Array(MAX_WEEKLY + 1).fill(monday('25:61', '')),
        dates: Array(MAX_DATES + 1).fill({ date: '', hours: [] }),
      },
      ['a.weekly: must have at most 100 entries', 'a.dates: must have at most 1000 entries'],
    ],
    [
      'mistakes in both',
      { weekly: [monday('09:00', '09:00')], dates: dated(['2030-02-30']) },
      [
        'a.weekly[0].to: must not be the same time as `from`',
        'a.dates[0].date: must be a date of the calendar, such as 2030-12-24',
      ],
    ],
  ])('%s', (_, one, expected) => {
    expect(brokenIn(one)).toEqual(expected);
  });
});

describe('a booking policy', () => {
  const brokenIn = (given: Partial<BookingPolicy>) => textsOf(brokenPolicy('p', policy(given), zoneRules));

  test('that limits nothing is fine', () => {
    expect(brokenIn({})).toEqual([]);
  });

  test.each<[Partial<BookingPolicy>, Partial<BookingPolicy>, string]>([
    [{ gapBefore: 0 }, { gapBefore: -1 }, 'p.gap_before: must be 0 to 1440 minutes'],
    [{ gapBefore: 1440 }, { gapBefore: 1441 }, 'p.gap_before: must be 0 to 1440 minutes'],
    [{ gapAfter: 1440 }, { gapAfter: 1441 }, 'p.gap_after: must be 0 to 1440 minutes'],
    [{ notice: 0 }, { notice: -1 }, 'p.notice: must be 0 to 525600 minutes'],
    [{ notice: 525_600 }, { notice: 525_601 }, 'p.notice: must be 0 to 525600 minutes'],
    [{ horizonDays: 0 }, { horizonDays: -1 }, 'p.horizon_days: must be 0 to 3660 days'],
    [{ horizonDays: 3_660 }, { horizonDays: 3_661 }, 'p.horizon_days: must be 0 to 3660 days'],
    [{ grid: 1 }, { grid: 0 }, 'p.grid: must be 1 to 1440 minutes'],
    [{ grid: 1440 }, { grid: 1441 }, 'p.grid: must be 1 to 1440 minutes'],
    [{ maxPerDay: 0 }, { maxPerDay: -1 }, 'p.max_per_day: must be 0 to 1440 sessions'],
    [{ maxPerWeek: 10_080 }, { maxPerWeek: 10_081 }, 'p.max_per_week: must be 0 to 10080 sessions'],
    [{ durations: [1, 1440] }, { durations: [0] }, 'p.durations: must be whole minutes, 1 to 1440 each'],
    [{ durations: [30, 60] }, { durations: [1441] }, 'p.durations: must be whole minutes, 1 to 1440 each'],
    [{ durations: [] }, { durations: [30, 60, 30] }, 'p.durations: must have each duration once'],
    [
      { durations: Array.from({ length: 50 }, (_, nr) => nr + 1) },
      { durations: Array.from({ length: 51 }, (_, nr) => nr + 1) },
      'p.durations: must have at most 50 entries',
    ],
    [{ timeZone: 'Asia/Kathmandu' }, { timeZone: '' }, 'p.time_zone: is required'],
  ])('%j is fine, %j is not', (fine, wrong, expected) => {
    expect(brokenIn(fine)).toEqual([]);
    expect(brokenIn(wrong)).toEqual([expected]);
  });

  test('all mistakes are named', () => {
    expect(brokenIn({ grid: 0, maxPerDay: -1, timeZone: 'Mars/Olympus' })).toHaveLength(3);
  });
});

describe('time off', () => {
  const brokenIn = (given: Partial<TimeOff>) => textsOf(brokenTimeOff('t', { ...NONE, ...given }));
  const NONE = off('00:00', '00:00', { start: undefined, end: undefined });
  const EITHER = 't: must have either `start` and `end`, or `first_date` and `last_date`';

  test.each<[string, Partial<TimeOff>]>([
    ['of a millisecond', { start: 0, end: 1 }],
    ['of one date', datesOff('2030-12-24')],
    ['of many dates', datesOff('2030-12-24', '2031-01-06')],
  ])('%s is fine', (_, given) => {
    expect(brokenIn(given)).toEqual([]);
  });

  test.each<[string, Partial<TimeOff>, string]>([
    ['neither times nor dates', {}, EITHER],
    ['times and dates', { start: 0, end: 1, firstDate: '2030-12-24', lastDate: '2030-12-24' }, EITHER],
    ['a start and a date', { start: 0, firstDate: '2030-12-24' }, EITHER],
    ['no end', { start: 0 }, 't.end: is required'],
    ['no start', { end: 0 }, 't.start: is required'],
    ['no length', { start: 1, end: 1 }, 't.end: must be after `start`'],
    ['an end before the start', { start: 1, end: 0 }, 't.end: must be after `start`'],
    ['no last date', { firstDate: '2030-12-24' }, 't.last_date: is required'],
    ['no first date', { lastDate: '2030-12-24' }, 't.first_date: is required'],
    [
      '30 February',
      datesOff('2030-02-28', '2030-02-30'),
      't.last_date: must be a date of the calendar, such as 2030-12-24',
    ],
    ['dates that go back', datesOff('2030-12-24', '2030-12-23'), 't.last_date: must not be before `first_date`'],
  ])('%s', (_, given, expected) => {
    expect(brokenIn(given)).toEqual([expected]);
  });

  test('up to the end of the calendar', () => {
    expect(brokenIn({ start: 0, end: LAST_TIME })).toEqual([]);
    expect(brokenIn({ start: 0, end: LAST_TIME + 1 })).toHaveLength(1);
  });
});

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
