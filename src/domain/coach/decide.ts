import type { CoachState } from './coach.js';
import type { CoachCommand } from './commands.js';
import { confirmHold, holdSlot, releaseHold } from './decide-holds.js';
import { settleReservation } from './decide-reservations.js';
import { cancelSeries, rescheduleSeries, scheduleSeries } from './decide-series.js';
import {
  cancelSession,
  completeSession,
  correctOutcome,
  markNoShow,
  rescheduleSession,
  scheduleSession,
} from './decide-sessions.js';
import type { Decision } from './decision.js';
import type { Conflict } from './events.js';

/**
 * Decides a command against a coach's state. Pure: no clock, no ids, no I/O.
 * @param clientConflicts for a series: the occurrences at which the client has no time, as far as that is known
 */
export function decideCoach(
  command: CoachCommand,
  state: CoachState,
  clientConflicts: readonly Conflict[] = [],
): Decision {
  switch (command.type) {
    case 'ScheduleSession':
      return scheduleSession(command, state);
    case 'RescheduleSession':
      return rescheduleSession(command, state);
    case 'CancelSession':
      return cancelSession(command, state);
    case 'CompleteSession':
      return completeSession(command, state);
    case 'MarkNoShow':
      return markNoShow(command, state);
    case 'CorrectOutcome':
      return correctOutcome(command, state);
    case 'ScheduleSeries':
      return scheduleSeries(command, state, clientConflicts);
    case 'RescheduleSeries':
      return rescheduleSeries(command, state, clientConflicts);
    case 'CancelSeries':
      return cancelSeries(command, state);
    case 'HoldSlot':
      return holdSlot(command, state);
    case 'ConfirmHold':
      return confirmHold(command, state);
    case 'ReleaseHold':
      return releaseHold(command, state);
    case 'SettleReservation':
      return settleReservation(command, state);
    default:
      return command satisfies never;
  }
}
