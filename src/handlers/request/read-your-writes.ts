import type { Freshness } from '../../application/read-model.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { invalidArgument } from '../answer/errors.js';
import { parseConsistencyToken } from '../answer/tokens.js';

/** Waits so that a read sees what it must see. */
export interface Seen {
  /**
   * Everything that the token stands for; with the empty one, everything acknowledged before the call. Throws
   * INVALID_ARGUMENT, `StoreUnavailable`, `ReadModelUnavailable`.
   */
  upTo(token: string, signal: AbortSignal): Promise<void>;
  /** Everything acknowledged before the call. Throws `StoreUnavailable`, `ReadModelUnavailable`. */
  upToNow(signal: AbortSignal): Promise<void>;
}

/** Waits on the read model for what the store has. */
export function createSeen(store: EventStore, freshness: Freshness): Seen {
  async function upToNow(signal: AbortSignal): Promise<void> {
    await freshness.reached(await store.head(), signal);
  }

  return {
    async upTo(token, signal) {
      const position = parseConsistencyToken(token);
      if (position === undefined) return upToNow(signal);
      await refuseFuture(position);
      await freshness.reached(position, signal);
    },
    upToNow,
  };

  /** Waiting for a position that the log does not have would only end with the time limit. */
  async function refuseFuture(position: Position): Promise<void> {
    if (position <= (await store.head())) return;
    throw invalidArgument({ field: 'consistency_token', description: 'is not from this log: it is ahead of it' });
  }
}
