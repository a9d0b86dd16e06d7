import { removeEntry } from '../calendar.js';
import { isInCalendar } from '../slot.js';
import { type CoachState, findSession, isAbandoned, wayOf } from './coach.js';
import type {
  CancelSession,
  CompleteSession,
  CorrectOutcome,
  MarkNoShow,
  RescheduleSession,
  ScheduleSession,
} from './commands.js';
import { accept, type Decision, overlapWith, REASON_OF_STATE, reject } from './decision.js';
import { expiryOf } from './hold.js';
import { cancelled, changedAt, etagOf, fieldsOf, rescheduled, type Session, scheduled } from './session.js';

export function scheduleSession(command: ScheduleSession, state: CoachState): Decision {
  if (isAbandoned(state, command.reservationId)) return reject('RESERVATION_ABANDONED');
  const { inTheWay, expired } = wayOf(state.calendar, command, command.now);
  if (inTheWay) return reject(overlapWith(inTheWay));
  return accept(...expiryOf(expired, command.now), scheduled(command));
}

export function rescheduleSession(command: RescheduleSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => {
    if (isAbandoned(state, command.reservationId)) return reject('RESERVATION_ABANDONED');

    const { start = session.start, duration = session.duration, now } = command;
    const slot = { start, duration };
    if (!isInCalendar(slot)) return reject('ENDS_TOO_LATE');
    const { inTheWay, expired } = wayOf(removeEntry(state.calendar, session), slot, now);
    if (inTheWay) return reject(overlapWith(inTheWay));
    return accept(...expiryOf(expired, now), rescheduled(session, slot, command));
  });
}

export function cancelSession(command: CancelSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => accept(cancelled(session, command)));
}

export function completeSession(command: CompleteSession, state: CoachState): Decision {
  return forStarted(command, state, (session) => {
    const completedAt = changedAt(session, command.now);
    return accept({ type: 'SessionCompleted', ...fieldsOf(session), completedAt });
  });
}

export function markNoShow(command: MarkNoShow, state: CoachState): Decision {
  return forStarted(command, state, (session) => {
    const markedAt = changedAt(session, command.now);
    return accept({ type: 'SessionMarkedNoShow', ...fieldsOf(session), markedAt, absent: command.absent });
  });
}

export function correctOutcome(command: CorrectOutcome, state: CoachState): Decision {
  return forSession(command, state, (session) => {
    if (session.state === 'scheduled') return reject('SESSION_HAS_NO_OUTCOME');
    if (session.state === 'cancelled') return reject('SESSION_CANCELLED');
    const { outcome, absent, reason, now } = command;
    if (session.state === outcome && session.absent === absent) return reject('OUTCOME_UNCHANGED');
    const correctedAt = changedAt(session, now);
    return accept({ type: 'SessionOutcomeCorrected', ...fieldsOf(session), correctedAt, outcome, absent, reason });
  });
}

type ForSession = { readonly sessionId: string; readonly etag: string | undefined; readonly now: number };
type Decide = (session: Session) => Decision;

/** Decides about a session that exists, in the version that the command is for. */
function forSession({ sessionId, etag }: ForSession, state: CoachState, decide: Decide): Decision {
  const session = findSession(state, sessionId);
  if (!session) return reject('SESSION_NOT_FOUND');
  if (etag !== undefined && etag !== etagOf(session)) return reject({ reason: 'STALE_ETAG', etag: etagOf(session) });
  return decide(session);
}

/** As `forSession`, about a session that is still scheduled. */
function forScheduled(command: ForSession, state: CoachState, decide: Decide): Decision {
  return forSession(command, state, (session) =>
    session.state === 'scheduled' ? decide(session) : reject(REASON_OF_STATE[session.state]),
  );
}

/** As `forScheduled`, about a session that has started. */
function forStarted(command: ForSession, state: CoachState, decide: Decide): Decision {
  return forScheduled(command, state, (session) =>
    command.now < session.start ? reject('SESSION_NOT_STARTED') : decide(session),
  );
}
