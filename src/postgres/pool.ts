import pg from 'pg';
import type { Logger } from 'pino';

/** What a pool needs to know. */
export interface PoolOptions {
  /** The most connections that the pool opens. */
  readonly max: number;
  /** How the connections are named in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Logger;
  /**
   * Milliseconds after which a statement fails, on the server and, should the server be silent, here. Default 10,000.
   */
  readonly queryTimeout?: number;
  /** Milliseconds to wait for a connection, new or free. Default 3,000. */
  readonly connectTimeout?: number;
}

/**
 * A pool of connections to Postgres. Every query settles within its time limits. `bigint` columns arrive as `bigint`. A
 * connection lost while idle is replaced at the next query and logged once per outage.
 */
export function createPool(url: string, options: PoolOptions): pg.Pool {
  const { max, applicationName, log, queryTimeout = 10_000, connectTimeout = 3_000 } = options;
  const pool = new pg.Pool({ ...connectionSettings(url, applicationName, connectTimeout, queryTimeout), max });
  let outageLogged = false;
  pool.on('connect', () => {
    outageLogged = false;
  });
  pool.on('error', (err) => {
    if (!outageLogged) log.warn({ err, pool: applicationName }, 'lost an idle connection to Postgres');
    outageLogged = true;
  });
  return pool;
}

/** The settings of a single connection that behaves as those of a pool do. Times are in milliseconds. */
export function connectionSettings(
  url: string,
  applicationName: string,
  connectTimeout: number,
  queryTimeout: number,
): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: queryTimeout,
    // The server's own limit comes first: it says more, and the connection stays usable.
    query_timeout: queryTimeout + 500,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format as 'text');
}

/** SQLSTATE classes and codes by which a server says that it cannot serve now, while the request may be fine. */
const AWAY = [
  '08', // connection exception
  '53', // out of connections, disk or memory
  '57P', // shutting down, starting up, crashed
  '57014', // the statement's time limit
  '55P03', // the lock's time limit
  '58', // the system beneath failed
  '25006', // a standby: another server is now the primary
];

/** What pg says without a code. */
const LOST =
  /^(Connection terminated|Query read timeout|timeout (exceeded|expired)|Client (has encountered|was closed)|Cannot use a pool)/;

/**
 * Whether an error says that Postgres is away or too slow, not that the statement is wrong. A statement that failed so
 * may have been carried out.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.some((prefix) => error.code?.startsWith(prefix));
  // A connection refused on every address of a host is an AggregateError of system errors, with the code of the first.
  return error instanceof Error && (LOST.test(error.message) || 'syscall' in error || error instanceof AggregateError);
}
