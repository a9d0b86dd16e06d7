/**
 * Why a slot cannot be booked. The same rules refuse a command, leave a time out of what is offered, and explain why.
 */
import { type CoachState, wayOf } from '../coach/coach.js';
import { isHold, isTaken } from '../coach/hold.js';
import { DAY } from '../dates.js';
import { weekdayOf } from '../recurrence/days.js';
import { endOf, type Interval, intervalOf, overlap, type Slot } from '../slot.js';
import { itemsBetween } from '../sorted-list.js';
import { localDay, startOfDay, type Zone } from '../zones/zone-rules.js';
import { hoursWithin, isOnGrid, reachOf } from './hours.js';
import type { Terms } from './terms.js';

/** A rule that can be in the way, in the order in which obstacles are told. */
export const OBSTACLE_CODES = [
  'COACH_OVERLAP',
  'SLOT_HELD',
  'CLIENT_OVERLAP',
  'OUTSIDE_HOURS',
  'TIME_OFF',
  'GAP',
  'NOTICE',
  'HORIZON',
  'GRID',
  'DURATION',
  'DAY_FULL',
  'WEEK_FULL',
] as const;

export type ObstacleCode = (typeof OBSTACLE_CODES)[number];

/** Something in the way of a slot. Times are epoch milliseconds. */
export interface Obstacle {
  readonly code: ObstacleCode;
  /** When what is in the way begins and ends; undefined when it has no beginning or no end. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** The number in the rule: minutes of a gap, a notice or a grid, days ahead, sessions of a day or a week. */
  readonly limit?: number | undefined;
  /** With DURATION: those that may be booked, in minutes. */
  readonly durations?: readonly number[];
  /** With OUTSIDE_HOURS: those of the day. */
  readonly hours?: readonly Interval[];
  /** No slot as long that starts later, but before this, can be booked. */
  readonly until: number;
}

/** What is known when a slot is asked about. */
export interface Question {
  readonly terms: Terms;
  /** The time that the coach's sessions and holds take, without the session that is to be moved. */
  readonly calendar: CoachState['calendar'];
  readonly now: number;
  /** Whether the slots asked about are of sessions in the calendar: none counts on its own day or in its own week. */
  readonly isBooked?: boolean;
  /** The time that the client's other sessions and holds take, in order; no two of them touch. */
  readonly clientBusy?: readonly Interval[];
}

/** Answers about slots under the same terms, at the same moment. */
export interface Rules {
  /** Everything in the way of a slot, in the order of the codes. */
  obstacles(slot: Slot): readonly Obstacle[];
  /** As `obstacles`, without sessions and holds in the way. */
  againstPolicy(slot: Slot): readonly Obstacle[];
  /** What is in the way of a slot for long; undefined when the slot can be booked. */
  firstObstacle(slot: Slot): Obstacle | undefined;
}

type Rule = (slot: Slot) => readonly Obstacle[];

const MINUTE = 60_000;
const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: readonly Obstacle[] = [];

/** The rules that slots are asked about. Makes no use of clocks. */
export function rulesOf(question: Question): Rules {
  const overlaps: Rule[] = [overlapRule(question), clientRule(question)];
  const policy: Rule[] = [
    hoursRule(question),
    timeOffRule(question),
    gapRule(question),
    noticeRule(question),
    horizonRule(question),
    gridRule(question),
    durationRule(question),
    fullRule(question, 'DAY_FULL'),
    fullRule(question, 'WEEK_FULL'),
  ].filter((rule) => rule !== undefined);
  const all = [...overlaps, ...policy];
  return {
    obstacles: (slot) => all.flatMap((rule) => rule(slot)),
    againstPolicy: (slot) => policy.flatMap((rule) => rule(slot)),
    firstObstacle(slot) {
      for (const rule of all) {
        const found = rule(slot);
        if (found.length > 0) return found.reduce((one, other) => (other.until > one.until ? other : one));
      }
      return undefined;
    },
  };
}

function overlapRule({ calendar, now, terms }: Question): Rule {
  const gap = gapOf(terms);
  return (slot) => {
    const { inTheWay } = wayOf(calendar, slot, now);
    if (inTheWay.length === 0) return NOTHING;
    const found = inTheWay.map((entry): Obstacle => {
      const { start, end } = intervalOf(entry);
      // What follows at once is too near.
      return { code: isHold(entry) ? 'SLOT_HELD' : 'COACH_OVERLAP', start, end, until: end + gap };
    });
    return found.sort((one, other) => OBSTACLE_CODES.indexOf(one.code) - OBSTACLE_CODES.indexOf(other.code));
  };
}

function clientRule({ clientBusy = [] }: Question): Rule {
  return (slot) =>
    overlappingIntervals(clientBusy, slot).map(({ start, end }) => ({
      code: 'CLIENT_OVERLAP',
      start,
      end,
      until: end,
    }));
}

function hoursRule({ terms: { hours, policy } }: Question): Rule | undefined {
  if (!hours || policy.allowOutsideHours) return undefined;
  return (slot) => {
    const { start, end } = intervalOf(slot);
    const reach = reachOf(hoursWithin(hours, { start, end }), start);
    if (reach >= end) return NOTHING;
    const ofDay = hours.startingOn(localDay(start, hours.zone));
    return [{ code: 'OUTSIDE_HOURS', start, end, hours: ofDay, until: Math.max(reach, start + 1) }];
  };
}

