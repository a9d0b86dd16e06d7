import { expect, test } from 'vitest';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';

/** A lookup whose batches the test answers itself, in upper case. */
function heldLookup() {
  const batches: { keys: readonly string[]; answer(): void; fail(error: Error): void }[] = [];
  const lookup = createBatchedLookup<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(new Map(keys.filter((key) => key !== 'x').map((key) => [key, key.toUpperCase()])));
        batches.push({ keys, answer, fail: reject });
      }),
  );
  return { batches, lookup, begun: (count: number) => expect.poll(() => batches.length, { interval: 1 }).toBe(count) };
}

test('keys asked for together are looked up together', async () => {
  const { batches, lookup, begun } = heldLookup();
  const answers = Promise.all(['a', 'b', 'a', 'x'].map(lookup));
  await begun(1);
  batches[0]?.answer();
  expect(await answers).toEqual(['A', 'B', 'A', undefined]);
  expect(batches).toHaveLength(1);
});

test('at most two lookups are under way; what is asked for meanwhile goes in the next', async () => {
  const { batches, lookup, begun } = heldLookup();
  const first = lookup('a');
  await begun(1);
  const second = lookup('b');
  await begun(2);
  const rest = Promise.all([lookup('c'), lookup('d')]);
  await new Promise(setImmediate);
  expect(batches).toHaveLength(2);

  batches[1]?.answer();
  expect(await second).toBe('B');
  await begun(3);
  expect(batches[2]?.keys).toEqual(['c', 'd']);
  batches[2]?.answer();
  batches[0]?.answer();
  expect(await rest).toEqual(['C', 'D']);
  expect(await first).toBe('A');
});

test('many keys go in several lookups', async () => {
  const { batches, lookup, begun } = heldLookup();
  const answers = Promise.all(Array.from({ length: 501 }, (_, n) => lookup(`k${n}`)));
  await begun(1);
  batches[0]?.answer();
  await begun(2);
  batches[1]?.answer();
  expect((await answers).at(-1)).toBe('K500');
  expect(batches.map(({ keys }) => keys.length)).toEqual([500, 1]);
});

test('a lookup that fails fails its keys only', async () => {
  const { batches, lookup, begun } = heldLookup();
  const failing = lookup('a');
  await begun(1);
  const fine = lookup('b');
  await begun(2);
  batches[0]?.fail(new Error('away'));
  batches[1]?.answer();
  await expect(failing).rejects.toThrow('away');
  expect(await fine).toBe('B');
});
