import type { AppendResult, Position, RecordedEvent, Revision } from '../event-store.js';
import type { Append } from './append.js';

/**
 * A KurrentDB node or cluster, as the event store asks it. Every call is made once, settles within its limit of
 * milliseconds, and throws `Lost` when there was no clear answer, or the error that makes it impossible. The leader
 * answers.
 */
export interface KurrentdbClient {
  /**
   * Appends over a stream that all appends share, which is much cheaper than a call for each. Every answer but a
   * success and a conflict is `Lost`.
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
  /** Ends everything: calls and subscriptions under way are lost. */
  close(): void;
}

/** A subscription to the events of all streams that begin with a prefix. */
export interface AllSubscription {
  /**
   * What has been delivered since the last call. Waits until something is, at most `limit` milliseconds, and then gives
   * nothing. Throws `Lost` when the subscription has ended, and another error when it can never go on.
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
