import { Temporal } from 'temporal-polyfill';

/**
 * The rule for wall times that do not exist or come twice, as events record it; see SeriesScheduled in
 * proto/aceup/scheduler/v1/events.proto.
 */
export const DISAMBIGUATION = 'compatible';

// Year 0 cannot be written in RFC 3339, and Temporal takes a second 60 for 59.
const WALL_TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d(?::[0-5]\d)?$/;
const WITH_OFFSET = /T[\d:.]+\s*(?:z|[+-]\d\d|\[)/i;
// Temporal takes offsets such as +02:00 too, which say nothing of when clocks change.
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** What is wrong with a text that should be a wall time, or undefined. */
export function brokenWallTime(text: string): string | undefined {
  if (text === '') return 'is required';
  if (WITH_OFFSET.test(text)) return 'must have no zone and no offset: it is what clocks show in the time zone';
  if (!WALL_TIME.test(text)) return 'must be a local time such as 2026-03-02T09:30, with seconds or without';
  return succeeds(() => wallTime(text)) ? undefined : 'is not in the calendar, or is no time of day';
}

/** What is wrong with a text that should name a time zone, or undefined. */
export function brokenZone(text: string): string | undefined {
  if (text === '') return 'is required';
  if (ZONE.test(text) && succeeds(() => zoneName(text))) return undefined;
  return 'must be the IANA name of a time zone, such as Europe/Zurich';
}

/** The wall time that a text stands for. Throws when it is broken. */
export function wallTime(text: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(text);
}

/** A wall time as events have it: `2026-03-02T09:30:00`. */
export function wallTimeText(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' });
}

/** The name of a zone with its letters in the case that IANA gives them. Throws when there is no such zone. */
export function zoneName(text: string): string {
  return new Temporal.ZonedDateTime(0n, text).timeZoneId;
}

/**
 * When clocks of a zone show a wall time, in epoch milliseconds. A time that they skip is moved later by as much as they
 * skip; of a time that they show twice, the first is meant.
 */
export function instantOf(time: Temporal.PlainDateTime, zone: string): number {
  return time.toZonedDateTime(zone, { disambiguation: DISAMBIGUATION }).epochMilliseconds;
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
