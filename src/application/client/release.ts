import type { ClientCommand, ReservedTime } from '../../domain/client/client.js';
import type { CoachEvent } from '../../domain/coach/events.js';
import { Cancellation } from '../../waiting.js';
import type { Submission } from '../submission.js';
import type { ClientInbox } from './client-inbox.js';

/** What releasing needs. */
export interface ReleaseParts {
  readonly clients: ClientInbox;
  /** Called with the error when a client's time could not be released. */
  readonly onReleaseFailed: (error: unknown) => void;
}

// What is free is released although nobody waits any more.
const NEVER = new Cancellation();

/**
 * Releases what a submission had reserved and does not use, and what its events free; confirms the reservations whose
 * holds became sessions by its events. Undefined when there is nothing to do. Never rejects.
 */
export function release(
  parts: ReleaseParts,
  submission: Submission,
  unused: readonly ReservedTime[],
  events: readonly CoachEvent[],
): Promise<void> | undefined {
  const { now } = submission.command;
  const free = [...unused, ...freedTime(events)];
  const commands: ClientCommand[] = [
    ...[...new Set(free.map(({ clientHashId }) => clientHashId))].map((clientHashId) => {
      const reservations = free.filter((one) => one.clientHashId === clientHashId);
      return { type: 'ReleaseTime', clientHashId, reservations, now } as const;
    }),
    ...confirmedTime(events).map((reservation) => {
      return { type: 'ConfirmReservation', clientHashId: reservation.clientHashId, reservation, now } as const;
    }),
  ];
  return commands.length === 0 ? undefined : carryOut(parts, submission, commands);
}

async function carryOut(
  { clients, onReleaseFailed }: ReleaseParts,
  { metadata }: Submission,
  commands: readonly ClientCommand[],
): Promise<void> {
  const done = commands.map((command) =>
    clients.submit(command.clientHashId, { command, metadata, validateOnly: false, cancellation: NEVER }),
  );
  for (const one of await Promise.allSettled(done)) if (one.status === 'rejected') onReleaseFailed(one.reason);
}

/** The reservations that are free once these events are appended. */
function freedTime(events: readonly CoachEvent[]): ReservedTime[] {
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
function confirmedTime(events: readonly CoachEvent[]): ReservedTime[] {
  return events.flatMap((event) =>
    event.type === 'HoldConfirmed' ? reserved({ ...event, sessionId: event.holdId }) : [],
  );
}

type MaybeReserved = Omit<ReservedTime, 'reservationId'> & { readonly reservationId: string | undefined };

function reserved({ reservationId, clientHashId, coachHashId, sessionId, start, duration }: MaybeReserved) {
  if (reservationId === undefined) return [];
  return [{ reservationId, clientHashId, coachHashId, sessionId, start, duration }];
}
