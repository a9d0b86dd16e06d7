import { describe, expect, test } from 'vitest';
import type { Availability, Hours } from '../../../src/domain/availability/availability.js';
import { hoursCalendar, hoursKept, hoursWithin, nextOnGrid, reachOf } from '../../../src/domain/availability/hours.js';
import { dayOf } from '../../../src/domain/dates.js';
import { hours } from '../../support/offering-samples.js';
import { zoneNamed } from '../../support/zone-rules.js';

const HOUR = 3_600_000;

/** The hours that begin on a date, for which they are given. */
function on(zone: string, date: string, ...given: string[]): string[] {
  const availability = { timeZone: zone, weekly: [], dates: [{ date, hours: hours(...given) }] };
  return hoursCalendar(availability, zoneNamed(zone)).startingOn(dayOf(date)!).map(textOf);
}

/** `09:00Z-10:30Z`, with the date where it differs from that of the beginning. */
function textOf({ start, end }: { start: number; end: number }): string {
  const [from, to] = [start, end].map((time) => new Date(time).toISOString().slice(0, 16)) as [string, string];
  return `${from}Z-${to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to}Z`;
}

describe('hours become instants:', () => {
  test.each<[string, string, string, string, string[]]>([
    ['in winter', 'Europe/Zurich', '2030-01-07', '09:00-17:00', ['2030-01-07T08:00Z-16:00Z']],
    ['in summer', 'Europe/Zurich', '2030-07-01', '09:00-17:00', ['2030-07-01T07:00Z-15:00Z']],
    ['up to midnight', 'UTC', '2030-01-07', '22:00-24:00', ['2030-01-07T22:00Z-2030-01-08T00:00Z']],
    ['over midnight', 'UTC', '2030-01-07', '22:00-02:00', ['2030-01-07T22:00Z-2030-01-08T02:00Z']],
    [
      'to 00:00, which is the same as to 24:00',
      'UTC',
      '2030-01-07',
      '22:00-00:00',
      ['2030-01-07T22:00Z-2030-01-08T00:00Z'],
    ],
    ['nearly a day', 'UTC', '2030-01-07', '22:00-21:59', ['2030-01-07T22:00Z-2030-01-08T21:59Z']],
    ['a day of 23 hours', 'Europe/Zurich', '2030-03-31', '00:00-24:00', ['2030-03-30T23:00Z-2030-03-31T22:00Z']],
    ['a day of 25 hours', 'Europe/Zurich', '2030-10-27', '00:00-24:00', ['2030-10-26T22:00Z-2030-10-27T23:00Z']],
    ['a day of 23½ hours', 'Australia/Lord_Howe', '2030-10-06', '00:00-24:00', ['2030-10-05T13:30Z-2030-10-06T13:00Z']],
    ['a day of 24½ hours', 'Australia/Lord_Howe', '2030-04-07', '00:00-24:00', ['2030-04-06T13:00Z-2030-04-07T13:30Z']],
    // Clocks go from 02:00 to 03:00.
    ['both ends are skipped: there are none', 'Europe/Zurich', '2030-03-31', '02:10-02:50', []],
    ['from the beginning of the gap to its end: none', 'Europe/Zurich', '2030-03-31', '02:00-03:00', []],
    ['the beginning is skipped', 'Europe/Zurich', '2030-03-31', '02:30-04:00', ['2030-03-31T01:00Z-02:00Z']],
    ['the end is skipped', 'Europe/Zurich', '2030-03-31', '01:00-02:30', ['2030-03-31T00:00Z-01:00Z']],
    // Clocks show 02:00 to 03:00 twice.
    [
      'a beginning that comes twice is the first',
      'Europe/Zurich',
      '2030-10-27',
      '02:30-04:00',
      ['2030-10-27T00:30Z-03:00Z'],
    ],
    [
      'an end that comes twice is the last',
      'Europe/Zurich',
      '2030-10-27',
      '01:00-02:30',
      ['2030-10-26T23:00Z-2030-10-27T01:30Z'],
    ],
    ['both come twice', 'Europe/Zurich', '2030-10-27', '02:15-02:30', ['2030-10-27T00:15Z-01:30Z']],
    ['the date is skipped', 'Pacific/Apia', '2011-12-30', '09:00-17:00', []],
    [
      'a night into the skipped date ends with the day',
      'Pacific/Apia',
      '2011-12-29',
      '22:00-03:00',
      ['2011-12-30T08:00Z-10:00Z'],
    ],
    ['a night out of the skipped date', 'Pacific/Apia', '2011-12-30', '22:00-03:00', ['2011-12-30T10:00Z-13:00Z']],
    // Clocks go from 22:00 on Saturday, 30 March, to 23:00.
    [
      'a night over a gap before midnight',
      'America/Nuuk',
      '2030-03-30',
      '21:00-01:00',
      ['2030-03-30T23:00Z-2030-03-31T02:00Z'],
    ],
  ])('%s', (_, zone, date, given, expected) => {
    expect(on(zone, date, given)).toEqual(expected);
  });
});

