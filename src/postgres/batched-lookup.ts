/** The most lookups under way at a time. */
const MAX_RUNNING = 2;

interface Waiting<Value, Key> {
  readonly key: Key;
  resolve(value: Value | undefined): void;
  reject(error: unknown): void;
}

/**
 * A lookup of one key that shares its statement with other callers: keys that are asked for in the same turn of the
 * event loop, or while enough lookups are under way, are looked up together. A lookup begins after all of its keys were
 * asked for, so it finds everything that was there by then.
 * @param find looks keys up; a key without a value is not in the map; when it throws, so do the calls for all its keys
 * @param maxKeys the most keys in a lookup
 */
export function createBatchedLookup<Value, Key = string>(
  find: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
  maxKeys = 500,
): (key: Key) => Promise<Value | undefined> {
  let waiting: Waiting<Value, Key>[] = [];
  let running = 0;

  async function run(): Promise<void> {
    if (running >= MAX_RUNNING) return;
    running += 1;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxKeys);
      waiting = waiting.slice(maxKeys);
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
