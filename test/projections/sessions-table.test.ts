import { afterAll, beforeAll, expect, test } from 'vitest';
import { put } from '../../projections/projection.js';
import { sessionChanges, sessionsTable } from '../../projections/sessions/sessions-table.js';
import type { RowOf } from '../../projections/table.js';
import { NOON, openWorld, putRows, scheduled, type World } from './support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const event = scheduled({ sessionId: '01890000-0000-7000-8000-000000000001' });

type Row = RowOf<typeof sessionsTable>;

const row: Row = {
  id: event.sessionId,
  coachHashId: 'ann',
  clientHashId: 'bob',
  start: NOON,
  duration: 60,
  state: 'scheduled',
  revision: 4n,
  createdAt: event.scheduledAt,
  updatedAt: event.scheduledAt,
};

test('a booking makes a session', () => {
  expect(sessionChanges(event, 4n)).toMatchObject([put(sessionsTable, row)]);
});

test('a session is a row under the names of the columns', async () => {
  await putRows(world.pool, sessionsTable, row);
  expect((await world.pool.query('select * from read_model.sessions')).rows).toEqual([
    {
      id: row.id,
      coach_hash_id: 'ann',
      client_hash_id: 'bob',
      start: new Date(NOON),
      duration: 60,
      state: 'scheduled',
      revision: 4n,
      created_at: new Date(event.scheduledAt),
      updated_at: new Date(event.scheduledAt),
    },
  ]);
});

test('every table, column and index of the read model says what it is', async () => {
  const { rows } = await world.pool.query(`
    select relname, attname
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and relkind = 'r'
    where nspname = 'read_model' and relkind in ('r', 'i')
      and relname not like 'migrations%' and relname not like '%_pkey'
      and (obj_description(pg_class.oid, 'pg_class') is null
        or (attnum is not null and col_description(pg_class.oid, attnum) is null))`);
  expect(rows).toEqual([]);
});
