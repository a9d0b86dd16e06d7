import pg from 'pg';
import { isConnectionError, isMistake, isOutOfOrder, outline } from '../../postgres/pool.js';
import { StoreOutOfOrder, StoreUnavailable } from '../event-store.js';

/** What to throw for what Postgres threw at a read: the same, when it is a defect of the service. */
export function readError(cause: unknown): unknown {
  if (isOutOfOrder(cause)) return new StoreOutOfOrder(outline(cause), { cause });
  return isConnectionError(cause) ? new StoreUnavailable(outline(cause), { cause }) : cause;
}

/**
 * What to throw for what Postgres threw at an append: the same, when it is a defect of the service. Whatever else
 * Postgres answers is of somebody's making who has changed the database, as by a trigger or a constraint.
 */
export function appendError(cause: unknown): unknown {
  return isAppendRefused(cause) ? new StoreOutOfOrder(outline(cause), { cause }) : readError(cause);
}

/** Whether Postgres answers an append, and refuses it for a reason that is no defect of the service. */
export function isAppendRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !isConnectionError(error) && !isMistake(error);
}
