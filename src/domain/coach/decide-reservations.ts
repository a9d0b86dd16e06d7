import { type CoachState, findHold, findSession, isAbandoned } from './coach.js';
import type { SettleReservation } from './commands.js';
import { accept, type Decision, reject } from './decision.js';
import { hasExpired, holdExpired } from './hold.js';
import { takesTime } from './session.js';

/**
 * Says whether the coach uses a reservation of a client's time. Accepted: it does not and never will, so the
 * reservation may be released. RESERVATION_BOOKED: a session uses it. RESERVATION_HELD: an open hold does.
 * RESERVATION_PENDING: nothing uses it yet.
 */
export function settleReservation(command: SettleReservation, state: CoachState): Decision {
  const { reservationId, sessionId, coachHashId, clientHashId, abandon, now } = command;
  if (isAbandoned(state, reservationId)) return accept();

  const session = findSession(state, sessionId);
  if (session && session.reservationId === reservationId) {
    return takesTime(session) ? reject('RESERVATION_BOOKED') : accept();
  }

  const hold = findHold(state, sessionId);
  if (!session && hold && hold.reservationId === reservationId) {
    if (hold.state !== 'open') return accept();
    return hasExpired(hold, now) ? accept(holdExpired(hold, now)) : reject('RESERVATION_HELD');
  }

  if (!abandon) return reject('RESERVATION_PENDING');
  return accept({ type: 'ReservationAbandoned', reservationId, coachHashId, clientHashId, abandonedAt: now });
}
