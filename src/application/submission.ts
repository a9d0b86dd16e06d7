import type { CoachCommand, CoachEvent, Rejection } from '../domain/coach.js';
import type { Position } from '../event-store/event-store.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';

/** A command on its way to a coach, with what is kept beside the events that it leads to. */
export interface Submission {
  readonly command: CoachCommand;
  /** An empty `requestId`: the caller does not ask for idempotency. */
  readonly metadata: EventMetadata;
  /**
   * Aborted when nobody waits for the outcome any more: the command is dropped unless its append is already under way.
   */
  readonly signal: AbortSignal;
}

/** What became of a command. */
export type Outcome =
  | {
      /** Its events are durable: appended now, or earlier under the same `requestId`. */
      readonly kind: 'accepted';
      readonly events: readonly CoachEvent[];
      /** Every one of the events is at or before this position. */
      readonly position: Position;
    }
  /** Refused against the coach's latest state. Nothing was written. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The `requestId` belongs to an accepted command of other content. Nothing was written. */
  | { readonly kind: 'request-id-reused' }
  /** Other writers were faster every time. Nothing was written. */
  | { readonly kind: 'contended' };

/** Too many commands are waiting: this one was not taken. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}
