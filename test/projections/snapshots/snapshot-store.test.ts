import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSnapshots } from '../../../projections/snapshots/snapshot-store.js';
import type { Snapshot } from '../../../src/application/snapshots/snapshots.js';
import { openWorld, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function snapshot(bytes: number, form = 1): Snapshot {
  return { revision: 7n, eventId: randomUUID(), position: 9n, form, state: randomBytes(bytes) };
}

function expectSame(loaded: Snapshot | undefined, { state, ...saved }: Snapshot): void {
  expect(loaded).toMatchObject(saved);
  // By itself: the matchers go through a buffer byte by byte.
  expect(loaded?.state.equals(state)).toBe(true);
}

test.each([0, 1, 99_999, 100_000, 250_001])('a snapshot of %i bytes is loaded as it was saved', async (bytes) => {
  const [stream, saved] = [randomUUID(), snapshot(bytes)];
  const { save, load } = createSnapshots(world.pool);
  await save(stream, saved);
  expectSame(await load(stream, 1), saved);
});

test('only the last one of a stream is kept', async () => {
  const [stream, other, last] = [randomUUID(), randomUUID(), snapshot(150_000)];
  const { save, load } = createSnapshots(world.pool);
  await world.pool.query('delete from read_model.snapshots');
  for (const each of [snapshot(250_000), last]) await save(stream, each);
  await save(other, snapshot(10));
  expectSame(await load(stream, 1), last);

  const { rows } = await world.pool.query('select snapshot, nr from read_model.snapshot_parts');
  expect(rows).toHaveLength(3);
});

test('finds no snapshot of another stream or in another form', async () => {
  const stream = randomUUID();
  const { save, load } = createSnapshots(world.pool);
  await save(stream, snapshot(1));
  expect(await load(stream, 2)).toBeUndefined();
  expect(await load(randomUUID(), 1)).toBeUndefined();
});
