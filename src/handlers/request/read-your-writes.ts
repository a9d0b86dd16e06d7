import type { Freshness } from '../../application/read-model.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { type Cancellation, waitAtMost } from '../../waiting.js';
import { invalidArgument } from '../answer/errors.js';
import { parseConsistencyToken } from '../answer/tokens.js';

/** Lets reads wait until the read model has what they must see. */
export interface ReadYourWrites {
  /**
   * Waits for everything up to the token's position; with the empty token, for everything acknowledged before the call.
   * Throws INVALID_ARGUMENT, `StoreUnavailable`, `ReadModelUnavailable`.
   */
  waitFor(token: string, cancellation: Cancellation): Promise<void>;
  /** Waits for everything acknowledged before the call. Throws `StoreUnavailable`, `ReadModelUnavailable`. */
  waitForNow(cancellation: Cancellation): Promise<void>;
  /**
   * Waits for everything up to the token's position, for a second at most. Never rejects. Reads of all callers wait for
   * what was acknowledged: who makes a hundred changes at once keeps a share of the process until reads see them.
   */
  untilSeen(token: string, cancellation: Cancellation): Promise<void>;
}

/** In milliseconds. */
const LONGEST_UNSEEN = 1_000;

/** Waits until the read model has what the store has. */
export function createReadYourWrites(store: EventStore, freshness: Freshness): ReadYourWrites {
  async function waitForNow(cancellation: Cancellation): Promise<void> {
    await freshness.reached(await store.head(), cancellation);
  }

  /** A position that the log does not have would be waited for until the time limit. */
  async function refuseFuture(position: Position): Promise<void> {
    if (position <= (await store.head())) return;
    throw invalidArgument({
      field: 'consistency_token',
      description: 'is ahead of the event log: it comes from another log',
    });
  }

  async function waitFor(token: string, cancellation: Cancellation): Promise<void> {
    const position = parseConsistencyToken(token);
    if (position === undefined) return waitForNow(cancellation);
    await refuseFuture(position);
    await freshness.reached(position, cancellation);
  }

  return {
    waitFor,
    waitForNow,
    untilSeen: (token, cancellation) => waitAtMost(LONGEST_UNSEEN, waitFor(token, cancellation)),
  };
}
