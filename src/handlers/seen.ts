import type { EventStore, Position } from '../event-store/event-store.js';
import type { Freshness } from '../read-model/read-model.js';
import { invalidArgument } from './errors.js';
import { parseConsistencyToken } from './tokens.js';

/** Waits so that a read sees what it must see. */
export interface Seen {
  /**
   * Everything that the token stands for. The empty token stands for nothing. Throws INVALID_ARGUMENT,
   * `ReadModelUnavailable`.
   */
  upToToken(token: string, signal: AbortSignal): Promise<void>;
  /** Everything acknowledged before the call. Throws `StoreUnavailable`, `ReadModelUnavailable`. */
  upToNow(signal: AbortSignal): Promise<void>;
  /** Everything that the token stands for; without a token, everything acknowledged before the call. */
  upToTokenOrNow(token: string, signal: AbortSignal): Promise<void>;
}

/** Waits on the read model for what the store has. */
export function createSeen(store: EventStore, freshness: Freshness): Seen {
  async function upToToken(token: string, signal: AbortSignal): Promise<void> {
    const position = parseConsistencyToken(token);
    if (position === undefined) return;
    await refuseFuture(position);
    await freshness.reached(position, signal);
  }

  async function upToNow(signal: AbortSignal): Promise<void> {
    await freshness.reached(await store.head(), signal);
  }

  return {
    upToToken,
    upToNow,
    upToTokenOrNow: (token, signal) => (token ? upToToken(token, signal) : upToNow(signal)),
  };

  /** Waiting for a position that the log does not have would only end with the time limit. */
  async function refuseFuture(position: Position): Promise<void> {
    if (position <= (await store.head())) return;
    throw invalidArgument({ field: 'consistency_token', description: 'is not from this log: it is ahead of it' });
  }
}
