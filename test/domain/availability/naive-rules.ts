import type { Availability, Hours } from '../../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import type { ObstacleCode } from '../../../src/domain/availability/obstacles.js';
import type { TimeOff } from '../../../src/domain/availability/time-off.js';
import type { NaiveClock } from './naive-clock.js';

/** A stretch of minutes since 1970: from the first to before the last. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Something that takes a coach's time. */
export interface NaiveEntry extends Stretch {
  readonly isHold: boolean;
}

/** All that counts when a time is asked for, in minutes. */
export interface NaiveCoach {
  readonly clock: NaiveClock;
  readonly availability: Availability | undefined;
  readonly policy: BookingPolicy | undefined;
  readonly timeOff: readonly TimeOff[];
  /** Sessions that are not cancelled, and holds that have not expired. */
  readonly taken: readonly NaiveEntry[];
  /** The client's time that is taken. */
  readonly clientBusy: readonly Stretch[];
  /** May lie between two minutes. */
  readonly now: number;
}

const DAY = 1440;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** The rules of the issue, minute by minute, in the plainest way: the domain is held against them. */
export interface NaiveRules {
  /** Whether a start may be offered, if nothing is in the way. */
  isOnGrid(start: number): boolean;
  /** The rules in the way of a session. */
  codes(start: number, duration: number): readonly ObstacleCode[];
}

export function naiveRules(coach: NaiveCoach): NaiveRules {
  const { clock, availability, policy, taken, clientBusy, now } = coach;
  const grid = policy?.grid ?? 15;
  const gap = Math.max(policy?.gapBefore ?? 0, policy?.gapAfter ?? 0);
  const given = availability && stretchesOf(availability, clock);
  const open = new Set(given?.flatMap(({ from, to }) => minutesOf(from, to)));
  const off = new Set(
    coach.timeOff.flatMap((one) => {
      const { from, to } = timeOffStretch(one, clock);
      return minutesOf(Math.max(Math.floor(from), clock.from), Math.min(Math.ceil(to), clock.to));
    }),
  );
  const dayOf = (minute: number) => Math.floor(clock.shownAt(minute) / DAY);
  const weekOf = (minute: number) => Math.floor((dayOf(minute) + 3) / 7);

  function isOnGrid(start: number): boolean {
    if (!given) return (((start % DAY) + DAY) % DAY) % grid === 0;
    return given.some(({ from, to }) => start >= from && start < to && (start - from) % grid === 0);
  }

  function isFull(start: number, spanOf: (minute: number) => number, limit: number | undefined): boolean {
    return limit !== undefined && taken.filter(({ from }) => spanOf(from) === spanOf(start)).length >= limit;
  }

  return {
    isOnGrid,
    codes(start, duration) {
      const slot = { from: start, to: start + duration };
      const minutes = minutesOf(slot.from, slot.to);
      const near = { from: slot.from - gap, to: slot.to + gap };
      const { notice, horizonDays, durations = [], maxPerDay, maxPerWeek, allowOutsideHours } = policy ?? {};
      const isIn: Record<ObstacleCode, boolean> = {
        COACH_OVERLAP: taken.some((one) => !one.isHold && meet(one, slot)),
        SLOT_HELD: taken.some((one) => one.isHold && meet(one, slot)),
        CLIENT_OVERLAP: clientBusy.some((one) => meet(one, slot)),
        OUTSIDE_HOURS: given !== undefined && !allowOutsideHours && !minutes.every((minute) => open.has(minute)),
        TIME_OFF: minutes.some((minute) => off.has(minute)),
        GAP: gap > 0 && taken.some((one) => meet(one, near) && !meet(one, slot)),
        NOTICE: notice !== undefined && start < now + notice,
        HORIZON: horizonDays !== undefined && dayOf(start) > dayOf(Math.floor(now)) + horizonDays,
        GRID: given !== undefined && open.has(start) && !isOnGrid(start),
        DURATION: durations.length > 0 && !durations.includes(duration),
        DAY_FULL: isFull(start, dayOf, maxPerDay),
        WEEK_FULL: isFull(start, weekOf, maxPerWeek),
      };
      return (Object.keys(isIn) as ObstacleCode[]).filter((code) => isIn[code]);
    },
  };
}

/** The hours as they were given, each on each of its days. */
function stretchesOf({ weekly, dates }: Availability, clock: NaiveClock): Stretch[] {
  const first = Math.floor(clock.shownAt(clock.from) / DAY) + 1;
  const last = Math.floor(clock.shownAt(clock.to - 1) / DAY) - 2;
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return days
    .flatMap((day) => {
      const date = new Date(day * DAY * 60_000);
      const named = dates.find((one) => one.date === date.toISOString().slice(0, 10));
      const weekday = WEEKDAYS[date.getUTCDay()]!;
      const hours: readonly Hours[] = named?.hours ?? weekly.filter((one) => one.days.includes(weekday));
      return hours.map(({ from, to }) => {
        const [beginning, end] = [minuteOf(from), minuteOf(to)];
        const isOnNextDay = end < beginning;
        return stretch(day * DAY + beginning, (isOnNextDay ? day + 1 : day) * DAY + end, clock);
      });
    })
    .filter(({ from, to }) => from < to);
}

/** From when clocks first show a time, to when they last show another. */
function stretch(shownFrom: number, shownTo: number, clock: NaiveClock): Stretch {
  return {
    from: clock.minutesShowing(shownFrom)[0] ?? clock.minuteSkipping(shownFrom)!,
    to: clock.minutesShowing(shownTo).at(-1) ?? clock.minuteSkipping(shownTo)!,
  };
}

function timeOffStretch({ start, end, firstDate, lastDate }: TimeOff, clock: NaiveClock): Stretch {
  if (start !== undefined && end !== undefined) return { from: start / 60_000, to: end / 60_000 };
  const [first, last] = [firstDate, lastDate].map((date) => Date.parse(`${date}T00:00:00Z`) / 60_000);
  return stretch(first!, last! + DAY, clock);
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return 60 * hours! + minutes!;
}

function minutesOf(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, index) => from + index);
}

function meet(one: Stretch, other: Stretch): boolean {
  return one.from < other.to && other.from < one.to;
}
