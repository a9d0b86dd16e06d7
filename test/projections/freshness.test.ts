import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFreshness } from '../../projections/freshness.js';
import { ReadModelUnavailable } from '../../src/application/read-model.js';
import { createPool } from '../../src/postgres/pool.js';
import { Cancellation } from '../../src/waiting.js';
import { openWorld, silent, type World } from './support.js';

/** How long a busy machine may take for something quick, in milliseconds. */
const SOON = { timeout: 20_000 };

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.pool.query('truncate read_model.checkpoints');
});

const never = new Cancellation();

function freshness({ timeLimit = 10_000, pool = world.pool } = {}) {
  return createFreshness({ pool, projection: 'sessions', timeLimit });
}

/** Moves the checkpoint as a runner in another process does. */
async function moveTo(position: bigint): Promise<void> {
  await world.pool.query(
    `insert into read_model.checkpoints values ('sessions', $1)
     on conflict (projection) do update set position = excluded.position`,
    [position],
  );
}

test('the start of the log is reached without asking', async () => {
  const query = vi.spyOn(world.pool, 'query');
  onTestFinished(() => query.mockRestore());
  await freshness().reached(0n, never);
  expect(query).not.toHaveBeenCalled();
});

test('what a runner in this process reported is reached without asking', async () => {
  const query = vi.spyOn(world.pool, 'query');
  onTestFinished(() => query.mockRestore());
  const fresh = freshness();
  fresh.report(7n);
  await fresh.reached(7n, never);
  fresh.report(3n);
  await fresh.reached(7n, never);
  expect(query).not.toHaveBeenCalled();
});

test('a report wakes those who wait for that position, and no others', async () => {
  const fresh = freshness();
  const reached: bigint[] = [];
  const waits = [5n, 6n, 7n].map(async (position) => {
    await fresh.reached(position, never);
    reached.push(position);
  });
  fresh.report(6n);
  await Promise.all(waits.slice(0, 2));
  expect(reached).toEqual([5n, 6n]);
  fresh.report(7n);
  await Promise.all(waits);
});

test('sees the progress of another process', async () => {
  await moveTo(4n);
  const fresh = freshness();
  await fresh.reached(4n, never);
  const later = fresh.reached(5n, never);
  await moveTo(9n);
  await later;
});

test('looks once for all callers that wait, and stops when none waits', async () => {
  const query = vi.spyOn(world.pool, 'query');
  onTestFinished(() => query.mockRestore());
  const fresh = freshness();
  const waits = Promise.all(Array.from({ length: 100 }, () => fresh.reached(5n, new Cancellation())));
  await vi.waitFor(() => expect(query.mock.calls.length).toBeGreaterThan(2), SOON);
  // A look of each would be 100 at a time.
  expect(query.mock.calls.length).toBeLessThan(100);

  fresh.report(5n);
  await waits;
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0), SOON);
});

test('gives up after the time limit', async () => {
  await moveTo(4n);
  const waiting = freshness({ timeLimit: 1_000 }).reached(5n, never);
  await expect(waiting).rejects.toThrow(ReadModelUnavailable);
  await expect(waiting).rejects.toThrow('the projection sessions is at position 4, not at 5, after 1000 ms');
});

test('a wait ends with the reason of its cancellation, and leaves the others waiting', async () => {
  const fresh = freshness();
  const caller = new Cancellation();
  const mine = fresh.reached(5n, caller);
  const theirs = fresh.reached(5n, never);
  caller.abort(new Error('hung up'));
  await expect(mine).rejects.toThrow('hung up');
  await expect(fresh.reached(5n, caller)).rejects.toThrow('hung up');
  fresh.report(5n);
  await theirs;
});

test('waits through an outage shorter than the time limit', async () => {
  await world.pool.query('alter table read_model.checkpoints rename to away');
  const waiting = freshness().reached(5n, never);
  await world.pool.query('alter table read_model.away rename to checkpoints');
  await moveTo(5n);
  await waiting;
});

test('gives up with the cause while Postgres is unavailable', async () => {
  const pool = createPool('postgres://127.0.0.1:1/nowhere', { max: 1, applicationName: 'test', log: silent });
  onTestFinished(() => pool.end());
  const waiting = freshness({ pool, timeLimit: 1_000 }).reached(5n, never);
  await expect(waiting).rejects.toMatchObject({
    name: 'ReadModelUnavailable',
    cause: { name: 'ReadModelUnavailable', message: 'Postgres does not answer' },
  });
});

test('a rest ends as soon as someone waits, and none begins while someone does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const fresh = freshness();
  const rest = fresh.rest(never.signal);
  const waiting = fresh.reached(5n, never);
  await rest;
  await fresh.rest(never.signal);
  fresh.report(5n);
  await waiting;
});

test('a rest ends by itself, or when its signal aborts', async () => {
  await freshness().rest(never.signal);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const runner = new AbortController();
  const rest = freshness().rest(runner.signal);
  runner.abort();
  await rest;
  await freshness().rest(runner.signal);
  expect(vi.getTimerCount()).toBe(0);
});

describe('who hurries nobody', () => {
  test('learns how far the projection has come, by a report or by the checkpoint', async () => {
    const fresh = freshness();
    await moveTo(4n);
    expect(await fresh.position()).toBe(4n);
    const query = vi.spyOn(world.pool, 'query');
    onTestFinished(() => query.mockRestore());
    fresh.report(7n);
    expect(await fresh.position()).toBe(7n);
    expect(query).not.toHaveBeenCalled();
  });

  test('waits for a position as long as it takes, whoever brings it', async () => {
    const { signal } = new AbortController();
    for (const bring of [async (fresh: ReturnType<typeof freshness>) => fresh.report(5n), () => moveTo(5n)]) {
      await moveTo(1n);
      const fresh = freshness({ timeLimit: 1 });
      let hasPassed = false;
      const passed = fresh.passed(5n, signal).then(() => {
        hasPassed = true;
      });
      await expect(fresh.reached(5n, never)).rejects.toThrow(ReadModelUnavailable);
      expect(hasPassed).toBe(false);
      await bring(fresh);
      await passed;
    }
  });

  test('leaves the runner its rest', async () => {
    const fresh = freshness();
    const leaving = new AbortController();
    const passed = fresh.passed(5n, leaving.signal);
    let hasRested = false;
    const rest = fresh.rest(never.signal).then(() => {
      hasRested = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRested).toBe(false);
    await rest;
    leaving.abort(new Error('gone'));
    await expect(passed).rejects.toThrow('gone');
  });

  test('asks a silent runner no more often for a hundred who wait than for one', async () => {
    const fresh = freshness();
    const leaving = new AbortController();
    const query = vi.spyOn(world.pool, 'query');
    onTestFinished(() => query.mockRestore());
    const waiting = Array.from({ length: 100 }, () => fresh.passed(5n, leaving.signal).catch(() => {}));
    await expect.poll(() => query.mock.calls.length, SOON).toBeGreaterThan(2);
    expect(query.mock.calls.length).toBeLessThan(waiting.length);
    leaving.abort();
    await Promise.all(waiting);
  });
});
