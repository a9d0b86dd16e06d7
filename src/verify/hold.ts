import { type HoldEvent, timeOf } from './stored-events.js';
import type { Span } from './timetable.js';

/** A hold as an event left it. Times are epoch milliseconds. */
export interface Hold extends Span {
  readonly kind: 'hold';
  readonly coach: string;
  readonly client: string;
  readonly duration: number;
  readonly state: 'open' | 'confirmed' | 'released' | 'expired';
  readonly heldAt: number;
  readonly expiresAt: number;
  readonly updatedAt: number;
  readonly reservationId: string | null;
  readonly revision: number;
}

/** The hold as the event at a revision leaves it. Throws when a time is missing in the event. */
export function holdAfter(event: HoldEvent, revision: number): Hold {
  const start = timeOf(event.start);
  return {
    kind: 'hold',
    id: event.holdId,
    coach: event.coachHashId,
    client: event.clientHashId,
    start,
    duration: event.duration,
    end: start + event.duration * 60_000,
    heldAt: timeOf(event.heldAt),
    expiresAt: timeOf(event.expiresAt),
    reservationId: event.reservationId || null,
    revision,
    ...changeBy(event),
  };
}

function changeBy(event: HoldEvent): Pick<Hold, 'state' | 'updatedAt'> {
  switch (event.$typeName) {
    case 'aceup.scheduler.v1.SlotHeld':
      return { state: 'open', updatedAt: timeOf(event.heldAt) };
    case 'aceup.scheduler.v1.HoldConfirmed':
      return { state: 'confirmed', updatedAt: timeOf(event.confirmedAt) };
    case 'aceup.scheduler.v1.HoldReleased':
      return { state: 'released', updatedAt: timeOf(event.releasedAt) };
    case 'aceup.scheduler.v1.HoldExpired':
      return { state: 'expired', updatedAt: timeOf(event.expiredAt) };
    default:
      return event satisfies never;
  }
}

const FIXED = ['coach', 'client', 'start', 'duration', 'heldAt', 'expiresAt', 'reservationId'] as const;

/** What is wrong with the end of a hold; nothing when it is right. */
export function wrongInEnd(before: Hold, after: Hold): string[] {
  const wrong: string[] = [];
  if (after.state === 'open') return ['is held again'];
  if (before.state !== 'open') wrong.push(`is ${after.state} although it is ${before.state}`);
  const hasRunOut = after.updatedAt >= before.expiresAt;
  if (after.state === 'expired' && !hasRunOut) wrong.push('is expired before its time has run out');
  if (after.state !== 'expired' && hasRunOut) wrong.push(`is ${after.state} after its time has run out`);
  const changed = FIXED.filter((field) => before[field] !== after[field]);
  return [
    ...wrong,
    ...changed.map((field) => `has another ${field} than before: ${after[field]}, not ${before[field]}`),
  ];
}
