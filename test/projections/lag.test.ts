import { expect, test } from 'vitest';
import { createLag } from '../../projections/lag.js';
import { sessions } from '../../projections/sessions-projection.js';
import { book, checkpoint, run, scheduled, testWorld } from './support.js';

test('nothing waits in an empty log', async () => {
  const { store, pool } = await testWorld();
  expect(await createLag(store, pool, 'sessions')()).toEqual({ behind: 0, hasCaughtUp: true });
});

test('grows while an event waits, and is 0 again once it is applied', async () => {
  const world = await testWorld();
  const lag = createLag(world.store, world.pool, 'sessions');
  const behind = async () => (await lag()).behind;
  const head = await book(world.store, scheduled());
  await behind();
  await expect.poll(behind).toBeGreaterThan(50);

  run(sessions, world);
  await expect.poll(() => checkpoint(world.pool, 'sessions')).toBe(head);
  expect(await behind()).toBe(0);
});

test('does not grow while the projection moves, even if it is never quite at the head', async () => {
  const { store, pool } = await testWorld();
  const lag = createLag(store, pool, 'sessions');
  const behind = async () => (await lag()).behind;
  let head = await book(store, scheduled());
  await behind();
  await expect.poll(behind).toBeGreaterThan(50);

  const applied = head;
  head = await book(store, scheduled());
  await pool.query("insert into read_model.checkpoints values ('sessions', $1)", [applied]);
  const asked = performance.now();
  const lagging = await behind();
  // Counted from this look, not from the first one.
  expect(lagging).toBeLessThanOrEqual(performance.now() - asked);
});

test('a projection has caught up once it has applied what was there at the first look, and for good', async () => {
  const { store, pool } = await testWorld();
  const lag = createLag(store, pool, 'sessions');
  const before = await book(store, scheduled());
  const first = await book(store, scheduled());
  expect(await lag()).toMatchObject({ hasCaughtUp: false });
  await pool.query("insert into read_model.checkpoints values ('sessions', $1)", [before]);
  expect(await lag()).toMatchObject({ hasCaughtUp: false });

  await book(store, scheduled());
  await pool.query('update read_model.checkpoints set position = $1', [first]);
  expect(await lag()).toMatchObject({ hasCaughtUp: true });
  await book(store, scheduled());
  expect(await lag()).toMatchObject({ hasCaughtUp: true });
});

test('a read model that was made from another log is not taken for one that keeps up', async () => {
  const { store, pool } = await testWorld();
  const head = await book(store, scheduled());
  await pool.query("insert into read_model.checkpoints values ('sessions', $1)", [head + 1n]);
  await expect(createLag(store, pool, 'sessions')()).rejects.toThrow('ahead of the event log');
});
