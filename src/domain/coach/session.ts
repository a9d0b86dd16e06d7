import type { Entry } from '../calendar.js';
import type { Slot } from '../slot.js';
import type { SessionCancelled, SessionEvent, SessionRescheduled, SessionScheduled } from './events.js';
import type { Reminders } from './reminders.js';

/** Where a session is in its life. docs/domain.md has the picture. */
export type SessionState = 'scheduled' | 'completed' | 'cancelled' | 'no_show';

/** How a session went. */
export type SessionOutcome = Extract<SessionState, 'completed' | 'no_show'>;

/** Somebody who has to do with a session. */
export type Party = 'coach' | 'client' | 'organization';

/** Who can be absent: those who are to meet. */
export const CAN_BE_ABSENT: readonly Party[] = ['coach', 'client'];

/** The longest reason that may be given for a change, in characters: code points. */
export const MAX_REASON = 1000;

/** A session as an event left it. Times are epoch milliseconds. */
export interface Session extends Entry {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly state: SessionState;
  readonly scheduledAt: number;
  readonly updatedAt: number;
  /** Undefined, like the next two, when the session belongs to no series. */
  readonly seriesId: string | undefined;
  /** Its place in its series, from 1. */
  readonly occurrence: number | undefined;
  /** The wall time at which its series has it begin: `2026-03-02T09:30:00`. */
  readonly localStart: string | undefined;
  /** The reservation of the client's time; undefined when the session was booked without the rule for clients. */
  readonly reservationId: string | undefined;
  readonly cancelledBy: Party | undefined;
  /** Who did not come, in the state no_show. */
  readonly absent: Party | undefined;
  /** Why the last change was made, if a reason was given. */
  readonly reason: string | undefined;
  /** The revision of the last event that changed the session, in the stream of its coach. */
  readonly revision: number;
  /** The reminders since the session was booked or last changed; undefined when there was none. */
  readonly reminders: Reminders | undefined;
}

/** The session as the event at the revision leaves it; of reminders before the event it knows nothing. */
export function sessionAfter(event: SessionEvent, revision: number): Session {
  const { state, updatedAt, cancelledBy, absent, reason } = changeBy(event);
  // Field by field, here once for all events: spread objects take a rebuild three times as long.
  return {
    id: event.sessionId,
    coachHashId: event.coachHashId,
    clientHashId: event.clientHashId,
    start: event.start,
    duration: event.duration,
    state,
    scheduledAt: event.scheduledAt,
    updatedAt,
    seriesId: event.seriesId,
    occurrence: event.occurrence,
    localStart: event.localStart,
    reservationId: event.reservationId,
    cancelledBy,
    absent,
    reason,
    revision: event.type === 'SessionReminderDue' ? event.sessionRevision : revision,
    reminders: undefined,
  };
}

interface Change {
  readonly state: SessionState;
  readonly updatedAt: number;
  readonly cancelledBy?: Party;
  readonly absent?: Party | undefined;
  readonly reason?: string | undefined;
}

function changeBy(event: SessionEvent): Change {
  switch (event.type) {
    case 'SessionScheduled':
      return { state: 'scheduled', updatedAt: event.scheduledAt };
    case 'SessionRescheduled':
      return { state: 'scheduled', updatedAt: event.rescheduledAt, reason: event.reason };
    case 'SessionCancelled': {
      const { cancelledAt, cancelledBy, reason } = event;
      return { state: 'cancelled', updatedAt: cancelledAt, cancelledBy, reason };
    }
    case 'SessionCompleted':
      return { state: 'completed', updatedAt: event.completedAt };
    case 'SessionMarkedNoShow':
      return { state: 'no_show', updatedAt: event.markedAt, absent: event.absent };
    case 'SessionOutcomeCorrected': {
      const { correctedAt, outcome, absent, reason } = event;
      return { state: outcome, updatedAt: correctedAt, absent, reason };
    }
    case 'SessionReminderDue':
      return { state: 'scheduled', updatedAt: event.updatedAt, reason: event.reason };
    default:
      return event satisfies never;
  }
}

/** Whether the session takes the time of its coach and client. */
export function takesTime({ state }: Session): boolean {
  return state !== 'cancelled';
}

/** A text that differs after every change of the session. */
export function etagOf({ revision }: Pick<Session, 'revision'>): string {
  return String(revision);
}

/**
 * A text that differs after every change of a series: of any of its sessions. What changes the series changes some.
 * @param sessions all sessions of the series
 */
export function etagOfSeries(sessions: readonly Pick<Session, 'revision'>[]): string {
  return String(Math.max(...sessions.map(({ revision }) => revision)));
}

// Events that follow a session. Decisions about sessions, series and holds share them.

/** A session to book: on its own, of a series, or made from a hold. */
export interface NewSession extends Slot {
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly reservationId?: string | undefined;
  readonly seriesId?: string;
  readonly occurrence?: number;
  readonly localStart?: string;
  readonly now: number;
  readonly ignorePolicy?: boolean | undefined;
}

/** The event that books a session. */
export function scheduled(session: NewSession): SessionScheduled {
  return {
    type: 'SessionScheduled',
    sessionId: session.sessionId,
    coachHashId: session.coachHashId,
    clientHashId: session.clientHashId,
    start: session.start,
    duration: session.duration,
    scheduledAt: session.now,
    seriesId: session.seriesId,
    occurrence: session.occurrence,
    localStart: session.localStart,
    reservationId: session.reservationId,
    ignoredPolicy: session.ignorePolicy || undefined,
  };
}

/** The event that moves a session to a slot. */
export function rescheduled(
  session: Session,
  { start, duration }: Slot,
  change: {
    readonly reservationId?: string | undefined;
    readonly localStart?: string;
    readonly reason: string | undefined;
    readonly now: number;
    readonly zoneRulesVersion?: string | undefined;
    readonly ignorePolicy?: boolean | undefined;
  },
): SessionRescheduled {
  const { reservationId, localStart = session.localStart, reason, zoneRulesVersion } = change;
  return {
    type: 'SessionRescheduled',
    ...fieldsOf(session),
    start,
    duration,
    localStart,
    reservationId,
    rescheduledAt: changedAt(session, change.now),
    previousStart: session.start,
    previousDuration: session.duration,
    previousReservationId: session.reservationId,
    reason,
    zoneRulesVersion,
    ignoredPolicy: change.ignorePolicy || undefined,
  };
}

/** The event that cancels a session. */
export function cancelled(
  session: Session,
  change: { readonly cancelledBy: Party; readonly reason: string | undefined; readonly now: number },
): SessionCancelled {
  const { cancelledBy, reason, now } = change;
  return { type: 'SessionCancelled', ...fieldsOf(session), cancelledAt: changedAt(session, now), cancelledBy, reason };
}

/** The fields that every event of a session has, as the session has them. */
export function fieldsOf(session: Session) {
  const { id: sessionId, coachHashId, clientHashId, start, duration, scheduledAt } = session;
  const { seriesId, occurrence, localStart, reservationId } = session;
  return {
    sessionId,
    coachHashId,
    clientHashId,
    start,
    duration,
    scheduledAt,
    seriesId,
    occurrence,
    localStart,
    reservationId,
  };
}

/**
 * When a change or a reminder is made: now, but never before the last one. The clocks of processes differ; a history
 * never goes back.
 */
export function changedAt({ updatedAt, reminders }: Session, now: number): number {
  return Math.max(now, updatedAt, reminders?.lastAt ?? updatedAt);
}
