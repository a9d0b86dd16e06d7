/**
 * What a team would do without events: Fastify, pg, and exclusion constraints that let Postgres refuse what overlaps,
 * of a coach and, unless GUARDS=coaches, of a client. Rivals for one time cause deadlocks, which are retried.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createApp, endOf, listen, type SessionJson, serveBooking, Taken, TooBusy } from './session-api.js';

const EXCLUSION_VIOLATION = '23P01';
const DEADLOCK = '40P01';
const ATTEMPTS = 5;

// With INSERT_MODE=on-conflict Postgres looks before it inserts, and causes no deadlocks.
const onConflict = process.env['INSERT_MODE'] === 'on-conflict' ? 'on conflict do nothing' : '';

const guardsClients = process.env['GUARDS'] !== 'coaches';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['POOL_SIZE'] ?? 20),
});

await pool.query(await readFile('bench/peers/sessions.sql', 'utf8'));
await pool.query(`
  alter table sessions add column during tstzrange not null,
    add constraint coach_is_free exclude using gist (coach_hash_id with =, during with &&)`);
if (guardsClients) {
  await pool.query(`
    alter table sessions
      add constraint client_is_free exclude using gist (client_hash_id with =, during with &&)`);
}

async function insert(session: SessionJson): Promise<boolean> {
  const { id, coach_hash_id, client_hash_id, start, duration, created_at } = session;
  const { rowCount } = await pool.query({
    name: 'insert',
    text: `
      insert into sessions
        (id, coach_hash_id, client_hash_id, start, duration, state, created_at, updated_at, during)
      values ($1, $2, $3, $4, $5, 'scheduled', $6, $6, tstzrange($4, $7))
      ${onConflict}`,
    values: [id, coach_hash_id, client_hash_id, start, duration, created_at, endOf(session)],
  });
  return rowCount === 1;
}

/** What is in the way, for the answer. */
async function inTheWay(session: SessionJson): Promise<{ start: string; end: string } | undefined> {
  const { rows } = await pool.query<{ start: Date; end: Date }>({
    name: 'in the way',
    text: `
      select lower(during) as start, upper(during) as end from sessions
      where (coach_hash_id = $1 ${guardsClients ? 'or client_hash_id = $4' : ''}) and during && tstzrange($2, $3)
      order by start limit 1`,
    values: [session.coach_hash_id, session.start, endOf(session), ...(guardsClients ? [session.client_hash_id] : [])],
  });
  return rows[0] && { start: rows[0].start.toISOString(), end: rows[0].end.toISOString() };
}

async function book(session: SessionJson): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      if (await insert(session)) return;
      throw new Taken(await inTheWay(session));
    } catch (error) {
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      if (code === EXCLUSION_VIOLATION) throw new Taken(await inTheWay(session));
      if (code !== DEADLOCK) throw error;
      await sleep(Math.random() * 20 * attempt);
    }
  }
  throw new TooBusy('too many want this time at once');
}

const app = createApp();
serveBooking(app, book);
await listen(app);
