import { overlap, type Slot } from '../slot.js';

/** The time of an occurrence. */
export interface OccurrenceSlot extends Slot {
  /** Its place in the series, from 1. */
  readonly occurrence: number;
}

/**
 * The first occurrence that begins before the one ahead of it in time has ended, with that one. Where clocks are put
 * forward, days are shorter: occurrences of 24 hours overlap. A series of which a part was moved may be in another order
 * in time, and have two occurrences in a day: no move of both, to one time of day, keeps them apart. Undefined when no
 * two occurrences overlap.
 */
export function ownOverlap<One extends OccurrenceSlot>(slots: readonly One[]): readonly [One, One] | undefined {
  const inTime = slots.toSorted((one, other) => one.start - other.start);
  for (const [index, later] of inTime.entries()) {
    const earlier = inTime[index - 1];
    if (earlier && overlap(earlier, later)) return [earlier, later];
  }
  return undefined;
}
