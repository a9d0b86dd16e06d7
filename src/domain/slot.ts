/** The half-open span of time [start, end), in epoch milliseconds. Spans that touch do not overlap. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A time at which somebody is somewhere: from `start`, in epoch milliseconds, for `duration` whole minutes. */
export interface Slot {
  readonly start: number;
  readonly duration: number;
}

/** The shortest and the longest duration that may be asked for, in minutes. */
export const MIN_DURATION = 1;
export const MAX_DURATION = 1440;

/**
 * The longest slot in any stream, in minutes. Searches for overlaps look back so far and no further, so it stays when
 * `MAX_DURATION` falls: longer slots of the past are still there. It is never less than `MAX_DURATION`.
 */
export const LONGEST_SLOT = 1440;

/** The first moment of the year 1 and the last of the year 9999: RFC 3339 and protobuf write no others. */
export const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
export const LAST_TIME = Date.UTC(10_000, 0, 1) - 1;

/** Whether a slot may last so many minutes. */
export function isDuration(minutes: number): boolean {
  return Number.isInteger(minutes) && minutes >= MIN_DURATION && minutes <= MAX_DURATION;
}

/** Whether a number of epoch milliseconds is a time at which a slot may start. */
export function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= FIRST_TIME && ms <= LAST_TIME;
}

/** Whether a slot starts and ends in the years 1 to 9999. */
export function isInCalendar(slot: Slot): boolean {
  return isTime(slot.start) && endOf(slot) <= LAST_TIME;
}

/** When a slot ends (exclusive), in epoch milliseconds. */
export function endOf({ start, duration }: Slot): number {
  return start + duration * 60_000;
}

/** The time that a slot takes. */
export function intervalOf(slot: Slot): Interval {
  return { start: slot.start, end: endOf(slot) };
}

/** Whether two slots have time in common. */
export function overlap(one: Slot, other: Slot): boolean {
  return one.start < endOf(other) && other.start < endOf(one);
}
