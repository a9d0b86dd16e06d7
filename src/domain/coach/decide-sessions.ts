import { removeEntry } from '../calendar.js';
import { endOf, LAST_END, type Slot } from '../slot.js';
import type {
  CancelSession,
  CompleteSession,
  CorrectOutcome,
  MarkNoShow,
  RescheduleSession,
  ScheduleSession,
} from './commands.js';
import { accept, type Decision, REASON_OF_STATE, reject } from './decision.js';
import type { SessionCancelled, SessionRescheduled, SessionScheduled } from './events.js';
import { etagOf, type Party, type Session } from './session.js';
import { type CoachState, findSession } from './state.js';
import { expiryOf, overlapWith, wayOf } from './time.js';

export function scheduleSession(command: ScheduleSession, { calendar, abandoned }: CoachState): Decision {
  if (abandoned.has(command.reservationId)) return reject('RESERVATION_ABANDONED');
  const { inTheWay, expired } = wayOf(calendar, command, command.now);
  if (inTheWay) return reject(overlapWith(inTheWay));
  return accept(...expiryOf(expired, command.now), scheduled(command));
}

export function rescheduleSession(command: RescheduleSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => {
    if (state.abandoned.has(command.reservationId)) return reject('RESERVATION_ABANDONED');

    const { start = session.start, duration = session.duration, now } = command;
    const slot = { start, duration };
    if (endOf(slot) > LAST_END) return reject('ENDS_TOO_LATE');
    const { inTheWay, expired } = wayOf(removeEntry(state.calendar, session), slot, now);
    if (inTheWay) return reject(overlapWith(inTheWay));
    return accept(...expiryOf(expired, now), rescheduled(session, slot, command));
  });
}

export function cancelSession(command: CancelSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => {
    return accept(cancelled(session, command));
  });
}

export function completeSession(command: CompleteSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => {
    if (command.now < session.start) return reject('SESSION_NOT_STARTED');
    return accept({ type: 'SessionCompleted', ...toldOf(session), completedAt: after(session, command) });
  });
}

export function markNoShow(command: MarkNoShow, state: CoachState): Decision {
  return forScheduled(command, state, (session) => {
    if (command.now < session.start) return reject('SESSION_NOT_STARTED');
    const { absent } = command;
    return accept({ type: 'SessionMarkedNoShow', ...toldOf(session), markedAt: after(session, command), absent });
  });
}

export function correctOutcome(command: CorrectOutcome, state: CoachState): Decision {
  return forSession(command, state, (session) => {
    if (session.state === 'scheduled') return reject('SESSION_HAS_NO_OUTCOME');
    if (session.state === 'cancelled') return reject('SESSION_CANCELLED');
    const { outcome, absent, reason } = command;
    if (session.state === outcome && session.absent === absent) return reject('OUTCOME_UNCHANGED');
    const correctedAt = after(session, command);
    return accept({ type: 'SessionOutcomeCorrected', ...toldOf(session), correctedAt, outcome, absent, reason });
  });
}

/** A session that is booked, of a series when it says so. */
export function scheduled(
  session: Slot & {
    readonly sessionId: string;
    readonly coachHashId: string;
    readonly clientHashId: string;
    readonly reservationId: string;
    readonly now: number;
    readonly seriesId?: string;
    readonly occurrence?: number;
    readonly localStart?: string;
  },
): SessionScheduled {
  const { sessionId, coachHashId, clientHashId, start, duration, reservationId, now } = session;
  const { seriesId = '', occurrence = 0, localStart = '' } = session;
  return {
    type: 'SessionScheduled',
    sessionId,
    coachHashId,
    clientHashId,
    start,
    duration,
    scheduledAt: now,
    seriesId,
    occurrence,
    localStart,
    reservationId,
  };
}

/** The session at another time. */
export function rescheduled(
  session: Session,
  { start, duration }: Slot,
  change: {
    readonly reservationId: string;
    readonly localStart?: string;
    readonly reason: string;
    readonly now: number;
  },
): SessionRescheduled {
  const { reservationId, localStart = session.localStart, reason } = change;
  return {
    type: 'SessionRescheduled',
    ...toldOf(session),
    start,
    duration,
    localStart,
    reservationId,
    rescheduledAt: after(session, change),
    previousStart: session.start,
    previousDuration: session.duration,
    previousReservationId: session.reservationId,
    reason,
  };
}

/** The session called off. */
export function cancelled(
  session: Session,
  change: { readonly cancelledBy: Party; readonly reason: string; readonly now: number },
): SessionCancelled {
  const { cancelledBy, reason } = change;
  return { type: 'SessionCancelled', ...toldOf(session), cancelledAt: after(session, change), cancelledBy, reason };
}

/** Decides about a session that must be there, in the version that the command is for. */
function forSession(
  { sessionId, etag }: { readonly sessionId: string; readonly etag: string },
  state: CoachState,
  decide: (session: Session) => Decision,
): Decision {
  const session = findSession(state, sessionId);
  if (!session) return reject('SESSION_NOT_FOUND');
  if (etag && etag !== etagOf(session)) return reject({ reason: 'STALE_ETAG', etag: etagOf(session) });
  return decide(session);
}

/** As `forSession`, about one that is still scheduled. */
function forScheduled(...[command, state, decide]: Parameters<typeof forSession>): Decision {
  return forSession(command, state, (session) =>
    session.state === 'scheduled' ? decide(session) : reject(REASON_OF_STATE[session.state]),
  );
}

/** What every event of a session tells. */
function toldOf(session: Session) {
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

/** Now, but not before the last change: the clocks of processes differ, and a session's history must not go back. */
function after({ updatedAt }: Session, { now }: { readonly now: number }): number {
  return Math.max(now, updatedAt);
}
