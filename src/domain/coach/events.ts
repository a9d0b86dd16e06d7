import type { OfferingEvent } from '../availability/events.js';
import type { Party, SessionOutcome } from './session.js';

/**
 * What can happen in the stream of a coach. proto/aceup/scheduler/v1/events.proto says what each event and field means,
 * under the same names. Times are epoch milliseconds. What an event does not have is undefined: a series, a reason, a
 * reservation of the client's time.
 */
export type CoachEvent = SessionEvent | SeriesEvent | HoldEvent | ReservationAbandoned | OfferingEvent;

/** What every event of a session has: the session as the event leaves it. */
interface OfSession {
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly scheduledAt: number;
  readonly seriesId: string | undefined;
  readonly occurrence: number | undefined;
  readonly localStart: string | undefined;
  readonly reservationId: string | undefined;
}

/** What may take a coach's time. */
interface UnderPolicy {
  /** True when the caller asked to book against the coach's hours, time off and booking policy; else undefined. */
  readonly ignoredPolicy: boolean | undefined;
}

export interface SessionScheduled extends OfSession, UnderPolicy {
  readonly type: 'SessionScheduled';
}

export interface SessionRescheduled extends OfSession, UnderPolicy {
  readonly type: 'SessionRescheduled';
  readonly rescheduledAt: number;
  readonly previousStart: number;
  readonly previousDuration: number;
  readonly previousReservationId: string | undefined;
  readonly reason: string | undefined;
  readonly zoneRulesVersion: string | undefined;
}

export interface SessionCancelled extends OfSession {
  readonly type: 'SessionCancelled';
  readonly cancelledAt: number;
  readonly cancelledBy: Party;
  readonly reason: string | undefined;
}

export interface SessionCompleted extends OfSession {
  readonly type: 'SessionCompleted';
  readonly completedAt: number;
}

export interface SessionMarkedNoShow extends OfSession {
  readonly type: 'SessionMarkedNoShow';
  readonly markedAt: number;
  readonly absent: Party;
}

export interface SessionOutcomeCorrected extends OfSession {
  readonly type: 'SessionOutcomeCorrected';
  readonly correctedAt: number;
  readonly outcome: SessionOutcome;
  readonly absent: Party | undefined;
  readonly reason: string | undefined;
}

/** A reminder became due. It changes nothing of the session. */
export interface SessionReminderDue extends OfSession {
  readonly type: 'SessionReminderDue';
  readonly offsetMinutes: number;
  readonly remindedAt: number;
  /** The session's own, with the next two: whoever has the event alone has the session. */
  readonly updatedAt: number;
  readonly reason: string | undefined;
  readonly sessionRevision: number;
}

/** What can happen to a session. */
export type SessionEvent = SessionChanged | SessionReminderDue;

/** What can happen to a session that changes it. */
export type SessionChanged =
  | SessionScheduled
  | SessionRescheduled
  | SessionCancelled
  | SessionCompleted
  | SessionMarkedNoShow
  | SessionOutcomeCorrected;

interface OfSeries {
  readonly seriesId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
}

export interface SeriesScheduled extends OfSeries, UnderPolicy {
  readonly type: 'SeriesScheduled';
  readonly localStart: string;
  readonly timeZone: string;
  readonly duration: number;
  readonly recurrence: string;
  readonly disambiguation: string;
  readonly skipped: readonly Conflict[];
  readonly scheduledAt: number;
  readonly zoneRulesVersion: string | undefined;
}

export interface SeriesRescheduled extends OfSeries, UnderPolicy {
  readonly type: 'SeriesRescheduled';
  readonly fromOccurrence: number;
  readonly localStart: string;
  /** 0: each session keeps its own. */
  readonly duration: number;
  readonly reason: string | undefined;
  readonly rescheduledAt: number;
  readonly zoneRulesVersion: string | undefined;
}

export interface SeriesCancelled extends OfSeries {
  readonly type: 'SeriesCancelled';
  readonly fromOccurrence: number;
  readonly cancelledBy: Party;
  readonly reason: string | undefined;
  readonly cancelledAt: number;
}

/** What can happen to a series. What happens to its sessions follows in the same append. */
export type SeriesEvent = SeriesScheduled | SeriesRescheduled | SeriesCancelled;

/** An occurrence of a series that cannot be booked, and what is in its way. */
export interface Conflict {
  readonly occurrence: number;
  readonly start: number;
  readonly end: number;
  readonly reason: OverlapReason | 'AGAINST_POLICY';
  /** With AGAINST_POLICY, when the occurrence would begin and end. */
  readonly inTheWayStart: number;
  readonly inTheWayEnd: number;
  /** With AGAINST_POLICY: the rules in the way. */
  readonly obstacles: readonly string[];
}

/** Why a time is not free. */
export type OverlapReason = 'COACH_OVERLAP' | 'SLOT_HELD' | 'CLIENT_OVERLAP';

interface OfHold {
  readonly holdId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly heldAt: number;
  readonly expiresAt: number;
  readonly reservationId: string | undefined;
}

export interface SlotHeld extends OfHold, UnderPolicy {
  readonly type: 'SlotHeld';
}

export interface HoldConfirmed extends OfHold {
  readonly type: 'HoldConfirmed';
  readonly confirmedAt: number;
}

export interface HoldReleased extends OfHold {
  readonly type: 'HoldReleased';
  readonly releasedAt: number;
}

export interface HoldExpired extends OfHold {
  readonly type: 'HoldExpired';
  readonly expiredAt: number;
}

/** What can happen to a hold. */
export type HoldEvent = SlotHeld | HoldConfirmed | HoldReleased | HoldExpired;

/** A reservation of a client's time will never be used by this coach. */
export interface ReservationAbandoned {
  readonly type: 'ReservationAbandoned';
  readonly reservationId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly abandonedAt: number;
}
