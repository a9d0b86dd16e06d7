/**
 * What a coach's events need of their clients' time, and what they free. The rule that no client is in two sessions at
 * once turns the needs into reservations before the events are appended, and releases what is free afterwards.
 */
import type { ReservedTime, WantedTime } from '../client/client.js';
import type { CoachCommand } from './commands.js';
import type { CoachEvent, SessionRescheduled, SessionScheduled, SlotHeld } from './events.js';

/**
 * The time that must be reserved before these events of a command may be appended, all of one client. Events without a
 * reservation need none: the rule for clients is off for them.
 */
export function wantedTime({ type }: Pick<CoachCommand, 'type'>, events: readonly CoachEvent[]): WantedTime[] {
  // A hold that is confirmed has the client's time reserved already.
  if (type === 'ConfirmHold') return [];
  const wanted: WantedTime[] = [];
  for (const event of events) {
    if (!takesNewTime(event) || event.reservationId === undefined) continue;
    const { reservationId, clientHashId, coachHashId, start, duration } = event;
    const [sessionId, holdExpiresAt] =
      event.type === 'SlotHeld' ? [event.holdId, event.expiresAt] : [event.sessionId, undefined];
    wanted.push({ reservationId, clientHashId, coachHashId, sessionId, start, duration, holdExpiresAt });
  }
  return wanted;
}

/** The reservations that are free once these events are appended. */
export function freedTime(events: readonly CoachEvent[]): ReservedTime[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'SessionRescheduled': {
        const { previousReservationId: reservationId, previousStart: start, previousDuration: duration } = event;
        return reserved({ ...event, reservationId, start, duration });
      }
      case 'SessionCancelled':
        return reserved(event);
      case 'HoldReleased':
      case 'HoldExpired':
        return reserved({ ...event, sessionId: event.holdId });
      default:
        return [];
    }
  });
}

/** The reservations whose holds became sessions by these events. */
export function confirmedTime(events: readonly CoachEvent[]): ReservedTime[] {
  return events.flatMap((event) =>
    event.type === 'HoldConfirmed' ? reserved({ ...event, sessionId: event.holdId }) : [],
  );
}

function takesNewTime(event: CoachEvent): event is SessionScheduled | SessionRescheduled | SlotHeld {
  return event.type === 'SessionScheduled' || event.type === 'SessionRescheduled' || event.type === 'SlotHeld';
}

type MaybeReserved = Omit<ReservedTime, 'reservationId'> & { readonly reservationId: string | undefined };

function reserved({ reservationId, clientHashId, coachHashId, sessionId, start, duration }: MaybeReserved) {
  if (reservationId === undefined) return [];
  return [{ reservationId, clientHashId, coachHashId, sessionId, start, duration }];
}
