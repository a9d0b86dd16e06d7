import { type BrokenField, broken, brokenDate } from '../broken-field.js';
import { DAY, midnightOf } from '../dates.js';
import { type Interval, isTime } from '../slot.js';
import type { Zone } from '../zones/zone-rules.js';

/** Time at which a coach cannot be booked: from `start` to `end`, in epoch milliseconds, or whole dates. */
export interface TimeOff {
  readonly timeOffId: string;
  /** Undefined, like `end`, for dates. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** `2030-12-24`. Undefined, like `lastDate`, for times. */
  readonly firstDate: string | undefined;
  /** Inclusive. */
  readonly lastDate: string | undefined;
  readonly reason: string | undefined;
  /** Where the caller has it from, and the caller's own id of it. */
  readonly source: string | undefined;
  readonly externalId: string | undefined;
}

/** The most times off of a coach, and of one sync. */
export const MAX_TIME_OFF = 10_000;
export const MAX_SYNCED = 2_000;

/** In milliseconds. Time off that ended so long ago takes no memory any more, and cannot be added. */
export const FORGOTTEN_AFTER = 400 * DAY;

/** The most that local time differs from UTC, with room to spare. */
const LONGEST_OFFSET = 2 * DAY;

/** By when the time off has ended, in whatever zone. */
export function endOfTimeOff({ end, lastDate }: TimeOff): number {
  return end ?? midnightOf(lastDate) + DAY + LONGEST_OFFSET;
}

/** The time that is taken. Whole dates are in the zone: from their first moment to their last. */
export function timeTaken({ start, end, firstDate, lastDate }: TimeOff, zone: Zone): Interval {
  if (start !== undefined && end !== undefined) return { start, end };
  return {
    start: zone.momentsOf(midnightOf(firstDate)).first,
    end: zone.momentsOf(midnightOf(lastDate) + DAY).last,
  };
}

/** A text that is the same for two times off that take the same time in every zone. */
export function timeKey({ start, end, firstDate, lastDate }: TimeOff): string {
  return start === undefined ? `${firstDate}/${lastDate}` : `${start}/${end}`;
}

/**
 * The fields of a time off that break a rule about time.
 * @param path of the time off: `time_off`
 */
export function brokenTimeOff(path: string, { start, end, firstDate, lastDate }: TimeOff): BrokenField[] {
  const hasTimes = start !== undefined || end !== undefined;
  const hasDates = firstDate !== undefined || lastDate !== undefined;
  if (hasTimes === hasDates) {
    const rule = 'must have either `start` and `end`, or `first_date` and `last_date`';
    return [{ field: path, description: rule }];
  }
  if (hasTimes) {
    const missing = [...broken(`${path}.start`, orRequired(start)), ...broken(`${path}.end`, orRequired(end))];
    if (missing.length > 0 || start === undefined || end === undefined) return missing;
    return broken(`${path}.end`, end > start && isTime(end) ? undefined : 'must be after `start`');
  }
  const wrong = [
    ...broken(`${path}.first_date`, orBrokenDate(firstDate)),
    ...broken(`${path}.last_date`, orBrokenDate(lastDate)),
  ];
  if (wrong.length > 0 || firstDate === undefined || lastDate === undefined) return wrong;
  return broken(`${path}.last_date`, lastDate >= firstDate ? undefined : 'must not be before `first_date`');
}

function orRequired(value: unknown): string | undefined {
  return value === undefined ? 'is required' : undefined;
}

function orBrokenDate(date: string | undefined): string | undefined {
  return date === undefined ? 'is required' : brokenDate(date);
}
