import type { Blocked, Reservation } from '../domain/client/client.js';
import type { CoachCommand } from '../domain/coach/commands.js';
import type { Rejection } from '../domain/coach/decision.js';
import type { CoachEvent } from '../domain/coach/events.js';
import type { Position } from '../event-store/event-store.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';

/** A command on its way to a coach, with what is kept beside the events that it leads to. */
export interface Submission<Command = CoachCommand> {
  readonly command: Command;
  /** An empty `requestId`: the caller does not ask for idempotency. */
  readonly metadata: EventMetadata;
  /** Decide in full, and write nothing. */
  readonly validateOnly: boolean;
  /** Reservations of the client's time that are as good as released, by their ids. */
  readonly disregarded?: ReadonlySet<string>;
  /** Reservations that were made for holds which are sessions by now, by their ids. */
  readonly booked?: ReadonlySet<string>;
  /**
   * Aborted when nobody waits for the outcome any more: the command is dropped unless its append is already under way.
   */
  readonly signal: AbortSignal;
}

/** What is kept beside the events of clients: a request is known by the coach's events alone. */
export function withoutRequest(metadata: EventMetadata): EventMetadata {
  return { ...metadata, requestId: '', requestFingerprint: '' };
}

/** What a command led to. */
export interface Accepted {
  readonly kind: 'accepted';
  /** Durable: appended now, or earlier under the same `requestId`. With `validateOnly`: what would be appended. */
  readonly events: readonly CoachEvent[];
  /** The revision of the first of the events, the others follow; undefined when nothing was written. */
  readonly revision: number | undefined;
  /** Every one of the events is at or before this position; undefined when nothing was written. */
  readonly position: Position | undefined;
}

/** What became of a command. */
export type Outcome =
  | Accepted
  /** Refused against the latest state. Nothing was written. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The `requestId` belongs to an accepted command of other content. Nothing was written. */
  | { readonly kind: 'request-id-reused' }
  /** Other writers were faster every time. Nothing was written. */
  | { readonly kind: 'contended' };

/** What became of a command at its coach. Nothing was written unless it was accepted. */
export type CoachOutcome =
  | Outcome
  /** The coach is free, and something of which it is not known what it is worth is in the client's way. */
  | { readonly kind: 'blocked'; readonly blocked: readonly Blocked[] }
  /** As blocked: the client has too many holds of which that is not known. */
  | { readonly kind: 'quota'; readonly clientHashId: string; readonly holds: readonly Reservation[] }
  /** What it had reserved of the client's time is of no use any more: it needs new reservations. */
  | { readonly kind: 'outdated' };
