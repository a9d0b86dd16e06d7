import type { Entry } from '../calendar.js';
import type { HoldEvent } from './events.js';

/** What has become of a hold. That its time ran out is in its events only when its slot was wanted since. */
export type HoldState = 'open' | 'confirmed' | 'released' | 'expired';

/** A hold as an event left it. Times are epoch milliseconds. */
export interface Hold extends Entry {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly state: HoldState;
  readonly heldAt: number;
  readonly expiresAt: number;
  /** What keeps the client's time for it; empty when nothing does. */
  readonly reservationId: string;
}

const STATES: Readonly<Record<HoldEvent['type'], HoldState>> = {
  SlotHeld: 'open',
  HoldConfirmed: 'confirmed',
  HoldReleased: 'released',
  HoldExpired: 'expired',
};

/** The hold as the event leaves it. */
export function holdAfter(event: HoldEvent): Hold {
  return {
    id: event.holdId,
    coachHashId: event.coachHashId,
    clientHashId: event.clientHashId,
    start: event.start,
    duration: event.duration,
    state: STATES[event.type],
    heldAt: event.heldAt,
    expiresAt: event.expiresAt,
    reservationId: event.reservationId,
  };
}

/** Whether an entry of a coach's calendar is a hold. */
export function isHold(entry: Entry): entry is Hold {
  return 'expiresAt' in entry;
}
