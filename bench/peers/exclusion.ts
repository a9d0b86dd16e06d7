/**
 * What the peers with exclusion constraints have in common, whichever client of Postgres they use. Postgres refuses what
 * overlaps, of a coach and, unless GUARDS=coaches, of a client. Rivals for one time cause deadlocks, which are retried;
 * with INSERT_MODE=on-conflict Postgres looks before it inserts, and causes none. The Go peer does the same.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp, endOf, listen, type SessionJson, serveBooking, Taken, TooBusy } from './session-api.js';

/** A pool of connections, as the peers use it. Rejects with errors that have the SQLSTATE as their `code`. */
export interface Database {
  /** Runs statements that take no values. */
  script(text: string): Promise<unknown>;
  /** Runs a statement, prepared under a name. */
  run<Row extends object>(
    name: string,
    text: string,
    values: readonly Value[],
  ): Promise<{ readonly rows: readonly Row[]; readonly count: number }>;
}

/** What the statements take. */
export type Value = string | number | Date;

const EXCLUSION_VIOLATION = '23P01';
const DEADLOCK = '40P01';
const ATTEMPTS = 5;

const guardsClients = process.env['GUARDS'] !== 'coaches';
const onConflict = process.env['INSERT_MODE'] === 'on-conflict';
const insertSession = `${sql('insert-session')}${onConflict ? 'on conflict do nothing' : ''}`;
const inTheWay = `
  select lower(during) as start, upper(during) as end from sessions
  where ${guardsClients ? '(coach_hash_id = $1 or client_hash_id = $4)' : 'coach_hash_id = $1'}
    and during && tstzrange($2, $3)
  order by start limit 1`;

/** How many connections a peer has, and where to. */
export const POOL = { url: process.env['DATABASE_URL'] ?? '', size: Number(process.env['POOL_SIZE'] ?? 20) };

/** Creates the table, and serves bookings until a signal ends the process. */
export async function serve({ script, run }: Database): Promise<void> {
  for (const name of ['sessions', 'coach-is-free', ...(guardsClients ? ['client-is-free'] : [])])
    await script(sql(name));

  async function insert(session: SessionJson): Promise<boolean> {
    const { id, coach_hash_id, client_hash_id, start, duration, created_at } = session;
    const values = [id, coach_hash_id, client_hash_id, start, duration, created_at, endOf(session)];
    const { count } = await run('insert', insertSession, values);
    return count === 1;
  }

  /** What is in the way, for the answer. */
  async function taken(session: SessionJson): Promise<Taken> {
    const { coach_hash_id, client_hash_id, start } = session;
    const values = [coach_hash_id, start, endOf(session), ...(guardsClients ? [client_hash_id] : [])];
    const { rows } = await run<{ start: Date; end: Date }>('in the way', inTheWay, values);
    return new Taken(rows[0] && { start: rows[0].start.toISOString(), end: rows[0].end.toISOString() });
  }

  async function book(session: SessionJson): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        if (await insert(session)) return;
        throw await taken(session);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === EXCLUSION_VIOLATION) throw await taken(session);
        if (code !== DEADLOCK) throw error;
        await sleep(Math.random() * 20 * attempt);
      }
    }
    throw new TooBusy('too many want this time at once');
  }

  const app = createApp();
  serveBooking(app, book);
  await listen(app);
}

function sql(name: string): string {
  return readFileSync(`bench/peers/${name}.sql`, 'utf8');
}
