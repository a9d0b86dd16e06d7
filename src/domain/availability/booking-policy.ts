import { type BrokenField, broken, brokenZone } from '../broken-field.js';
import { isDuration, MAX_DURATION, MIN_DURATION } from '../slot.js';
import type { ZoneRules } from '../zones/zone-rules.js';

/** Which times of a coach may be booked. What is undefined does not limit. */
export interface BookingPolicy {
  /** Minutes that must be free before and after a session; between two sessions the longer one counts. */
  readonly gapBefore: number | undefined;
  readonly gapAfter: number | undefined;
  /** Minutes from booking to the start, at least. */
  readonly notice: number | undefined;
  /** The last day of a start, in days from today, inclusive. */
  readonly horizonDays: number | undefined;
  /** Minutes from one start to the next. */
  readonly grid: number | undefined;
  /** In minutes; empty: any. */
  readonly durations: readonly number[];
  /** The most sessions and open holds that start on a day, and in a week from Monday. */
  readonly maxPerDay: number | undefined;
  readonly maxPerWeek: number | undefined;
  /** Whether times outside the hours may be booked, too. */
  readonly allowOutsideHours: boolean;
  /** The zone of a coach without hours; undefined: UTC. */
  readonly timeZone: string | undefined;
}

/** Minutes from one start to the next, when the policy does not say. */
export const DEFAULT_GRID = 15;

/** The most durations of a policy. */
export const MAX_DURATIONS = 50;

/** The smallest and the largest value of each number, by its name in the proto. */
const RANGES = {
  gap_before: ['gapBefore', 0, 1_440, 'minutes'],
  gap_after: ['gapAfter', 0, 1_440, 'minutes'],
  notice: ['notice', 0, 525_600, 'minutes'],
  horizon_days: ['horizonDays', 0, 3_660, 'days'],
  grid: ['grid', 1, 1_440, 'minutes'],
  max_per_day: ['maxPerDay', 0, 1_440, 'sessions'],
  max_per_week: ['maxPerWeek', 0, 10_080, 'sessions'],
} as const;

/**
 * The fields of a policy that break a rule.
 * @param path of the policy: `booking_policy`
 */
export function brokenPolicy(path: string, given: BookingPolicy, rules: ZoneRules): BrokenField[] {
  const { durations, timeZone } = given;
  const fields = Object.entries(RANGES).flatMap(([field, [key, min, max, unit]]) => {
    const value = given[key];
    const isFine = value === undefined || (value >= min && value <= max);
    return broken(`${path}.${field}`, isFine ? undefined : `must be ${min} to ${max} ${unit}`);
  });
  return [
    ...fields,
    ...broken(`${path}.durations`, brokenDurations(durations)),
    ...(timeZone === undefined ? [] : broken(`${path}.time_zone`, brokenZone(timeZone, rules))),
  ];
}

function brokenDurations(durations: readonly number[]): string | undefined {
  if (durations.length > MAX_DURATIONS) return `must have at most ${MAX_DURATIONS} entries`;
  if (!durations.every(isDuration)) return `must be whole minutes, ${MIN_DURATION} to ${MAX_DURATION} each`;
  return new Set(durations).size < durations.length ? 'must have each duration once' : undefined;
}
