import type { Position, Revision } from '../../event-store/event-store.js';

/** A command that was accepted under a `request_id`. */
export interface AcceptedRequest {
  readonly coachHashId: string;
  /** Digest of the command's content. */
  readonly fingerprint: string;
  /** The first event that the command appended, in the stream of the coach. */
  readonly revision: Revision;
}

/** Finds commands accepted long ago, of which the coach's state keeps nothing. */
export interface RequestIndex {
  /**
   * The accepted commands by `request_id`, of all coaches: at least those whose events are at or before `upTo`. Waits
   * until the index has come that far. Throws `ReadModelUnavailable` when it is away or lags too long.
   */
  find(requestIds: readonly string[], upTo: Position): Promise<ReadonlyMap<string, readonly AcceptedRequest[]>>;
}
