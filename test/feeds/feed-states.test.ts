import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { feedMetrics } from '../../src/feeds/feed-metrics.js';
import { feedStates } from '../../src/feeds/feed-states.js';
import { saveCursor, saveError } from '../../src/feeds/sinks/cursors.js';
import { leaseOf } from '../../src/feeds/sinks/run-sink.js';
import { openExclusiveConnection } from '../../src/postgres/exclusive-connection.js';
import { createPool } from '../../src/postgres/pool.js';
import { createTestDatabase } from '../support/database.js';
import { events } from '../support/event-store-samples.js';
import { createMemoryLog } from '../support/memory-event-store.js';

/** A log with two events of a coach, then one of a client; and a database for cursors. */
async function world() {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  await migrateReadModel(url);
  const pool = createPool(url, { max: 1, applicationName: 'test', log: pino({ level: 'silent' }) });
  onTestFinished(() => pool.end());
  const store = createMemoryLog().open();
  await store.append('coach-carol', 'any', events(2));
  await store.append('client-chris', 'any', events(1));
  const move = (reached: bigint) =>
    saveCursor(
      pool,
      'redis',
      { id: '0190f7c8-0000-7000-8000-000000000000', coachHashId: 'carol', position: reached, revision: 0 },
      reached,
    );
  const states = (...configured: string[]) => feedStates(pool, store, configured);
  return { url, pool, move, states };
}

test('a feed that never ran has everything before it', async () => {
  const { states } = await world();
  const [state] = await states('redis');
  expect(state).toMatchObject({ feed: 'redis', state: 'new', position: undefined, lag: { positions: 3n } });
});

test('a feed that has told the last change of a coach is not behind, whatever clients do', async () => {
  const { move, states } = await world();
  await move(2n);
  expect(await states()).toMatchObject([{ feed: 'redis', position: 2n, lag: { positions: 0n, ms: 0 } }]);
});

test('a feed is behind by what it has not told yet', async () => {
  const { move, states } = await world();
  await move(1n);
  const [state] = await states();
  expect(state!.lag.positions).toBe(2n);
  expect(state!.lag.ms).toBeLessThan(60_000);
});

test('a feed is stopped, running or failing, by who holds its lease and what happened last', async () => {
  const { url, pool, move, states } = await world();
  await move(2n);
  expect(await states('redis')).toMatchObject([{ state: 'stopped' }]);
  const holder = await openExclusiveConnection(url, 'test', 5_000, new AbortController().signal);
  onTestFinished(holder.close);
  await holder.tryLock(leaseOf('redis'));
  expect(await states()).toMatchObject([{ state: 'running', lastError: undefined }]);
  await saveError(pool, 'redis', 'Redis is full');
  expect(await states()).toMatchObject([
    { state: 'failing', lastError: 'Redis is full', failingSince: expect.any(Date) },
  ]);
});

test('a sink that the settings do not name any more is off, and has no numbers', async () => {
  const { move, states } = await world();
  await move(1n);
  const all = await states();
  expect(all).toMatchObject([{ feed: 'redis', state: 'off' }]);
  expect(feedMetrics(all).flatMap(({ samples }) => samples)).toEqual([]);
  expect(feedMetrics(await states('redis')).flatMap(({ samples }) => samples)).not.toEqual([]);
});
