import type pg from 'pg';
import type { Reader } from '../src/application/read-model.js';
import { createFairShares, TooMuchWaits } from '../src/fair-shares.js';
import type { Queryable } from './query.js';

/**
 * Connections for reads that may take long: of the past, and lists that no index serves. Such reads never keep short ones
 * waiting, and readers share the connections. A query waits for the reader's turn; it rejects with the reader's reason
 * when the reader waits no longer, and with `TooMuchWaits`.
 */
export type LongReads = (reader: Reader) => Queryable;

/** The most queries that wait for a connection. */
const MAX_WAITING = 1_000;

/** @param connections the most that the pool opens */
export function createLongReads(pool: pg.Pool, connections: number): LongReads {
  const shares = createFairShares(connections, MAX_WAITING);
  return ({ caller, cancellation }) => ({
    query: (config) =>
      new Promise((resolve, reject) => {
        const work = {
          caller,
          cost: 1,
          get isOver() {
            return cancellation.aborted;
          },
          begin() {
            pool
              .query(config)
              .finally(() => shares.leave(work))
              .then(resolve, reject);
          },
          drop: () => reject(cancellation.reason),
        };
        if (!shares.enter(work)) reject(new TooMuchWaits());
      }),
  });
}
