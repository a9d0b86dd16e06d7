import type pg from 'pg';
import { ReadModelUnavailable } from '../src/application/read-model.js';
import type { EventStore, Position } from '../src/event-store/event-store.js';
import { readCheckpoint } from './checkpoint-queries.js';

/**
 * Measures how long a projection has been behind: each call answers for how many milliseconds, at least, an event has
 * been waiting to be applied; 0 when none is. It knows of events from its own calls, so call it regularly: it can be
 * short by the time between two calls. The function throws `StoreUnavailable` and `ReadModelUnavailable`, the latter
 * also when the projection was made from another log.
 * @param projection the name of the projection
 */
export function createLag(store: EventStore, pool: pg.Pool, projection: string): () => Promise<number> {
  /** A head of the log that the projection has not reached yet, and when it was seen. */
  let awaited: { readonly position: Position; readonly since: number } | undefined;

  return async () => {
    const now = performance.now();
    // In this order: a projection is never ahead of a head that was read later.
    const reached = await readCheckpoint(pool, projection);
    const head = await store.head();
    if (reached > head) throw new ReadModelUnavailable('the read model is ahead of the log: it is of another log');
    if (reached === head) awaited = undefined;
    else if (!awaited || reached >= awaited.position) awaited = { position: head, since: now };
    return awaited ? performance.now() - awaited.since : 0;
  };
}