function timeOffRule({ terms: { timeOff } }: Question): Rule | undefined {
  if (timeOff.length === 0) return undefined;
  return (slot) =>
    overlappingIntervals(timeOff, slot).map(({ start, end }) => ({ code: 'TIME_OFF', start, end, until: end }));
}

function gapRule({ terms, calendar, now }: Question): Rule | undefined {
  const gap = gapOf(terms);
  if (gap === 0) return undefined;
  return (slot) => {
    const wide = { start: slot.start - gap, duration: slot.duration + (2 * gap) / MINUTE };
    const { inTheWay } = wayOf(calendar, wide, now);
    const near = inTheWay.filter((entry) => !overlap(entry, slot));
    // Of those on each side the nearest is enough: there may be thousands.
    const before = near.findLast(({ start }) => start < slot.start);
    const after = near.find(({ start }) => start > slot.start);
    return [before, after].flatMap((entry) => {
      if (!entry) return [];
      const { start, end } = intervalOf(entry);
      return { code: 'GAP', start, end, limit: gap / MINUTE, until: end + gap };
    });
  };
}

/** Milliseconds between two sessions, at least. */
function gapOf({ policy: { gapBefore = 0, gapAfter = 0 } }: Terms): number {
  return Math.max(gapBefore, gapAfter) * MINUTE;
}

function noticeRule({ terms: { policy }, now }: Question): Rule | undefined {
  const { notice } = policy;
  if (notice === undefined) return undefined;
  const earliest = now + notice * MINUTE;
  return ({ start }) => {
    if (start >= earliest) return NOTHING;
    return [{ code: 'NOTICE', start: undefined, end: earliest, limit: notice, until: earliest }];
  };
}

function horizonRule({ terms: { policy, zone }, now }: Question): Rule | undefined {
  const { horizonDays } = policy;
  if (horizonDays === undefined) return undefined;
  const last = localDay(now, zone) + horizonDays;
  return ({ start }) => {
    if (localDay(start, zone) <= last) return NOTHING;
    const from = startOfDay(last + 1, zone);
    // Only clocks that are put back could show a day before again.
    const until = zone.changeAfter(start);
    return [{ code: 'HORIZON', start: from, end: undefined, limit: horizonDays, until }];
  };
}

function gridRule({ terms: { hours, grid } }: Question): Rule | undefined {
  if (!hours) return undefined;
  return (slot) => {
    const { start } = slot;
    const within = hoursWithin(hours, { start, end: start + 1 });
    if (within.length === 0 || isOnGrid(within, grid, start)) return NOTHING;
    return [{ code: 'GRID', start, end: endOf(slot), limit: grid, until: start + 1 }];
  };
}

function durationRule({ terms: { policy } }: Question): Rule | undefined {
  const { durations = [] } = policy;
  if (durations.length === 0) return undefined;
  return (slot) => {
    if (durations.includes(slot.duration)) return NOTHING;
    return [{ code: 'DURATION', start: slot.start, end: endOf(slot), durations, until: NEVER }];
  };
}

/** A day or a week, in days from 1 January 1970. */
interface Span {
  readonly first: number;
  readonly days: number;
}

function fullRule({ terms, calendar, now, isBooked }: Question, code: 'DAY_FULL' | 'WEEK_FULL'): Rule | undefined {
  const { zone, policy } = terms;
  const limit = code === 'DAY_FULL' ? policy.maxPerDay : policy.maxPerWeek;
  if (limit === undefined) return undefined;
  const spanOf = (day: number): Span =>
    code === 'DAY_FULL' ? { first: day, days: 1 } : { first: day - weekdayOf(day), days: 7 };
  const counts = new Map<number, number>();

  function countIn(span: Span): number {
    const known = counts.get(span.first);
    if (known !== undefined) return known;
    const { start, end } = momentsOf(span, zone);
    const entries = itemsBetween(
      calendar,
      (entry) => entry.start >= start,
      (entry) => entry.start >= end,
    );
    const isCounted = (entry: (typeof entries)[number]) => {
      const day = localDay(entry.start, zone);
      return day >= span.first && day < span.first + span.days && isTaken(entry, now);
    };
    const count = entries.filter(isCounted).length;
    counts.set(span.first, count);
    return count;
  }

  return ({ start }) => {
    const span = spanOf(localDay(start, zone));
    if (countIn(span) - Number(isBooked ?? false) < limit) return NOTHING;
    return [{ code, ...momentsOf(span, zone), limit, until: endAfter(start, span, zone) }];
  };
}

function momentsOf({ first, days }: Span, zone: Zone): Interval {
  // Where clocks are put back over midnight, the day before goes on until they show it again.
  return { start: startOfDay(first, zone), end: zone.momentsOf((first + days) * DAY).last };
}

/** When a span ends after an instant in it: at the latest when the clocks change, which may show another span again. */
function endAfter(instant: number, { first, days }: Span, zone: Zone): number {
  const next = zone.momentsOf((first + days) * DAY);
  const end = next.first > instant ? next.first : next.last;
  return Math.min(end, zone.changeAfter(instant));
}

/** Of intervals in order that do not touch, those that have time in common with a slot. */
function overlappingIntervals(intervals: readonly Interval[], slot: Slot): readonly Interval[] {
  const end = endOf(slot);
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[middle]!.end > slot.start) high = middle;
    else low = middle + 1;
  }
  const found: Interval[] = [];
  for (let index = low; index < intervals.length && intervals[index]!.start < end; index += 1) {
    found.push(intervals[index]!);
  }
  return found;
}
