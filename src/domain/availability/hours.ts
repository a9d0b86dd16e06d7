import { DAY, dayOf } from '../dates.js';
import { weekdayOf } from '../recurrence/days.js';
import type { Interval } from '../slot.js';
import { localDay, startOfDay, type Zone } from '../zones/zone-rules.js';
import { type Availability, type Minutes, minutesOf, WEEKDAYS } from './availability.js';

/** The hours of an availability as instants. Hours that touch count as one; each begins a grid of its own. */
export interface HoursCalendar {
  readonly zone: Zone;
  /** The hours that begin on a day, in days from 1 January 1970, in order. */
  startingOn(day: number): readonly Interval[];
}

const MINUTE = 60_000;

/**
 * The most hours and days that one calendar keeps, and all together: about 400 kB, and 4 MB. A search looks at one day
 * after the other.
 */
const MAX_KEPT = 2_000;
const MAX_KEPT_IN_ALL = 20_000;

/** Hours reach into the day after at most; where clocks are put back over midnight, another day has begun by then. */
const LONGEST_REACH = 2;

/** The days that a calendar keeps. */
interface Kept {
  readonly days: Map<number, readonly Interval[]>;
  /** Days and hours. */
  size: number;
}

/** What calendars keep, those that have kept for longest first. Coaches are many, and most are asked about now and then. */
const keeping = new Set<Kept>();
let keptInAll = 0;

function forget(kept: Kept): void {
  keptInAll -= kept.size;
  kept.size = 0;
  kept.days.clear();
  keeping.delete(kept);
}

function keep(kept: Kept, day: number, hours: readonly Interval[]): void {
  if (kept.size >= MAX_KEPT) forget(kept);
  for (const oldest of keeping) {
    if (keptInAll < MAX_KEPT_IN_ALL) break;
    forget(oldest);
  }
  kept.days.set(day, hours);
  kept.size += 1 + hours.length;
  keptInAll += 1 + hours.length;
  keeping.add(kept);
}

/** How many days and hours all calendars keep. */
export function hoursKept(): number {
  return keptInAll;
}

/** The hours of an availability, by the clocks of its zone. Days are worked out when they are asked for. */
export function hoursCalendar({ weekly, dates }: Availability, zone: Zone): HoursCalendar {
  const ofWeekday = WEEKDAYS.map((weekday) =>
    weekly.filter(({ days }) => days.includes(weekday)).map((hours) => minutesOf(hours)),
  );
  const ofDate = new Map(dates.map(({ date, hours }) => [dayOf(date), hours.map(minutesOf)]));
  const kept: Kept = { days: new Map(), size: 0 };

  function workOut(day: number): readonly Interval[] {
    const hours = ofDate.get(day) ?? ofWeekday[weekdayOf(day)]!;
    return hours
      .map((one) => intervalOf(day, one, zone))
      .filter(({ start, end }) => start < end)
      .sort((one, other) => one.start - other.start);
  }

  return {
    zone,
    startingOn(day) {
      const before = kept.days.get(day);
      if (before) return before;
      const found = workOut(day);
      keep(kept, day, found);
      return found;
    },
  };
}

/** Of a time that clocks show twice, a beginning is the first and an end the last. */
function intervalOf(day: number, { from, to }: Minutes, zone: Zone): Interval {
  return {
    start: zone.momentsOf(day * DAY + from * MINUTE).first,
    end: zone.momentsOf(day * DAY + to * MINUTE).last,
  };
}

/** The hours that have time in common with an interval, in order of their beginnings. */
export function hoursWithin(hours: HoursCalendar, { start, end }: Interval): readonly Interval[] {
  const found: Interval[] = [];
  // Where clocks are put back over midnight, the next day has begun before.
  const last = localDay(end, hours.zone) + 1;
  for (let day = localDay(start, hours.zone) - LONGEST_REACH; day <= last; day += 1) {
    for (const one of hours.startingOn(day)) if (one.start < end && one.end > start) found.push(one);
  }
  return found.sort((one, other) => one.start - other.start);
}

/** Until when a coach has hours without a break, from a moment on; the moment itself when there are none then. */
export function reachOf(within: readonly Interval[], from: number): number {
  let reach = from;
  for (const { start, end } of within) {
    if (start > reach) break;
    reach = Math.max(reach, end);
  }
  return reach;
}

/**
 * The first start on the grid from a moment on: so many minutes after each other from the beginning of each hours as they
 * were given.
 * @param to no start after it is looked for; undefined is answered then
 */
export function nextOnGrid(hours: HoursCalendar, grid: number, from: number, to: number): number | undefined {
  const { zone } = hours;
  let next = Number.POSITIVE_INFINITY;
  for (let day = localDay(from, zone) - LONGEST_REACH; ; day += 1) {
    for (const { start, end } of hours.startingOn(day)) {
      if (end <= from) continue;
      const at = start + Math.ceil(Math.max(from - start, 0) / (grid * MINUTE)) * grid * MINUTE;
      if (at < end) next = Math.min(next, at);
    }
    const following = startOfDay(day + 1, zone);
    if (next <= following || following > to) return next <= to ? next : undefined;
  }
}

/** Whether a start is on the grid of hours that it lies within. */
export function isOnGrid(within: readonly Interval[], grid: number, start: number): boolean {
  return within.some((one) => one.start <= start && (start - one.start) % (grid * MINUTE) === 0);
}

/** As `nextOnGrid`, for a coach without hours: the grid begins at 00:00 UTC of each day. */
export function nextOnUtcGrid(grid: number, from: number, to: number): number | undefined {
  const midnight = Math.floor(from / DAY) * DAY;
  const at = midnight + Math.ceil((from - midnight) / (grid * MINUTE)) * grid * MINUTE;
  const next = Math.min(at, midnight + DAY);
  return next <= to ? next : undefined;
}
