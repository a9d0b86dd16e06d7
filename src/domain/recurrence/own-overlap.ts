import { overlap, type Slot } from '../slot.js';

/** The time of an occurrence. */
export interface OccurrenceSlot extends Slot {
  /** Its place in the series, from 1. */
  readonly occurrence: number;
}

/**
 * The first occurrence that begins before the one ahead of it has ended, with that one. Where clocks are put forward,
 * days are shorter: occurrences of 24 hours overlap. Undefined when no two occurrences overlap.
 * @param slots in order of time
 */
export function ownOverlap<One extends OccurrenceSlot>(slots: readonly One[]): readonly [One, One] | undefined {
  for (const [index, later] of slots.entries()) {
    const earlier = slots[index - 1];
    if (earlier && overlap(earlier, later)) return [earlier, later];
  }
  return undefined;
}
