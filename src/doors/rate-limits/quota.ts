/** Milliseconds in which a key may use up its quota. */
export const WINDOW = 60_000;

/**
 * Counts one more for a key, in windows of a minute: a key's window begins with the first that is counted. Answers 0
 * while the key's quota lasts, then the milliseconds until its window ends. Never throws or rejects.
 */
export type Quota = (key: string) => number | Promise<number>;

/** What a key has used of its quota. */
interface Window {
  used: number;
  readonly end: number;
}

/** The most keys that are remembered. With more, those that began first are forgotten, by half, and begin anew. */
export const MAX_KEYS = 100_000;

/**
 * A quota that this process counts by itself, in memory.
 * @param points how many a key may use in a window
 * @param now the time in milliseconds
 */
export function createQuota(points: number, now: () => number = () => performance.now()): (key: string) => number {
  // Two generations: forgetting one key after the other would take a search each time.
  let recent = new Map<string, Window>();
  let older = recent;
  let since = Number.NEGATIVE_INFINITY;

  function begin(key: string, time: number): Window {
    // After a window, all older ones have ended.
    if (time - since >= WINDOW || recent.size >= MAX_KEYS / 2) {
      older = recent;
      recent = new Map();
      since = time;
    }
    const window = { used: 0, end: time + WINDOW };
    recent.set(key, window);
    return window;
  }

  return (key) => {
    const time = now();
    const known = recent.get(key) ?? older.get(key);
    const window = known && known.end > time ? known : begin(key, time);
    window.used += 1;
    return window.used > points ? window.end - time : 0;
  };
}
