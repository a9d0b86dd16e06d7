/** The most lookups under way at once, and the most keys in each. */
const MAX_RUNNING = 2;
const MAX_KEYS = 500;

interface Waiting<Value, Key> {
  readonly key: Key;
  resolve(value: Value | undefined): void;
  reject(error: unknown): void;
}

/**
 * A lookup of one key that shares the work with the lookups of others: keys asked for in the same turn of the event
 * loop, or while enough lookups are under way, are looked up together. Each lookup begins after all its keys were asked
 * for: what was there by then is found.
 * @param find looks keys up; a key that is not in the map has no value; when it throws, so do all lookups of these keys
 */
export function createBatchedLookup<Value, Key = string>(
  find: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let waiting: Waiting<Value, Key>[] = [];
  let running = 0;

  async function run(): Promise<void> {
    if (running >= MAX_RUNNING) return;
    running += 1;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_KEYS);
      waiting = waiting.slice(MAX_KEYS);
      try {
        const found = await find(batch.map(({ key }) => key));
        for (const { key, resolve } of batch) resolve(found.get(key));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running -= 1;
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (waiting.length === 1) setImmediate(run);
    });
}
