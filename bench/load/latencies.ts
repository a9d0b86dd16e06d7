/** Times of requests, from which percentiles are read. */
export interface Latencies {
  /** Takes note of a time in milliseconds. */
  add(milliseconds: number): void;
  readonly count: number;
  /**
   * The time within which the given part of the requests was answered, in milliseconds; 0 without any. @param part such
   * as 0.99
   */
  percentile(part: number): number;
}

/** Keeps every time, 8 bytes each. */
export function createLatencies(): Latencies {
  let times = new Float64Array(65_536);
  let count = 0;
  return {
    add(milliseconds) {
      if (count === times.length) {
        const larger = new Float64Array(2 * count);
        larger.set(times);
        times = larger;
      }
      times[count] = milliseconds;
      count += 1;
    },
    get count() {
      return count;
    },
    percentile(part) {
      const sorted = times.slice(0, count).sort();
      return sorted[Math.min(count - 1, Math.floor(part * count))] ?? 0;
    },
  };
}
