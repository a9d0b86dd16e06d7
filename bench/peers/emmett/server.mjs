/**
 * What a team would do with a ready-made library: Emmett's Postgres event store with a decider for the same rule,
 * behind Fastify. A projection in the transaction of the append keeps the table that lists need; conflicts are retried
 * as its documentation advises.
 */
import { readFile } from 'node:fs/promises';
import { SQL } from '@event-driven-io/dumbo';
import { CommandHandler, projections } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, postgreSQLRawSQLProjection } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { createApp, endOf, listen, serveBooking, Taken, TooBusy } from '../../../dist/bench/peers/session-api.js';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE ?? 20) });
await pool.query(await readFile('bench/peers/sessions.sql', 'utf8'));

const sessionsProjection = postgreSQLRawSQLProjection({
  name: 'sessions',
  canHandle: ['SessionScheduled'],
  evolve: ({ data: session }) =>
    SQL`insert into sessions (id, coach_hash_id, client_hash_id, start, duration, state, created_at, updated_at)
      values (${session.id}, ${session.coach_hash_id}, ${session.client_hash_id}, ${session.start}, ${session.duration},
        'scheduled', ${session.created_at}, ${session.updated_at})`,
});

const store = getPostgreSQLEventStore(process.env.DATABASE_URL, {
  projections: projections.inline([sessionsProjection]),
  connectionOptions: { pooled: true, pool },
});
await store.schema.migrate();

const handle = CommandHandler({
  initialState: () => [],
  evolve: (taken, { data }) => [...taken, { start: Date.parse(data.start), end: endOf(data).getTime() }],
  mapToStreamId: (coachHashId) => `coach-${coachHashId}`,
  retry: { onVersionConflict: true },
});

function schedule(session, taken) {
  const start = Date.parse(session.start);
  const end = endOf(session).getTime();
  const inTheWay = taken.find((other) => other.start < end && start < other.end);
  if (inTheWay) {
    const text = (ms) => new Date(ms).toISOString();
    throw new Taken({ start: text(inTheWay.start), end: text(inTheWay.end) });
  }
  return { type: 'SessionScheduled', data: session };
}

async function book(session) {
  try {
    await handle(store, session.coach_hash_id, (taken) => schedule(session, taken));
  } catch (error) {
    if (error?.constructor?.name === 'ExpectedVersionConflictError')
      throw new TooBusy('too many want this coach at once');
    throw error;
  }
}

const app = createApp();
serveBooking(app, book);
await listen(app);
