import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadCheckpoint, readCheckpoint, saveProgress } from '../../projections/checkpoint.js';
import { add, type Change } from '../../projections/projection.js';
import { createSessionQueries } from '../../projections/sessions/session-queries.js';
import { sessionsTable } from '../../projections/sessions/sessions-table.js';
import { sessions } from '../../projections/sessions-projection.js';
import type { Table } from '../../projections/table.js';
import { sessionAfter } from '../../src/domain/coach/session.js';
import { connectionSettings } from '../../src/postgres/pool.js';
import { openWorld, putRows, scheduled, type World } from './support.js';

const session = sessionAfter(scheduled(), 0);
const booking = new Map<Table, Change[]>([[sessionsTable, [add(sessionsTable, session)]]]);

let world: World;
let client: pg.Client;
beforeAll(async () => {
  world = await openWorld();
  client = new pg.Client(connectionSettings(world.url, 'test', 3_000, 10_000));
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await world.close();
});
beforeEach(async () => {
  await world.pool.query('truncate read_model.checkpoints, read_model.sessions');
  await loadCheckpoint(client, sessions);
});

/** What readers find. */
async function found() {
  const { position } = await readCheckpoint(world.pool, sessions.name);
  return { position, session: await createSessionQueries(world.pool).get(session.id) };
}

const { reservationId: _, ...row } = session;

test('rows and checkpoint are saved together', async () => {
  expect(await saveProgress(client, sessions, 0n, 7n, booking)).toBe(true);
  expect(await found()).toEqual({ position: 7n, session: row });
});

test('nothing is saved when the checkpoint is not where it was', async () => {
  expect(await saveProgress(client, sessions, 3n, 7n, booking)).toBe(false);
  expect(await found()).toEqual({ position: 0n, session: undefined });
});

test('a new row that is there already, such as after a restore of one table, is put in its place', async () => {
  await putRows(world.pool, sessionsTable, { ...session, state: 'completed', revision: -1 });
  expect(await saveProgress(client, sessions, 0n, 7n, booking)).toBe(true);
  expect(await found()).toEqual({ position: 7n, session: row });
});
