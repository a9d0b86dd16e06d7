import pg from 'pg';
import type { Logger } from 'pino';
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
  if (isConnectionError(cause) || isMistake(cause) || !(cause instanceof pg.DatabaseError)) return readError(cause);
  return new StoreOutOfOrder(outline(cause), { cause });
}

/** What a store asks of its database. */
export type Work = 'append' | 'read';

/** Logs what the database refuses to do: once, until it does it again. */
export interface RefusalLog {
  succeeded(work: Work): void;
  /** Answers what to throw for what Postgres threw: `appendError` or `readError`. */
  failed(work: Work, cause: unknown): unknown;
}

/** A log of refusals that has logged none. */
export function createRefusalLog(log: Logger): RefusalLog {
  /** What is refused now, and the SQLSTATE. */
  const refused = new Map<Work, string | undefined>();
  return {
    succeeded(work) {
      if (refused.delete(work)) log.info(`Postgres lets the service ${work} events again`);
    },

    failed(work, cause) {
      const error = work === 'append' ? appendError(cause) : readError(cause);
      if (!(error instanceof StoreOutOfOrder)) return error;
      const { code: sqlstate, message: why } = cause as pg.DatabaseError;
      if (refused.get(work) === sqlstate) return error;
      refused.set(work, sqlstate);
      // Without the details of the error, which have the row.
      log.error({ sqlstate, why }, `Postgres does not let the service ${work} events: it was changed, or is damaged`);
      return error;
    },
  };
}
