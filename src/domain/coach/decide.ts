/**
 * Decides commands for a coach: those for sessions here, those for series, holds and reservations in files beside it.
 */
import { removeEntry } from '../calendar.js';
import { isInCalendar } from '../slot.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import { type CoachState, findSession, isAbandoned } from './coach.js';
import type {
  CancelSession,
  CoachCommand,
  CompleteSession,
  CorrectOutcome,
  MarkNoShow,
  RescheduleSession,
  ScheduleSession,
} from './commands.js';
import { confirmHold, holdSlot, releaseHold } from './decide-holds.js';
import { decideOffering } from './decide-offering.js';
import { remindOfSession } from './decide-reminders.js';
import { settleReservation } from './decide-reservations.js';
import { cancelSeries, rescheduleSeries, scheduleSeries } from './decide-series.js';
import { accept, type Decision, REASON_OF_STATE, reject } from './decision.js';
import { isWanted, type WantedEtag } from './etag.js';
import type { Conflict } from './events.js';
import { cancelled, changedAt, etagOf, fieldsOf, rescheduled, type Session, scheduled } from './session.js';
import { decideWay, wayUnderPolicy } from './way-under-policy.js';

/**
 * Decides a command against a coach's state. Pure: no clock, no ids, no I/O.
 * @param zoneRules by which the coach's hours become instants
 * @param clientConflicts for a series: the occurrences at which the client has no time, as far as that is known
 */
export function decideCoach(
  command: CoachCommand,
  state: CoachState,
  zoneRules: ZoneRules,
  clientConflicts: readonly Conflict[] = [],
): Decision {
  switch (command.type) {
    case 'ScheduleSession':
      return scheduleSession(command, state, zoneRules);
    case 'RescheduleSession':
      return rescheduleSession(command, state, zoneRules);
    case 'CancelSession':
      return cancelSession(command, state);
    case 'CompleteSession':
      return completeSession(command, state);
    case 'MarkNoShow':
      return markNoShow(command, state);
    case 'CorrectOutcome':
      return correctOutcome(command, state);
    case 'ScheduleSeries':
      return scheduleSeries(command, state, zoneRules, clientConflicts);
    case 'RescheduleSeries':
      return rescheduleSeries(command, state, zoneRules, clientConflicts);
    case 'CancelSeries':
      return cancelSeries(command, state);
    case 'HoldSlot':
      return holdSlot(command, state, zoneRules);
    case 'ConfirmHold':
      return confirmHold(command, state);
    case 'ReleaseHold':
      return releaseHold(command, state);
    case 'SettleReservation':
      return settleReservation(command, state);
    case 'RemindOfSession':
      return remindOfSession(command, state);
    case 'SetAvailability':
    case 'DeleteAvailability':
    case 'SetBookingPolicy':
    case 'DeleteBookingPolicy':
    case 'AddTimeOff':
    case 'RemoveTimeOff':
    case 'SyncTimeOff':
      return decideOffering(command, state, zoneRules);
    default:
      return command satisfies never;
  }
}

function scheduleSession(command: ScheduleSession, state: CoachState, zoneRules: ZoneRules): Decision {
  if (isAbandoned(state, command.reservationId)) return reject('RESERVATION_ABANDONED');
  return decideWay(wayUnderPolicy(command, command, state, zoneRules), () => scheduled(command));
}

function rescheduleSession(command: RescheduleSession, state: CoachState, zoneRules: ZoneRules): Decision {
  return forScheduled(command, state, (session) => {
    if (isAbandoned(state, command.reservationId)) return reject('RESERVATION_ABANDONED');

    const { start = session.start, duration = session.duration } = command;
    const slot = { start, duration };
    if (!isInCalendar(slot)) return reject('ENDS_TOO_LATE');
    const withoutIt = { ...state, calendar: removeEntry(state.calendar, session) };
    const way = wayUnderPolicy(command, slot, withoutIt, zoneRules);
    return decideWay(way, () => rescheduled(session, slot, command));
  });
}

function cancelSession(command: CancelSession, state: CoachState): Decision {
  return forScheduled(command, state, (session) => accept(cancelled(session, command)));
}

function completeSession(command: CompleteSession, state: CoachState): Decision {
  return forStarted(command, state, (session) => {
    const completedAt = changedAt(session, command.now);
    return accept({ type: 'SessionCompleted', ...fieldsOf(session), completedAt });
  });
}

function markNoShow(command: MarkNoShow, state: CoachState): Decision {
  return forStarted(command, state, (session) => {
    const markedAt = changedAt(session, command.now);
    return accept({ type: 'SessionMarkedNoShow', ...fieldsOf(session), markedAt, absent: command.absent });
  });
}

function correctOutcome(command: CorrectOutcome, state: CoachState): Decision {
  return forSession(command, state, (session) => {
    if (session.state === 'scheduled') return reject('SESSION_HAS_NO_OUTCOME');
    if (session.state === 'cancelled') return reject('SESSION_CANCELLED');
    const { outcome, absent, reason, now } = command;
    if (session.state === outcome && session.absent === absent) return reject('OUTCOME_UNCHANGED');
    const correctedAt = changedAt(session, now);
    return accept({ type: 'SessionOutcomeCorrected', ...fieldsOf(session), correctedAt, outcome, absent, reason });
  });
}

type ForSession = { readonly sessionId: string; readonly etag: WantedEtag; readonly now: number };
type Decide = (session: Session) => Decision;

/** Decides about a session that exists, in the version that the command is for. */
function forSession({ sessionId, etag }: ForSession, state: CoachState, decide: Decide): Decision {
  const session = findSession(state, sessionId);
  if (!session) return reject('SESSION_NOT_FOUND');
  if (!isWanted(etag, etagOf(session))) return reject({ reason: 'STALE_ETAG', etag: etagOf(session) });
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
