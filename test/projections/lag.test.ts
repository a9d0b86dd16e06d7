import { expect, test } from 'vitest';
import { createLag } from '../../projections/lag.js';
import { sessions } from '../../projections/sessions-projection.js';
import { book, checkpoint, run, scheduled, testWorld } from './support.js';

test('nothing waits in an empty log', async () => {
  const { store, pool } = await testWorld();
  expect(await createLag(store, pool, 'sessions')()).toBe(0);
});

test('grows while an event waits, and is 0 again once it is applied', async () => {
  const world = await testWorld();
  const lag = createLag(world.store, world.pool, 'sessions');
  const head = await book(world.store, scheduled());
  await lag();
  await expect.poll(lag).toBeGreaterThan(50);

  run(sessions, world);
  await expect.poll(() => checkpoint(world.pool, 'sessions')).toBe(head);
  expect(await lag()).toBe(0);
});

test('does not grow while the projection moves, even if it is never quite at the head', async () => {
  const { store, pool } = await testWorld();
  const lag = createLag(store, pool, 'sessions');
  let head = await book(store, scheduled());
  await lag();
  await expect.poll(lag).toBeGreaterThan(50);

  const applied = head;
  head = await book(store, scheduled());
  await pool.query("insert into read_model.checkpoints values ('sessions', $1)", [applied]);
  expect(await lag()).toBeLessThan(50);
});

test('a read model that was made from another log is not taken for one that keeps up', async () => {
  const { store, pool } = await testWorld();
  const head = await book(store, scheduled());
  await pool.query("insert into read_model.checkpoints values ('sessions', $1)", [head + 1n]);
  await expect(createLag(store, pool, 'sessions')()).rejects.toThrow('ahead of the event log');
});
