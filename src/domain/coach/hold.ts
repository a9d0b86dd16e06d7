import type { Entry } from '../calendar.js';
import type { HoldEvent, HoldExpired } from './events.js';

/** How long a hold lasts, in seconds: at most, and when the caller does not say. */
export const MAX_HOLD_SECONDS = 1800;
export const DEFAULT_HOLD_SECONDS = 600;

/** What has become of a hold. Its events say `expired` only once its slot has been wanted again. */
export type HoldState = 'open' | 'confirmed' | 'released' | 'expired';

/** A hold as an event left it. Times are epoch milliseconds. */
export interface Hold extends Entry {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly state: HoldState;
  readonly heldAt: number;
  readonly expiresAt: number;
  /** The reservation of the client's time; undefined when the slot was held without the rule for clients. */
  readonly reservationId: string | undefined;
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

/** When an event of a hold was decided, in epoch milliseconds. */
export function holdChangedAt(event: HoldEvent): number {
  switch (event.type) {
    case 'SlotHeld':
      return event.heldAt;
    case 'HoldConfirmed':
      return event.confirmedAt;
    case 'HoldReleased':
      return event.releasedAt;
    case 'HoldExpired':
      return event.expiredAt;
    default:
      return event satisfies never;
  }
}

/** Whether an entry of a coach's calendar is a hold. */
export function isHold(entry: Entry): entry is Hold {
  return 'expiresAt' in entry;
}

/** Whether a hold may last so many seconds. */
export function isHoldTime(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_HOLD_SECONDS;
}

/** Whether the hold's time has run out. */
export function hasExpired({ expiresAt }: Pick<Hold, 'expiresAt'>, now: number): boolean {
  return now >= expiresAt;
}

/** Whether an entry of a coach's calendar takes its time: a hold does until it expires, whether or not an event says so. */
export function isTaken(entry: Entry, now: number): boolean {
  return !isHold(entry) || !hasExpired(entry, now);
}

/** The state of a hold at a time: a hold expires without an event. */
export function stateAt(hold: Pick<Hold, 'state' | 'expiresAt'>, now: number): HoldState {
  return hold.state === 'open' && hasExpired(hold, now) ? 'expired' : hold.state;
}

/** A text that differs after every change of a hold, which changes in nothing but its state. */
export function etagOfHold(state: HoldState): string {
  return state;
}

/** The event that records the end of a hold whose time has run out. */
export function holdExpired(hold: Hold, now: number): HoldExpired {
  return { type: 'HoldExpired', ...holdFields(hold), expiredAt: now };
}

/** The fields that every event of a hold has, as the hold has them. */
export function holdFields({ id: holdId, state: _, ...hold }: Hold) {
  return { ...hold, holdId };
}
