import { Temporal } from 'temporal-polyfill';
import type { Zone } from '../zones/zone-rules.js';

/**
 * The rule for wall times that do not exist or exist twice, as events record it; see SeriesScheduled in
 * proto/aceup/scheduler/v1/events.proto.
 */
export const DISAMBIGUATION = 'compatible';

// RFC 3339 has no year 0, and Temporal reads second 60 as 59.
const WALL_TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d(?::[0-5]\d)?$/;
const WITH_OFFSET = /T[\d:.]+\s*(?:z|[+-]\d\d|\[)/i;

/** Why a text is not a wall time; undefined when it is one. */
export function brokenWallTime(text: string): string | undefined {
  if (text === '') return 'is required';
  if (WITH_OFFSET.test(text)) return 'must have no zone and no offset: it is what clocks show in the time zone';
  if (!WALL_TIME.test(text)) return 'must be a local time such as 2026-03-02T09:30, with seconds or without';
  return succeeds(() => wallTime(text)) ? undefined : 'is not a valid date and time';
}

/** Reads a wall time. Throws when the text is not one. */
export function wallTime(text: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(text);
}

/** The text of a wall time in events: `2026-03-02T09:30:00`. */
export function wallTimeText(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' });
}

/**
 * When the clocks of a zone show a wall time, in epoch milliseconds. A time that the clocks skip moves later by as much
 * as they skip; of a time that they show twice, the first counts.
 */
export function instantOf(time: Temporal.PlainDateTime, zone: Zone): number {
  return zone.instantOf(Date.parse(`${time.toString({ smallestUnit: 'millisecond' })}Z`));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
