import pg from 'pg';
import type { Logger } from 'pino';
import { createRefusalLog, watchStatements } from './refusal-log.js';

/** The settings of a pool. */
export interface PoolOptions {
  /** The most connections that the pool opens. */
  readonly max: number;
  /** The connections' name in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Logger;
  /**
   * Milliseconds after which the server ends a statement, and, if the server is silent, this process gives up half a
   * second later. Default 10,000.
   */
  readonly queryTimeout?: number;
  /** Milliseconds to wait for a new or a free connection. Default 3,000. */
  readonly connectTimeout?: number;
  /**
   * Whether Postgres plans to read no table whole that has a fitting index, however small it is. A prepared statement
   * keeps its plan while the table grows. Default false. `options` in the URL take its place.
   */
  readonly planForGrowth?: boolean;
  /** The errors to log once, until they are over. Default `isOutOfOrder`. */
  readonly isRefusal?: (error: unknown) => boolean;
}

/**
 * A pool of connections to Postgres. Every query settles within its time limits. `bigint` columns arrive as `bigint`. A
 * connection lost while idle is replaced at the next query and logged once per outage. What the database refuses is
 * logged once, as an error with its SQLSTATE, until it is no longer refused.
 */
export function createPool(url: string, options: PoolOptions): pg.Pool {
  const { max, applicationName, log, queryTimeout = 10_000, connectTimeout = 3_000, planForGrowth } = options;
  const { isRefusal = isOutOfOrder } = options;
  const pool = new pg.Pool({
    ...connectionSettings(url, applicationName, connectTimeout, queryTimeout),
    ...(planForGrowth && { options: '-c enable_seqscan=off' }),
    max,
    onConnect: async (client) => void (await client.query(SESSION_SETTINGS)),
  });
  watchStatements(pool, createRefusalLog(log.child({ pool: applicationName }), isRefusal));
  let outageLogged = false;
  pool.on('connect', () => {
    outageLogged = false;
  });
  pool.on('error', (err: Error & { client?: pg.Client }) => {
    // Its statements with their values, and the key by which the server ends them: nothing for a log.
    delete err.client;
    if (!outageLogged) log.warn({ err, pool: applicationName }, 'lost an idle connection to Postgres');
    outageLogged = true;
  });
  return pool;
}

/**
 * What a role or a database may have otherwise, and the service relies on: a statement sees all that was committed before
 * it began.
 */
export const SESSION_SETTINGS = "set default_transaction_isolation = 'read committed'";

/** The settings of a single connection that behaves like one of a pool. Times are in milliseconds. */
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
    // The server's own limit is shorter: its error says more, and the connection stays usable.
    query_timeout: queryTimeout + 500,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format as 'text');
}

/** The SQLSTATE class of a server that refuses the role, or its password. */
const LOGIN_REFUSED = '28';

/** The SQLSTATE classes and codes of a server that cannot serve now, although the statement may be right. */
const UNAVAILABLE = [
  '08', // connection exception
  '25P', // the server's own time limits for transactions
  LOGIN_REFUSED, // as of a password that was changed here later than there
  '53', // out of connections, disk or memory
  '57P', // shutting down, starting up, crashed
  '57014', // the statement's time limit
  '55P03', // the lock's time limit
  '58', // the system beneath failed
  '25006', // a standby: another server is now the primary
  '3D000', // the database was renamed, as while another one takes its place
  '55000', // the database takes no connections
  '40001', // another transaction was in the way: a further attempt may find it gone
  '40P01', // so was one that waited for this one, too
];

/** The SQLSTATE classes and codes of a database that somebody has changed since it was made, or that is damaged. */
const OUT_OF_ORDER = [
  '3F000', // the schema is gone
  '42P01', // a table is gone
  '42501', // a right is gone
  'F0', // the server's configuration
  'XX', // damaged data, or a defect of the server
];

/** The SQLSTATE classes of a statement, or a value, that Postgres cannot take, whatever the database is like. */
const MISTAKES = [
  '0A', // not supported
  '21', // rows where one is expected
  '22', // a value that its type does not have
  '26', // a prepared statement that does not exist
  '42', // syntax, names and types
  '54', // larger than Postgres takes
];

/** The messages of pg's own errors, which have no code. */
const CONNECTION_LOST =
  /^(Connection terminated|Query read timeout|timeout (exceeded|expired)|Client (has encountered|was closed)|Cannot use a pool)/;

/** Whether an error says that the server refuses the role, or its password. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code?.startsWith(LOGIN_REFUSED) === true;
}

/** The codes of OpenSSL and Node for a server whose certificate, or the way to its authority, does not hold. */
const NOT_TRUSTED =
  /^(?:CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|INVALID_CA|ERR_TLS_CERT_ALTNAME)/;

/** Whether this process does not trust the certificate that the server shows. */
export function isCertificateRefused(error: unknown): boolean {
  return error instanceof Error && NOT_TRUSTED.test(String((error as NodeJS.ErrnoException).code));
}

/**
 * Whether an error says that Postgres is unavailable or too slow, or that other transactions were in the way, not that
 * the statement is wrong. The statement may have been carried out.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return isOneOf(UNAVAILABLE, error);
  // When every address of a host refuses the connection, the error is an AggregateError of system errors.
  return (
    error instanceof Error &&
    (CONNECTION_LOST.test(error.message) ||
      'syscall' in error ||
      error instanceof AggregateError ||
      // As of a certificate that expired while the service runs.
      isCertificateRefused(error))
  );
}

/**
 * Whether an error says that the database is not as the service left it: a right, a table or a schema is gone, or
 * something is damaged. No caller can cause it, and the statement was not carried out.
 */
export function isOutOfOrder(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && isOneOf(OUT_OF_ORDER, error);
}

/**
 * Whether an error says that the statement or one of its values is wrong, as only a defect of the service can cause it.
 */
export function isMistake(error: unknown): boolean {
  return error instanceof pg.DatabaseError && isOneOf(MISTAKES, error) && !isOutOfOrder(error);
}

/** What may be said of an error to anybody: the SQLSTATE, if Postgres answered with one. */
export function outline(error: unknown): string {
  return error instanceof pg.DatabaseError
    ? `Postgres answers with SQLSTATE ${error.code}`
    : 'Postgres does not answer';
}

function isOneOf(prefixes: readonly string[], { code }: pg.DatabaseError): boolean {
  return prefixes.some((prefix) => code?.startsWith(prefix));
}
