import type pg from 'pg';
import { ReadModelUnavailable } from '../src/application/read-model.js';
import type { EventStore, Position } from '../src/event-store/event-store.js';
import { readCheckpoint } from './checkpoint.js';

/**
 * Measures the lag of a projection: each call returns for how many milliseconds, at least, an event has been waiting
 * for the projection; 0 when none is. The measure notices events in its own calls only, so it may be short by the time
 * between two calls: call it regularly. It throws `StoreUnavailable`, and `ReadModelUnavailable`, also when the
 * projection was made from another log.
 * @param projection the name of the projection
 */
export function createLag(store: EventStore, pool: pg.Pool, projection: string): () => Promise<number> {
  /** A head of the log that the projection has not reached yet, and since when this is known. */
  let awaited: { readonly position: Position; readonly since: number } | undefined;

  return async () => {
    const now = performance.now();
    // In this order: a projection is never ahead of a head that is read later.
    const { position } = await readCheckpoint(pool, projection);
    const head = await store.head();
    if (position > head)
      throw new ReadModelUnavailable('the read model is ahead of the event log: it was made from another log');
    if (position === head) awaited = undefined;
    else if (!awaited || position >= awaited.position) awaited = { position: head, since: now };
    return awaited ? performance.now() - awaited.since : 0;
  };
}
