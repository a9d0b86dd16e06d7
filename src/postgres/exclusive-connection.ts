import pg from 'pg';
import { waitAtMost } from '../waiting.js';
import { connectionSettings, SESSION_SETTINGS } from './pool.js';

/** In milliseconds. */
const CONNECT_TIMEOUT = 3_000;
const CLOSE_TIMEOUT = 1_000;

/** Milliseconds after its last statement when the holder of a lock is taken for frozen: three beats of the runner. */
const FROZEN_AFTER = 3_000;

/**
 * A connection for work that one process does at a time. It can hold locks that only one connection of the database
 * holds at a time, and a process that writes on the same connection cannot write without them: it loses both together.
 *
 * A lock is a lease: its holder calls `beat` once a second, or runs statements. A process that stops, with its
 * connection open, does neither; another one that wants the lock ends that connection. When the first process goes on,
 * it has lost the lock, and can write nothing that it had begun.
 */
export interface ExclusiveConnection {
  readonly client: pg.Client;
  /** Aborts when the connection is lost or closed. */
  readonly lost: AbortSignal;
  /** Takes the lock with this name unless another connection holds it. Returns whether this one holds it now. */
  tryLock(name: string): Promise<boolean>;
  /** Whether another connection holds the lock with this name now. */
  isTaken(name: string): Promise<boolean>;
  /** Shows that this process is alive. */
  beat(): Promise<void>;
  /**
   * Ends the connection that holds the lock with this name if its process is taken for frozen: it has run no statement
   * for some time, and none is under way. Answers whether it did.
   * @param after milliseconds
   */
  endFrozen(name: string, after?: number): Promise<boolean>;
  /** Ends the connection, its locks and a statement under way. */
  close(): Promise<void>;
}

/**
 * Connects to Postgres. Throws when Postgres is unavailable. When the signal aborts, the connection closes.
 * @param queryTimeout milliseconds that a statement may take
 */
export async function openExclusiveConnection(
  url: string,
  applicationName: string,
  queryTimeout: number,
  signal: AbortSignal,
): Promise<ExclusiveConnection> {
  const client = new pg.Client(connectionSettings(url, applicationName, CONNECT_TIMEOUT, queryTimeout));
  const lost = new AbortController();
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    signal.removeEventListener('abort', close);
    // A server that hangs never confirms the end.
    closed ??= waitAtMost(CLOSE_TIMEOUT, client.end());
    lost.abort(new Error('the connection to Postgres was closed'));
    await closed;
  }

  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('the connection to Postgres was lost')));
  try {
    await client.connect();
    // When this machine dies, the server must notice soon: until then no other process can take the lock over.
    const keepalives = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';
    await client.query(`${SESSION_SETTINGS}; ${keepalives}`);
    signal.throwIfAborted();
  } catch (error) {
    await close();
    throw error;
  }
  signal.addEventListener('abort', close);

  return {
    client,
    lost: lost.signal,
    async tryLock(name) {
      const { rows } = await client.query<{ locked: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
        [lockName(name)],
      );
      return rows[0]!.locked;
    },
    async isTaken(name) {
      const { rows } = await client.query<{ taken: boolean }>(
        `select not (pg_try_advisory_lock(key) and pg_advisory_unlock(key)) as taken
         from hashtextextended($1, 0) as key`,
        [lockName(name)],
      );
      return rows[0]!.taken;
    },
    beat: async () => void (await client.query(HEARTBEAT)),
    async endFrozen(name, after = FROZEN_AFTER) {
      const { rowCount } = await client.query(END_FROZEN, [lockName(name), after]);
      return rowCount !== 0;
    },
    close,
  };
}

const HEARTBEAT = { name: 'heartbeat', text: 'select' };

// An advisory lock has the halves of its key in two columns. A statement whose answer the process does not take counts
// as none. Connections of roles that this one is no member of stay.
const END_FROZEN = `
  select pg_terminate_backend(holder.pid)
  from hashtextextended($1, 0) as key
  join pg_locks held on held.locktype = 'advisory' and held.objsubid = 1 and held.granted
    and held.classid = ((key >> 32) & 4294967295)::oid and held.objid = (key & 4294967295)::oid
  join pg_database on pg_database.oid = held.database and datname = current_database()
  join pg_stat_activity holder on holder.pid = held.pid
  where holder.state_change < clock_timestamp() - $2 * interval '1 ms'
    and (holder.state <> 'active' or holder.wait_event_type = 'Client')
    and pg_has_role(holder.usesysid, 'member')`;

/** Which of these locks connections of the database hold now. */
export async function heldLocks(
  database: Pick<pg.Pool, 'query'>,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ name: string }>(HELD, [names.map(lockName)]);
  const held = new Set(rows.map(({ name }) => name));
  return new Set(names.filter((name) => held.has(lockName(name))));
}

const HELD = `
  select distinct name
  from unnest($1::text[]) as name, hashtextextended(name, 0) as key
  join pg_locks held on held.locktype = 'advisory' and held.objsubid = 1 and held.granted
    and held.classid = ((key >> 32) & 4294967295)::oid and held.objid = (key & 4294967295)::oid
  join pg_database on pg_database.oid = held.database and datname = current_database()`;

function lockName(name: string): string {
  return `read_model ${name}`;
}
