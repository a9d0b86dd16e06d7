import pg from 'pg';
import { connectionSettings } from '../src/postgres/pool.js';
import { waitAtMost } from '../src/waiting.js';

/** In milliseconds. */
const CONNECT_TIMEOUT = 3_000;
const CLOSE_TIMEOUT = 1_000;

/**
 * A connection for work that one process does at a time. It can hold locks that only one connection of the database
 * holds at a time, and a process that writes on the same connection cannot write without them: it loses both together.
 */
export interface ExclusiveConnection {
  readonly client: pg.Client;
  /** Aborts when the connection is lost or closed. */
  readonly lost: AbortSignal;
  /** Takes the lock with this name unless another connection holds it. Returns whether this one holds it now. */
  tryLock(name: string): Promise<boolean>;
  /** Whether another connection holds the lock with this name now. */
  isTaken(name: string): Promise<boolean>;
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
    await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3');
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
    close,
  };
}

function lockName(name: string): string {
  return `read_model ${name}`;
}
