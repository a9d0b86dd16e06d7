import { type Calendar, overlapping } from '../calendar.js';
import { intervalOf, type Slot } from '../slot.js';
import type { Rejection } from './decision.js';
import type { HoldExpired } from './events.js';
import { type Hold, isHold } from './hold.js';
import type { Session } from './session.js';

/** What there is at a time that is wanted. */
export interface Way {
  /** The earliest session or open hold that keeps it from being free. */
  readonly inTheWay: Session | Hold | undefined;
  /** Holds whose time has run out: they give way, and their end has to be recorded together with what takes the time. */
  readonly expired: readonly Hold[];
}

/** Looks whether a time is free. A hold counts until it expires, whether or not anything was done about it. */
export function wayOf(calendar: Calendar<Session | Hold>, slot: Slot, now: number): Way {
  const expired: Hold[] = [];
  for (const entry of overlapping(calendar, slot)) {
    if (!isHold(entry) || now < entry.expiresAt) return { inTheWay: entry, expired };
    expired.push(entry);
  }
  return { inTheWay: undefined, expired };
}

/** The rejection for what is in the way. */
export function overlapWith(inTheWay: Session | Hold): Extract<Rejection, { inTheWay: unknown }> {
  return { reason: isHold(inTheWay) ? 'SLOT_HELD' : 'COACH_OVERLAP', inTheWay: intervalOf(inTheWay) };
}

/** The end of holds whose time has run out. */
export function expiryOf(holds: readonly Hold[], now: number): HoldExpired[] {
  return holds.map((hold) => ({ type: 'HoldExpired', ...toldOf(hold), expiredAt: now }));
}

/** What every event of a hold tells. */
export function toldOf({ id, state: _, ...hold }: Hold) {
  return { ...hold, holdId: id };
}
