import { rulesOf } from '../availability/obstacles.js';
import { isAnyTime } from '../availability/offering.js';
import { termsOf } from '../availability/terms.js';
import type { Slot } from '../slot.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import { type CoachState, wayOf } from './coach.js';
import { accept, type Decision, overlapWith, type Rejection, reject } from './decision.js';
import type { CoachEvent, HoldExpired } from './events.js';

/** Why a slot is refused. Sessions and holds in the way come before hours, time off and policy. */
export type WayRefusal = ReturnType<typeof overlapWith> | Extract<Rejection, { reason: 'AGAINST_POLICY' }>;

/** What a command for a slot meets. */
export interface WayUnderPolicy {
  /** Undefined: nothing is in the way. */
  readonly refusal: WayRefusal | undefined;
  /** See `Way`. */
  readonly expiry: readonly HoldExpired[];
}

/** Looks whether a coach's time can be taken. A command may ignore the policy, and never sessions and holds. */
export function wayUnderPolicy(
  { now, ignorePolicy }: { readonly now: number; readonly ignorePolicy?: boolean },
  slot: Slot,
  { calendar, offering }: Pick<CoachState, 'calendar' | 'offering'>,
  zoneRules: ZoneRules,
): WayUnderPolicy {
  const { inTheWay, expiry } = wayOf(calendar, slot, now);
  const [first] = inTheWay;
  if (first) return { refusal: overlapWith(first), expiry };
  if (ignorePolicy || isAnyTime(offering)) return { refusal: undefined, expiry };
  const terms = termsOf(offering, zoneRules);
  const obstacles = rulesOf({ terms, calendar, now }).againstPolicy(slot);
  if (obstacles.length === 0) return { refusal: undefined, expiry };
  return { refusal: { reason: 'AGAINST_POLICY', obstacles, zone: terms.zone }, expiry };
}

/**
 * Accepts a command with its event, or refuses it. A refusal by policy alone keeps the events: whether the client has
 * time is still to be asked, since an overlap comes before the policy, whosever it is.
 */
export function decideWay({ refusal, expiry }: WayUnderPolicy, event: () => CoachEvent): Decision {
  if (!refusal) return accept(...expiry, event());
  // Most of a crowd is refused by an overlap, for which no event is needed.
  if (refusal.reason !== 'AGAINST_POLICY') return reject(refusal);
  return { kind: 'rejected', rejection: refusal, free: [...expiry, event()] };
}
