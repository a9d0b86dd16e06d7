import { type OccurrenceSlot, ownOverlap } from '../../domain/recurrence/own-overlap.js';
import { endOf } from '../../domain/slot.js';
import { timeText } from '../../json/times.js';
import type { Broken } from '../request/fields.js';

/**
 * Occurrences of a series of which none is in the way of another.
 * @param field the path of the duration
 * @param slots in order of time
 */
export function notInOwnWay(field: string, slots: readonly OccurrenceSlot[]): Broken {
  const overlapping = ownOverlap(slots);
  if (!overlapping) return undefined;
  const [earlier, later] = overlapping.map((slot) => {
    return `occurrence ${slot.occurrence} (${timeText(slot.start)} to ${timeText(endOf(slot))})`;
  });
  return { field, description: `must not let occurrences overlap: ${earlier} overlaps ${later}` };
}
