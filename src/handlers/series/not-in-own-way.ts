import { type OccurrenceSlot, ownOverlap } from '../../domain/recurrence/own-overlap.js';
import { endOf } from '../../domain/slot.js';
import { timeText } from '../../json/times.js';
import type { Broken } from '../request/fields.js';

/** The paths of what occurrences overlap by. */
export interface OverlapFields {
  /** When they would begin at once: no duration keeps them apart. */
  readonly times: string;
  readonly duration: string;
}

/** Occurrences of a series of which none is in the way of another. */
export function notInOwnWay(fields: OverlapFields, slots: readonly OccurrenceSlot[]): Broken {
  const overlapping = ownOverlap(slots);
  if (!overlapping) return undefined;
  const [earlier, later] = overlapping;
  return {
    field: earlier.start === later.start ? fields.times : fields.duration,
    description: `must not let occurrences overlap: ${inWords(earlier)} overlaps ${inWords(later)}`,
  };
}

function inWords(slot: OccurrenceSlot): string {
  return `occurrence ${slot.occurrence} (${timeText(slot.start)} to ${timeText(endOf(slot))})`;
}
