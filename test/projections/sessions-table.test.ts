import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SessionChange, sessionsTable } from '../../projections/sessions/sessions-table.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import { NOON, openWorld, scheduled, stored, type World } from './support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const event = scheduled({ sessionId: '01890000-0000-7000-8000-000000000001' });

const change: SessionChange = {
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

function recorded(revision: bigint): RecordedEvent {
  return { ...stored(event), stream: 'coach-ann', revision, position: 9n, recordedAt: new Date() };
}

/** What the table has of a session after the changes, times as epoch milliseconds. */
async function rowAfter(...batches: SessionChange[][]) {
  await world.pool.query('truncate read_model.sessions');
  for (const batch of batches) await world.pool.query(sessionsTable.write(batch, 'read_model.sessions'));
  const { rows } = await world.pool.query('select * from read_model.sessions');
  expect(rows).toHaveLength(1);
  return rows[0];
}

test('a booking makes a session', () => {
  expect(sessionsTable.changesOf(recorded(4n))).toEqual([change]);
});

test('an event that the codec does not know is refused', () => {
  expect(() => sessionsTable.changesOf({ ...recorded(4n), type: 'aceup.scheduler.v9.SessionScheduled' })).toThrow(
    'unknown type',
  );
});

test('a session is a row under the names of the columns', async () => {
  expect(await rowAfter([change])).toEqual({
    id: change.id,
    coach_hash_id: 'ann',
    client_hash_id: 'bob',
    start: new Date(NOON),
    duration: 60,
    state: 'scheduled',
    revision: 4n,
    created_at: new Date(event.scheduledAt),
    updated_at: new Date(event.scheduledAt),
  });
});

test.each([
  ['what Postgres takes for an absent value', 'NULL'],
  ['quotes, braces, commas and backslashes', '{"a",\'b\'\\}'],
])('a coach may be called by %s', async (_, coachHashId) => {
  expect(await rowAfter([{ ...change, coachHashId }])).toMatchObject({ coach_hash_id: coachHashId });
});

test.each(['0001-01-01T00:00:00.001Z', '1969-12-31T23:59:59.999Z', '9999-12-30T23:59:59.999Z'])(
  'a time is kept to the millisecond: %s',
  async (time) => {
    expect(await rowAfter([{ ...change, start: Date.parse(time) }])).toMatchObject({ start: new Date(time) });
  },
);

test('of several changes of a session at once the last one stays', async () => {
  const later = { ...change, revision: 5n, duration: 30 };
  expect(await rowAfter([change, later])).toMatchObject({ revision: 5n, duration: 30 });
});

test('a later change updates the row', async () => {
  const later = { ...change, revision: 5n, start: NOON + 1, duration: 30, updatedAt: NOON };
  expect(await rowAfter([change], [later])).toMatchObject({
    revision: 5n,
    start: new Date(NOON + 1),
    duration: 30,
    created_at: new Date(event.scheduledAt),
    updated_at: new Date(NOON),
  });
});

test('a change that comes again does not undo a later one', async () => {
  const later = { ...change, revision: 5n, duration: 30 };
  expect(await rowAfter([change], [later], [change])).toMatchObject({ revision: 5n, duration: 30 });
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
