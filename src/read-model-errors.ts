import { ReadModelUnavailable } from './application/read-model.js';
import { isConnectionError } from './postgres/pool.js';

/** What to throw for what Postgres threw: `ReadModelUnavailable` when it is unavailable, else the same. */
export function readModelError(cause: unknown): unknown {
  return isConnectionError(cause) ? new ReadModelUnavailable('Postgres does not answer', { cause }) : cause;
}

/** The same work, which rejects with `ReadModelUnavailable` when Postgres is unavailable. */
export function whenAvailable<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((cause: unknown) => {
    throw readModelError(cause);
  });
}
