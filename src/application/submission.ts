import type { InDoubt } from '../domain/client/client.js';
import type { CoachCommand } from '../domain/coach/commands.js';
import type { Rejection } from '../domain/coach/decision.js';
import type { CoachEvent, Conflict } from '../domain/coach/events.js';
import type { Position } from '../event-store/event-store.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';
import type { Cancellation } from '../waiting.js';

/** A command as a caller sends it, with the metadata of the events that it leads to. */
export interface Submission<Command = CoachCommand> {
  readonly command: Command;
  /** An empty `requestId`: the caller does not ask for idempotency. */
  readonly metadata: EventMetadata;
  /** Decide in full, and write nothing. */
  readonly validateOnly: boolean;
  /** Tells when nobody waits for the outcome any more: the command is dropped unless its append is under way. */
  readonly cancellation: Cancellation;
}

/** One attempt to carry a submission out: its command has the reservations of this attempt. */
export interface Attempt<Command = CoachCommand> extends Submission<Command> {
  /**
   * The occurrences of a series at which the client turned out to have no time, the earliest conflict of each first.
   */
  readonly clientConflicts?: readonly Conflict[];
}

/** What a command led to. */
export interface Accepted {
  readonly kind: 'accepted';
  /** Durable: appended now, or earlier under the same `requestId`. With `validateOnly`: what would be appended. */
  readonly events: readonly CoachEvent[];
  /** The revision of the first event, the others follow; undefined when nothing was written. */
  readonly revision: number | undefined;
  /** Every event is at or before this position; undefined when nothing was written. */
  readonly position: Position | undefined;
}

/** The acceptance of a command for which nothing was written: it was only validated, or there was nothing to do. */
export function acceptedUnwritten(events: readonly CoachEvent[]): Accepted {
  return { kind: 'accepted', events, revision: undefined, position: undefined };
}

/** Refused against the latest state. Nothing was written. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly rejection: Rejection;
}

/** Other writers were faster every time. Nothing was written. */
export interface Contended {
  readonly kind: 'contended';
}

/** What became of a command. */
export type Outcome =
  | Accepted
  | Rejected
  /** The `requestId` belongs to an accepted command of other content. Nothing was written. */
  | { readonly kind: 'request-id-reused' }
  | Contended;

/** What became of an attempt. Nothing was written unless it was accepted. */
export type AttemptOutcome =
  | Outcome
  | ClientInDoubt
  /** The attempt's reservations cannot be used. The next attempt needs new ones. */
  | { readonly kind: 'outdated' };

/** The coach has decided; whether the client has time is in doubt. */
export interface ClientInDoubt extends InDoubt {
  /** The outcome if the client has time. Nothing was written. */
  readonly ifFree: Accepted | Rejected;
}
