import type { SettleReservation } from './commands.js';
import { accept, type Decision, reject } from './decision.js';
import { takesTime } from './session.js';
import { type CoachState, findHold, findSession } from './state.js';
import { expiryOf } from './time.js';

/**
 * What a reservation of a client's time is worth. Accepted: nothing, now and for ever, so that it may be released.
 * RESERVATION_BOOKED: a session needs it. RESERVATION_HELD: an open hold does. RESERVATION_PENDING: nothing does so far.
 */
export function settleReservation(command: SettleReservation, state: CoachState): Decision {
  const { reservationId, sessionId, coachHashId, clientHashId, abandon, now } = command;
  if (state.abandoned.has(reservationId)) return accept();

  const session = findSession(state, sessionId);
  if (session?.reservationId === reservationId) return takesTime(session) ? reject('RESERVATION_BOOKED') : accept();

  const hold = findHold(state, sessionId);
  if (!session && hold?.reservationId === reservationId) {
    if (hold.state !== 'open') return accept();
    return now < hold.expiresAt ? reject('RESERVATION_HELD') : accept(...expiryOf([hold], now));
  }

  if (!abandon) return reject('RESERVATION_PENDING');
  return accept({ type: 'ReservationAbandoned', reservationId, coachHashId, clientHashId, abandonedAt: now });
}
