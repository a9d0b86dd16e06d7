import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connectionSettings } from '../src/postgres/pool.js';

const CONNECT_TIMEOUT = 3_000;
const CLOSE_TIMEOUT = 1_000;

/**
 * A connection that can hold a lock which only one connection of the database holds at a time. Who writes on the
 * connection that holds the lock cannot write without the lock: the two are lost together.
 */
export interface ExclusiveConnection {
  readonly client: pg.Client;
  /** Aborts when the connection is lost or closed. */
  readonly lost: AbortSignal;
  /** Whether the lock of this name is now held. It is, from then on, until the connection ends. */
  tryLock(name: string): Promise<boolean>;
  /** Ends the connection, and with it a statement under way. */
  close(): Promise<void>;
}

/**
 * Connects to Postgres. Throws when it is away. When the signal aborts, the connection closes.
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
  let closed: Promise<unknown> | undefined;

  async function close(): Promise<void> {
    signal.removeEventListener('abort', close);
    // A server that stands still never answers the goodbye.
    closed ??= Promise.race([client.end(), sleep(CLOSE_TIMEOUT, undefined, { ref: false })]);
    lost.abort(new Error('the connection to Postgres was closed'));
    await closed;
  }

  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('the connection to Postgres was lost')));
  try {
    await client.connect();
    // When this machine dies, the server must find out soon, or nobody could take the lock over.
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
        [`read_model ${name}`],
      );
      return rows[0]!.locked;
    },
    close,
  };
}
