import type { Interval } from '../slot.js';
import { utc, type Zone, type ZoneRules } from '../zones/zone-rules.js';
import { type BookingPolicy, DEFAULT_GRID } from './booking-policy.js';
import { type HoursCalendar, hoursCalendar, nextOnGrid, nextOnUtcGrid } from './hours.js';
import { type Offering, timeOffSince } from './offering.js';
import { timeTaken } from './time-off.js';

/** What a coach offers, with the rules of time zones: ready to be asked about slots. */
export interface Terms {
  /** In which the coach's days and weeks begin. */
  readonly zone: Zone;
  /** Undefined: any time. */
  readonly hours: HoursCalendar | undefined;
  /** In order; no two of them touch. */
  readonly timeOff: readonly Interval[];
  readonly policy: Partial<BookingPolicy>;
  /** Minutes from one start to the next. */
  readonly grid: number;
}

const known = new WeakMap<ZoneRules, WeakMap<Offering, Terms>>();

/** The terms of an offering. Worked out once, as long as the offering is the same. */
export function termsOf(offering: Offering, rules: ZoneRules): Terms {
  const byOffering = known.get(rules) ?? new WeakMap<Offering, Terms>();
  known.set(rules, byOffering);
  const terms = byOffering.get(offering) ?? workOut(offering, rules);
  byOffering.set(offering, terms);
  return terms;
}

function workOut(offering: Offering, rules: ZoneRules): Terms {
  const { availability, policy } = offering;
  const zone = zoneOf(offering, rules);
  const timeOff = timeOffSince(offering, Number.NEGATIVE_INFINITY).map((one) => timeTaken(one, zone));
  return {
    zone,
    hours: availability && hoursCalendar(availability, zone),
    timeOff: merged(timeOff),
    policy: policy ?? {},
    grid: policy?.grid ?? DEFAULT_GRID,
  };
}

/** The zone of the hours, else of the policy. Releases drop no names; should one do so, days are those of UTC. */
function zoneOf({ availability, policy }: Offering, rules: ZoneRules): Zone {
  const name = availability?.timeZone ?? policy?.timeZone;
  return (name === undefined ? undefined : rules.zone(name)) ?? utc;
}

/** The same time in as few intervals as possible, in order. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = [];
  for (const { start, end } of intervals.toSorted((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (start >= end) continue;
    if (last && start <= last.end) found[found.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else found.push({ start, end });
  }
  return found;
}

/** The first start that may be offered, from a moment on; undefined when there is none up to another moment. */
export function nextStart({ hours, grid }: Terms, from: number, to: number): number | undefined {
  return hours ? nextOnGrid(hours, grid, from, to) : nextOnUtcGrid(grid, from, to);
}
