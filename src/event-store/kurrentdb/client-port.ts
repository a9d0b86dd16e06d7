import type { AppendResult, Position, RecordedEvent, Revision } from '../event-store.js';
import type { Append } from './append.js';

/**
 * What the event store needs of a KurrentDB node or cluster. Every call is made once, settles within its limit of
 * milliseconds, and throws `NoAnswer` when there was no clear answer, or the error that makes it impossible. The leader
 * answers.
 */
export interface KurrentdbClient {
  /**
   * Appends over a stream that all appends share, which is much cheaper than a call for each. Throws `NoAnswer` for
   * every answer except a success and a conflict.
   */
  appendTogether(append: Append, limit: number): Promise<AppendResult>;
  /** Appends by a call of its own, which also finds the leader again. */
  appendAlone(append: Append, limit: number): Promise<AppendResult>;
  /** At most `count` events from a revision on; none when the stream does not exist. */
  read(stream: string, from: Revision, count: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** At most `count` events, the last one first; none when the stream does not exist. */
  readBackwards(stream: string, count: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** The position of the last event of the log, whatever its stream. */
  head(limit: number): Promise<Position>;
  /**
   * Follows the log from a position (exclusive).
   * @param window the number of events after which a checkpoint comes
   */
  subscribe(from: Position, prefixes: readonly string[], window: number): AllSubscription;
  /** Ends the connection. Calls and subscriptions under way throw `NoAnswer`. */
  close(): void;
}

/** A subscription to the events of all streams that begin with a prefix. */
export interface AllSubscription {
  /**
   * What was delivered since the last call. Waits for a delivery, but at most `limit` milliseconds, and then returns
   * none. Throws `NoAnswer` when the subscription has ended, and another error when it can never go on.
   */
  take(limit: number): Promise<readonly Delivery[]>;
  close(): void;
}

/** What a subscription delivers, in the order in which the server sent it. */
export type Delivery =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** Every matching event at or before the position has been delivered. */
  | { readonly kind: 'checkpoint'; readonly position: Position }
  /** Every matching event that was in the log when the subscription began has been delivered. */
  | { readonly kind: 'caughtUp' };

/**
 * A call without a clear answer: it may have been carried out, may be carried out yet, or not. It is safe to repeat.
 */
export class NoAnswer extends Error {
  override readonly name: string = 'NoAnswer';
}

/**
 * KurrentDB does not know the user or the password, or does not permit the user what the call does. Repeating the call
 * helps only after somebody has mended that.
 */
export class AccessRefused extends NoAnswer {
  override readonly name = 'AccessRefused';
}

/** KurrentDB said nothing within the time limit. */
export class TimedOut extends NoAnswer {
  override readonly name = 'TimedOut';

  constructor() {
    super('KurrentDB did not answer in time');
  }
}
