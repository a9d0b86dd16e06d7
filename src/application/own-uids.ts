import { isUuid } from '../domain/text.js';
import type { EventStore } from '../event-store/event-store.js';
import type { Cancellation } from '../waiting.js';
import type { BookedIds, Freshness } from './read-model.js';

/**
 * Those of the UIDs in a calendar that are the id of a session or a hold of this service, in lower or upper case. What
 * was booked before the call counts. Rejects with `StoreUnavailable`, `ReadModelUnavailable`, or the cancellation's
 * reason.
 */
export type OwnUids = (uids: readonly string[], cancellation: Cancellation) => Promise<readonly string[]>;

/** What finding them needs. */
export interface OwnUidsParts {
  readonly store: Pick<EventStore, 'head'>;
  readonly freshness: Freshness;
  readonly bookedIds: BookedIds;
}

/** How many ids are looked up at once: others use the connection in between. */
const AT_ONCE = 1_000;

/** Asks the read model, once it has everything that is acknowledged by now. */
export function createOwnUids({ store, freshness, bookedIds }: OwnUidsParts): OwnUids {
  return async (uids, cancellation) => {
    const candidates = uids.filter(isUuid);
    if (candidates.length === 0) return [];
    await freshness.reached(await store.head(), cancellation);
    const booked = new Set<string>();
    for (let from = 0; from < candidates.length; from += AT_ONCE) {
      if (cancellation.aborted) throw cancellation.reason;
      const ids = candidates.slice(from, from + AT_ONCE).map((uid) => uid.toLowerCase());
      for (const id of await bookedIds.among(ids)) booked.add(id);
    }
    return candidates.filter((uid) => booked.has(uid.toLowerCase()));
  };
}
