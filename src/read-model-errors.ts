import { ReadModelUnavailable } from './application/read-model.js';
import { isConnectionError, isOutOfOrder, outline } from './postgres/pool.js';

/**
 * What to throw for what Postgres threw: `ReadModelUnavailable` when it is unavailable, or not as the service left it,
 * else the same.
 */
export function readModelError(cause: unknown): unknown {
  const isUnavailable = isConnectionError(cause) || isOutOfOrder(cause);
  return isUnavailable ? new ReadModelUnavailable(outline(cause), { cause }) : cause;
}

/** The same work, which rejects with `ReadModelUnavailable` when Postgres is unavailable. */
export function whenAvailable<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((cause: unknown) => {
    throw readModelError(cause);
  });
}
