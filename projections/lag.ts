import type pg from 'pg';
import { type Lag, ReadModelUnavailable } from '../src/application/read-model.js';
import type { EventStore, Position } from '../src/event-store/event-store.js';
import { readCheckpoint } from './checkpoint.js';

/**
 * Measures the lag of a projection. It notices events in its own calls only, so the lag may be short by the time between
 * two calls: call it regularly. It throws `StoreUnavailable`, and `ReadModelUnavailable`, also when the projection was
 * made from another log.
 * @param projection the name of the projection
 */
export function createLag(store: EventStore, pool: pg.Pool, projection: string): () => Promise<Lag> {
  /** A head of the log that the projection has not reached yet, and since when this is known. */
  let awaited: { readonly position: Position; readonly since: number } | undefined;
  /** The head at the first call. */
  let first: Position | undefined;
  let hasCaughtUp = false;

  return async () => {
    const now = performance.now();
    // In this order: a projection is never ahead of a head that is read later.
    const { position } = await readCheckpoint(pool, projection);
    const head = await store.head();
    if (position > head)
      throw new ReadModelUnavailable('the read model is ahead of the event log: it was made from another log');
    first ??= head;
    hasCaughtUp ||= position >= first;
    if (position === head) awaited = undefined;
    else if (!awaited || position >= awaited.position) awaited = { position: head, since: now };
    return { behind: awaited ? performance.now() - awaited.since : 0, hasCaughtUp };
  };
}
