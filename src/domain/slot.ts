/** The half-open span of time [start, end), in epoch milliseconds. Spans that touch do not overlap. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A time that somebody is to be somewhere: from `start`, in epoch milliseconds, for `duration` whole minutes. */
export interface Slot {
  readonly start: number;
  readonly duration: number;
}

/** The longest that a slot may be, in minutes: a day. What looks for overlaps relies on it. */
export const MAX_DURATION = 1440;

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

/** The last moment at which a slot may end: the year 9999 is the last that RFC 3339 can write. */
export const LAST_END = Date.UTC(10_000, 0, 1) - 1;
