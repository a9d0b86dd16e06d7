import { jittered, pauseQuietly } from '../waiting.js';
import { type ExclusiveConnection, openExclusiveConnection } from './exclusive-connection.js';

/** Which lease to hold, and how. */
export interface LeaseParts {
  /** The database that keeps it. */
  readonly url: string;
  /** The lock that is the lease. */
  readonly name: string;
  /** What the database calls the connection. */
  readonly applicationName: string;
  /** Milliseconds that a statement may take. */
  readonly queryTimeout: number;
  /** Gives the lease up. */
  readonly signal: AbortSignal;
  /** Called while another process holds the lease, again and again. */
  readonly onWaiting?: () => void;
  /** Called when the process that held the lease has stopped, and this one is about to have it. */
  readonly onTakeOver?: () => void;
}

/** Milliseconds between two attempts of a waiting process to take the lease. */
const TAKE_OVER_INTERVAL = 250;

/**
 * Waits for the lease, then does the work while this process holds it; see `ExclusiveConnection`. Of all processes that
 * want it, one has it; another has it within 5 seconds of the death, or the freeze, of that one. Work must not go on
 * after `connection.lost` has aborted, and what it writes on the connection it writes as the holder only. It runs
 * statements or calls `connection.beat()` once a second.
 *
 * Rejects with what the work throws, with what Postgres throws, and when the connection is lost.
 */
export async function holdLease<Result>(
  parts: LeaseParts,
  work: (connection: ExclusiveConnection) => Promise<Result>,
): Promise<Result> {
  const { url, name, applicationName, queryTimeout, signal } = parts;
  const connection = await openExclusiveConnection(url, applicationName, queryTimeout, signal);
  try {
    while (!(await connection.tryLock(name))) {
      parts.onWaiting?.();
      if (await connection.endFrozen(name)) parts.onTakeOver?.();
      await pauseQuietly(jittered(TAKE_OVER_INTERVAL), connection.lost);
      connection.lost.throwIfAborted();
    }
    return await work(connection);
  } finally {
    await connection.close();
  }
}
