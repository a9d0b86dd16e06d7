import type { Changes } from './changes.js';
import type { Zone } from './zone-rules.js';

/** The longest way from what clocks show to UTC and back, in milliseconds, with room to spare. */
const LONGEST_OFFSET = 2 * 86_400_000;

/** A zone whose clocks change at these times, and never again. */
export function zoneOfChanges(name: string, changes: Changes): Zone {
  return {
    name,
    instantOf: (shown) => firstShowing(changes, shown),
    momentsOf: (shown) => momentsShowing(changes, shown),
    offsetAt: (instant) => changes.offsets[lastBefore(changes.starts, instant)]!,
    changeAfter: (instant) => changes.starts[lastBefore(changes.starts, instant) + 1] ?? Number.POSITIVE_INFINITY,
  };
}

function firstShowing({ starts, offsets }: Changes, shown: number): number {
  for (let index = lastBefore(starts, shown - LONGEST_OFFSET); index < starts.length; index += 1) {
    const instant = shown - offsets[index]!;
    // Clocks were put forward over the time: it counts as if they had not been put yet.
    if (instant < starts[index]!) return shown - offsets[index - 1]!;
    if (instant < (starts[index + 1] ?? Number.POSITIVE_INFINITY)) return instant;
  }
  throw new Error('the last change has no end');
}

function momentsShowing({ starts, offsets }: Changes, shown: number): { first: number; last: number } {
  let first: number | undefined;
  let last: number | undefined;
  for (let index = lastBefore(starts, shown - LONGEST_OFFSET); index < starts.length; index += 1) {
    const start = starts[index]!;
    if (start > shown + LONGEST_OFFSET) break;
    const instant = shown - offsets[index]!;
    if (instant >= (starts[index + 1] ?? Number.POSITIVE_INFINITY)) continue;
    if (instant >= start) {
      first ??= instant;
      last = instant;
    } else if (last === undefined && shown - offsets[index - 1]! >= start) {
      // The clocks were put forward over the time.
      first = start;
      last = start;
    }
  }
  return { first: first!, last: last! };
}

/** The index of the last start at or before an instant; the first is before all. */
function lastBefore(starts: readonly number[], instant: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= instant) low = middle;
    else high = middle;
  }
  return low;
}
