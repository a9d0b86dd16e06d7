import { emptyList, firstWhere, itemsBetween, type SortedList, withItem, withoutItem } from '../sorted-list.js';
import { byText } from '../text.js';
import type { Availability } from './availability.js';
import type { BookingPolicy } from './booking-policy.js';
import type { OfferingEvent } from './events.js';
import { endOfTimeOff, FORGOTTEN_AFTER, type TimeOff } from './time-off.js';

/** Which times a coach offers, as far as decisions need it. */
export interface Offering {
  /** Undefined: any time. */
  readonly availability: (Availability & Version) | undefined;
  /** Undefined: nothing limits. */
  readonly policy: (BookingPolicy & Version) | undefined;
  readonly timeOff: SortedList<KeptTimeOff, TimeOffKey>;
}

/** The revision of the event that set it, in the stream of the coach. */
export interface Version {
  readonly revision: number;
}

/** By when the time off has ended, in whatever zone; those that end first come first. */
export interface TimeOffKey {
  readonly until: number;
  readonly timeOffId: string;
}

/** A time off in the state of a coach. */
export type KeptTimeOff = TimeOff & TimeOffKey;

/** A coach for whom nothing is set. */
export const anyTime: Offering = { availability: undefined, policy: undefined, timeOff: emptyList };

/**
 * The offering after an event. Time off of long ago is forgotten, so that it does not grow for ever.
 * @param revision of the event
 */
export function evolveOffering(offering: Offering, event: OfferingEvent, revision: number): Offering {
  switch (event.type) {
    case 'AvailabilitySet': {
      const { timeZone, weekly, dates } = event;
      return { ...offering, availability: { timeZone, weekly, dates, revision } };
    }
    case 'AvailabilityDeleted':
      return { ...offering, availability: undefined };
    case 'BookingPolicySet':
      return { ...offering, policy: { ...policyOf(event), revision } };
    case 'BookingPolicyDeleted':
      return { ...offering, policy: undefined };
    case 'TimeOffAdded':
      return changed(offering, [event.timeOff], [], event.addedAt);
    case 'TimeOffRemoved':
      return changed(offering, [], [event.timeOff], event.removedAt);
    case 'TimeOffSynced':
      return changed(offering, event.added, event.removed, event.syncedAt);
    default:
      return event satisfies never;
  }
}

/** The fields of a policy, of anything that has them. */
export function policyOf(from: BookingPolicy): BookingPolicy {
  const { gapBefore, gapAfter, notice, horizonDays, grid, durations } = from;
  const { maxPerDay, maxPerWeek, allowOutsideHours, timeZone } = from;
  return {
    gapBefore,
    gapAfter,
    notice,
    horizonDays,
    grid,
    durations,
    maxPerDay,
    maxPerWeek,
    allowOutsideHours,
    timeZone,
  };
}

/** Whether nothing is set for the coach. */
export function isAnyTime({ availability, policy, timeOff }: Offering): boolean {
  return !availability && !policy && timeOff.size === 0;
}

/** The time off that has not ended long ago, the first to end first. */
export function timeOffSince({ timeOff }: Offering, now: number): readonly KeptTimeOff[] {
  return itemsBetween(
    timeOff,
    ({ until }) => until > now - FORGOTTEN_AFTER,
    () => false,
  );
}

/** The order of time off in a coach's state. */
export function byEnd(one: TimeOffKey, other: TimeOffKey): number {
  return one.until - other.until || byText(one.timeOffId, other.timeOffId);
}

function changed(offering: Offering, added: readonly TimeOff[], removed: readonly TimeOff[], at: number): Offering {
  let { timeOff } = offering;
  for (const one of removed) timeOff = withoutItem(timeOff, kept(one), byEnd);
  for (const one of added) timeOff = withItem(timeOff, kept(one), byEnd);
  for (;;) {
    const first = firstWhere(timeOff, () => true);
    if (!first || first.until > at - FORGOTTEN_AFTER) return { ...offering, timeOff };
    timeOff = withoutItem(timeOff, first, byEnd);
  }
}

function kept(timeOff: TimeOff): KeptTimeOff {
  return { ...timeOff, until: endOfTimeOff(timeOff) };
}