describe('hours of a week', () => {
  const office: Availability = {
    timeZone: 'UTC',
    weekly: [
      { days: ['monday', 'friday'], from: '13:00', to: '17:00' },
      { days: ['monday'], from: '09:00', to: '12:00' },
      { days: ['tuesday'], from: '22:00', to: '02:00' },
    ],
    dates: [
      { date: '2030-01-11', hours: [] },
      { date: '2030-01-09', hours: hours('01:00-03:00') },
    ],
  };
  const calendar = hoursCalendar(office, zoneNamed('UTC'));
  const startingOn = (date: string) => calendar.startingOn(dayOf(date)!).map(textOf);

  test('are those of the weekday, in order', () => {
    expect(startingOn('2030-01-07')).toEqual(['2030-01-07T09:00Z-12:00Z', '2030-01-07T13:00Z-17:00Z']);
    expect(startingOn('2030-01-10')).toEqual([]);
  });

  test('are those of a date that differs, in place of all of its weekday', () => {
    expect(startingOn('2030-01-04')).toEqual(['2030-01-04T13:00Z-17:00Z']);
    expect(startingOn('2030-01-11')).toEqual([]);
  });

  test('a night that began before runs out, whatever the next date has', () => {
    const wednesday = { start: Date.parse('2030-01-09T00:00Z'), end: Date.parse('2030-01-10T00:00Z') };
    expect(hoursWithin(calendar, wednesday).map(textOf)).toEqual([
      '2030-01-08T22:00Z-2030-01-09T02:00Z',
      '2030-01-09T01:00Z-03:00Z',
    ]);
  });

  test('are the same after more days were looked at than are kept', () => {
    for (let day = 0; day < 5_000; day += 1) calendar.startingOn(day);
    expect(startingOn('2030-01-07')).toEqual(['2030-01-07T09:00Z-12:00Z', '2030-01-07T13:00Z-17:00Z']);
  });
});

describe('a coach can be booked without a break', () => {
  /** Until when, from a time on the first of January, in hours from midnight. */
  function reach(given: readonly Hours[], from: number): number {
    const midnight = Date.parse('2030-01-01T00:00Z');
    const availability = { timeZone: 'UTC', weekly: [], dates: [{ date: '2030-01-01', hours: given }] };
    const calendar = hoursCalendar(availability, zoneNamed('UTC'));
    const start = midnight + from * HOUR;
    return (reachOf(hoursWithin(calendar, { start, end: start + 24 * HOUR }), start) - midnight) / HOUR;
  }

  test.each<[string, string[], number, number]>([
    ['over hours that touch', ['09:00-10:00', '10:00-12:00'], 9.5, 12],
    ['not over a break', ['09:00-10:00', '10:01-12:00'], 9.5, 10],
    ['not before the hours', ['09:00-10:00'], 8.5, 8.5],
    ['not from their end on', ['09:00-10:00'], 10, 10],
    ['from their beginning on', ['09:00-10:00'], 9, 10],
  ])('%s', (_, given, from, expected) => {
    expect(reach(hours(...given), from)).toBe(expected);
  });

  test('over midnight, where one day ends at 24:00 and the next begins at 00:00', () => {
    const weekly = [{ days: ['monday', 'tuesday'] as const, from: '00:00', to: '24:00' }];
    const calendar = hoursCalendar({ timeZone: 'Europe/Zurich', weekly, dates: [] }, zoneNamed('Europe/Zurich'));
    const start = Date.parse('2030-01-07T22:00Z');
    const end = Date.parse('2030-01-08T23:00Z');
    expect(reachOf(hoursWithin(calendar, { start, end: end + HOUR }), start)).toBe(end);
  });
});

test('the grid counts elapsed time: where clocks change, wall times shift', () => {
  const availability = {
    timeZone: 'Europe/Zurich',
    weekly: [],
    dates: [{ date: '2030-03-31', hours: hours('00:00-06:00') }],
  };
  const calendar = hoursCalendar(availability, zoneNamed('Europe/Zurich'));
  const found: string[] = [];
  const to = Date.parse('2030-04-01T00:00Z');
  for (let from = 0; ; ) {
    const next = nextOnGrid(calendar, 90, Math.max(from, Date.parse('2030-03-30T00:00Z')), to);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(11, 16));
    from = next + 1;
  }
  expect(found).toEqual(['23:00', '00:30', '02:00', '03:30']);
});

test('many calendars together keep a bounded number of days, and the one that was asked last is right', () => {
  const zone = zoneNamed('Europe/Zurich');
  const all = Array.from({ length: 250 }, () => {
    const weekly = [{ days: ['monday' as const], from: '09:00', to: '12:00' }];
    const calendar = hoursCalendar({ timeZone: zone.name, weekly, dates: [] }, zone);
    for (let day = 0; day < 1_500; day += 1) calendar.startingOn(day);
    return calendar;
  });
  expect(hoursKept()).toBeLessThanOrEqual(22_000);
  for (const calendar of [all[0]!, all.at(-1)!]) {
    expect(calendar.startingOn(dayOf('2030-01-07')!).map(textOf)).toEqual(['2030-01-07T08:00Z-11:00Z']);
  }
});
