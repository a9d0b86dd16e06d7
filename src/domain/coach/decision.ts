import type { Obstacle } from '../availability/obstacles.js';
import type { Entry } from '../calendar.js';
import { type Interval, intervalOf } from '../slot.js';
import type { Zone } from '../zones/zone-rules.js';
import type { CoachEvent, Conflict, OverlapReason } from './events.js';
import { isHold } from './hold.js';
import type { SessionState } from './session.js';

/** Why a command is refused. A refusal changes nothing. docs/domain.md explains each. */
export type Rejection =
  /** `inTheWay` is the earliest session or hold in the way. */
  | { readonly reason: OverlapReason; readonly inTheWay: Interval }
  /** Sessions and holds leave the time free, the coach's hours, time off and policy do not. Times are told in the zone. */
  | { readonly reason: 'AGAINST_POLICY'; readonly obstacles: readonly Obstacle[]; readonly zone: Zone }
  /** Every occurrence that cannot be booked, in order. */
  | { readonly reason: 'SERIES_CONFLICT'; readonly conflicts: readonly Conflict[] }
  | { readonly reason: 'STALE_ETAG'; readonly etag: string }
  | { readonly reason: SimpleReason };

/** Reasons that carry nothing else. */
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
  | 'AVAILABILITY_NOT_FOUND'
  | 'BOOKING_POLICY_NOT_FOUND'
  | 'TIME_OFF_NOT_FOUND'
  | 'TIME_OFF_QUOTA'
  /** The command's reservation was abandoned before the command was decided: it needs a new one. */
  | 'RESERVATION_ABANDONED'
  /** To SettleReservation: a session uses the reservation. */
  | 'RESERVATION_BOOKED'
  /** To SettleReservation: an open hold uses the reservation. */
  | 'RESERVATION_HELD'
  /** To SettleReservation: nothing uses the reservation yet. */
  | 'RESERVATION_PENDING'
  /** To RemindOfSession: it is too early or too late, the reminder was told, or the session has another time or state. */
  | 'REMINDER_NOT_DUE';

/** What a command leads to: events to append, or a rejection. Accepted without events: there is nothing left to do. */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly CoachEvent[] }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      /**
       * The events of the part that could be done if the client has time: the occurrences of a series that are free, or all
       * when only the policy is in the way.
       */
      readonly free?: readonly CoachEvent[];
    };

/** Accepts a command with its events. */
export function accept(...events: readonly CoachEvent[]): Decision {
  return { kind: 'accepted', events };
}

/** Refuses a command. */
export function reject(rejection: Rejection | SimpleReason): Decision {
  return { kind: 'rejected', rejection: typeof rejection === 'string' ? { reason: rejection } : rejection };
}

/** The rejection for the session or hold in the way. */
export function overlapWith(inTheWay: Entry): Extract<Rejection, { inTheWay: unknown }> {
  return { reason: isHold(inTheWay) ? 'SLOT_HELD' : 'COACH_OVERLAP', inTheWay: intervalOf(inTheWay) };
}

/** Why a session in a state cannot be changed. */
export const REASON_OF_STATE = {
  cancelled: 'SESSION_CANCELLED',
  completed: 'SESSION_COMPLETED',
  no_show: 'SESSION_NO_SHOW',
} as const satisfies Record<Exclude<SessionState, 'scheduled'>, SimpleReason>;
