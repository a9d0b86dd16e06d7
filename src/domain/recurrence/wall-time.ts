import { Temporal } from 'temporal-polyfill';

/**
 * The rule for wall times that do not exist or exist twice, as events record it; see SeriesScheduled in
 * proto/aceup/scheduler/v1/events.proto.
 */
export const DISAMBIGUATION = 'compatible';

// RFC 3339 has no year 0, and Temporal reads second 60 as 59.
const WALL_TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d(?::[0-5]\d)?$/;
const WITH_OFFSET = /T[\d:.]+\s*(?:z|[+-]\d\d|\[)/i;
// Temporal also accepts offsets such as +02:00, which do not say when clocks change.
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** Why a text is not a wall time; undefined when it is one. */
export function brokenWallTime(text: string): string | undefined {
  if (text === '') return 'is required';
  if (WITH_OFFSET.test(text)) return 'must have no zone and no offset: it is what clocks show in the time zone';
  if (!WALL_TIME.test(text)) return 'must be a local time such as 2026-03-02T09:30, with seconds or without';
  return succeeds(() => wallTime(text)) ? undefined : 'is not a valid date and time';
}

/** Why a text does not name a time zone; undefined when it does. */
export function brokenZone(text: string): string | undefined {
  if (text === '') return 'is required';
  if (ZONE.test(text) && succeeds(() => zoneName(text))) return undefined;
  return 'must be the IANA name of a time zone, such as Europe/Zurich';
}

/** Reads a wall time. Throws when the text is not one. */
export function wallTime(text: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(text);
}

/** The text of a wall time in events: `2026-03-02T09:30:00`. */
export function wallTimeText(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: 'second' });
}

/** The name of a zone as IANA writes it, whatever the case of the text. Throws when there is no such zone. */
export function zoneName(text: string): string {
  return new Temporal.ZonedDateTime(0n, text).timeZoneId;
}

/**
 * When the clocks of a zone show a wall time, in epoch milliseconds. A time that the clocks skip moves later by as much
 * as they skip; of a time that they show twice, the first counts.
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
