import type { Interval } from '../slot.js';
import type { CoachEvent, Conflict, OverlapReason } from './events.js';
import type { SessionState } from './session.js';

/** Why a command was refused. A refusal changes nothing. docs/domain.md tells each. */
export type Rejection =
  /** The earliest of what is in the way. */
  | { readonly reason: OverlapReason; readonly inTheWay: Interval }
  /** Every occurrence that cannot be booked, in order. */
  | { readonly reason: 'SERIES_CONFLICT'; readonly conflicts: readonly Conflict[] }
  | { readonly reason: 'STALE_ETAG'; readonly etag: string }
  | { readonly reason: SimpleReason };

/** Reasons that need no more words. */
export type SimpleReason =
  | 'SESSION_NOT_FOUND'
  | 'SESSION_CANCELLED'
  | 'SESSION_COMPLETED'
  | 'SESSION_NO_SHOW'
  | 'SESSION_NOT_STARTED'
  | 'SESSION_HAS_NO_OUTCOME'
  | 'OUTCOME_UNCHANGED'
  | 'SERIES_NOT_FOUND'
  | 'SERIES_OVER'
  | 'HOLD_NOT_FOUND'
  | 'HOLD_CONFIRMED'
  | 'HOLD_RELEASED'
  | 'HOLD_EXPIRED'
  | 'HOLD_QUOTA'
  | 'ENDS_TOO_LATE'
  /** The reservation that came with the command was abandoned in between: a new one is needed. */
  | 'RESERVATION_ABANDONED'
  /** A session uses the reservation that was asked about. */
  | 'RESERVATION_BOOKED'
  /** An open hold uses the reservation that was asked about. */
  | 'RESERVATION_HELD'
  /** The reservation that was asked about is not in use yet. */
  | 'RESERVATION_PENDING';

/** What a command leads to: events to append, or a rejection. No events: there is nothing left to do. */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly CoachEvent[] }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      /** What would be done if only a part were asked for. */
      readonly free?: readonly CoachEvent[];
    };

/** The decision to let this happen. */
export function accept(...events: readonly CoachEvent[]): Decision {
  return { kind: 'accepted', events };
}

/** The decision to let nothing happen. */
export function reject(rejection: Rejection | SimpleReason): Decision {
  return { kind: 'rejected', rejection: typeof rejection === 'string' ? { reason: rejection } : rejection };
}

/** The reasons why a session in a state cannot be changed. */
export const REASON_OF_STATE = {
  cancelled: 'SESSION_CANCELLED',
  completed: 'SESSION_COMPLETED',
  no_show: 'SESSION_NO_SHOW',
} as const satisfies Record<Exclude<SessionState, 'scheduled'>, SimpleReason>;
