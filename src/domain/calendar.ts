/** The half-open span of time [start, end), in epoch milliseconds. Spans that touch do not overlap. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Intervals of which no two overlap, in order of time. A value: adding answers a new calendar and leaves the old one as
 * it was.
 *
 * Kept in chunks, so that adding copies one chunk and the list of chunks and shares the rest: a coach with 100,000
 * sessions is booked about as fast as a new one.
 */
export interface Calendar {
  readonly size: number;
  readonly chunks: readonly (readonly Interval[])[];
}

/** A calendar without intervals. */
export const emptyCalendar: Calendar = { size: 0, chunks: [] };

// A chunk that outgrows this is cut in two. Copying 256 references costs about as much as copying the list of chunks of
// a calendar of 100,000.
const CHUNK_LIMIT = 256;

/** The earliest interval that overlaps the given one, if any. O(log n). */
export function firstOverlap(calendar: Calendar, interval: Interval): Interval | undefined {
  const chunk = calendar.chunks[chunkEndingAfter(calendar, interval.start)];
  const candidate = chunk?.[indexEndingAfter(chunk, interval.start)];
  return candidate && candidate.start < interval.end ? candidate : undefined;
}

/** The calendar with the interval added, which must overlap none of it. */
export function addInterval(calendar: Calendar, interval: Interval): Calendar {
  const { size, chunks } = calendar;
  if (chunks.length === 0) return { size: 1, chunks: [[interval]] };

  // After everything that is there, the interval joins the last chunk.
  const at = Math.min(chunkEndingAfter(calendar, interval.start), chunks.length - 1);
  const chunk = chunks[at] as readonly Interval[];
  const grown = chunk.toSpliced(indexEndingAfter(chunk, interval.start), 0, interval);
  return { size: size + 1, chunks: chunks.toSpliced(at, 1, ...splitWhenLarge(grown)) };
}

/** All intervals, in order of time. */
export function* intervalsOf(calendar: Calendar): Iterable<Interval> {
  for (const chunk of calendar.chunks) yield* chunk;
}

function splitWhenLarge(chunk: Interval[]): Interval[][] {
  if (chunk.length <= CHUNK_LIMIT) return [chunk];
  return [chunk.slice(0, chunk.length / 2), chunk.slice(chunk.length / 2)];
}

// Intervals that do not overlap are in the same order by start and by end, so both searches may go by end.

function chunkEndingAfter({ chunks }: Calendar, time: number): number {
  return firstIndex(chunks, (chunk) => (chunk[chunk.length - 1] as Interval).end > time);
}

function indexEndingAfter(chunk: readonly Interval[], time: number): number {
  return firstIndex(chunk, (interval) => interval.end > time);
}

/**
 * Binary search: the index of the first item that satisfies a condition which, once true, stays true; else the length.
 */
function firstIndex<Item>(items: readonly Item[], satisfies: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (satisfies(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
