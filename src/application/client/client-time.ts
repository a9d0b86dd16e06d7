import type { ReleaseTime, WantedTime } from '../../domain/client/client.js';
import type { CoachCommand } from '../../domain/coach/commands.js';
import type { CoachEvent, SessionRescheduled, SessionScheduled, SlotHeld } from '../../domain/coach/events.js';

/** A reservation that was made, of which the coach's events say that it is not needed any more. */
type FreedTime = ReleaseTime['reservations'][number];

/**
 * The time of a client that has to be kept before these events of a command may be appended. None when there is no rule
 * for clients: then there is no reservation.
 */
export function wantedTime({ type }: Pick<CoachCommand, 'type'>, events: readonly CoachEvent[]): WantedTime[] {
  // A hold that is confirmed has kept the client's time already.
  if (type === 'ConfirmHold') return [];
  return events.filter(keepsTime).flatMap((event): WantedTime[] => {
    const { reservationId, clientHashId, coachHashId, start, duration } = event;
    if (!reservationId) return [];
    const isHold = event.type === 'SlotHeld';
    const sessionId = isHold ? event.holdId : event.sessionId;
    const holdExpiresAt = isHold ? event.expiresAt : undefined;
    return [{ reservationId, clientHashId, coachHashId, sessionId, start, duration, holdExpiresAt }];
  });
}

function keepsTime(event: CoachEvent): event is SessionScheduled | SessionRescheduled | SlotHeld {
  return event.type === 'SessionScheduled' || event.type === 'SessionRescheduled' || event.type === 'SlotHeld';
}

/** The time of clients that these events have made free, once they are appended. */
export function freedTime(events: readonly CoachEvent[]): FreedTime[] {
  return events.flatMap((event) => freedBy(event)).filter(({ reservationId }) => reservationId !== '');
}

function freedBy(event: CoachEvent): FreedTime[] {
  switch (event.type) {
    case 'SessionRescheduled': {
      const { previousReservationId: reservationId, previousStart: start, previousDuration: duration } = event;
      return [{ ...event, reservationId, start, duration }];
    }
    case 'SessionCancelled':
      return [event];
    case 'HoldReleased':
    case 'HoldExpired':
      return [{ ...event, sessionId: event.holdId }];
    default:
      return [];
  }
}
