import type { Availability } from '../../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import type { OfferingEvent } from '../../../src/domain/availability/events.js';
import type { TimeOff } from '../../../src/domain/availability/time-off.js';
import { policy } from '../../support/offering-samples.js';
import { NOON } from '../support.js';

type EventOf<Type extends OfferingEvent['type']> = Extract<OfferingEvent, { readonly type: Type }>;

/** Hours of every kind. */
export const HOURS: Availability = {
  timeZone: 'Europe/Zurich',
  weekly: [
    { days: ['monday', 'sunday'], from: '09:00', to: '12:00' },
    { days: ['friday'], from: '22:00', to: '02:00' },
  ],
  dates: [
    { date: '2030-12-24', hours: [{ from: '09:00', to: '24:00' }] },
    { date: '2030-12-25', hours: [] },
  ],
};

export const NO_LIMITS = policy();

/** A policy in which every number differs. */
export const LIMITS: BookingPolicy = {
  gapBefore: 15,
  gapAfter: 0,
  notice: 120,
  horizonDays: 60,
  grid: 30,
  durations: [60, 45],
  maxPerDay: 4,
  maxPerWeek: 12,
  allowOutsideHours: true,
  timeZone: 'Asia/Kathmandu',
};

export function hoursSet(availability: Partial<Availability> = {}, setAt = NOON): EventOf<'AvailabilitySet'> {
  const outside = { outside: [], outsideCount: 0 };
  return { type: 'AvailabilitySet', coachHashId: 'ann', ...HOURS, ...availability, ...outside, setAt };
}

export function hoursDeleted(deletedAt = NOON): EventOf<'AvailabilityDeleted'> {
  return { type: 'AvailabilityDeleted', coachHashId: 'ann', deletedAt };
}

export function policySet(policy: BookingPolicy, setAt = NOON): EventOf<'BookingPolicySet'> {
  return { type: 'BookingPolicySet', coachHashId: 'ann', ...policy, setAt };
}

export function policyDeleted(deletedAt = NOON): EventOf<'BookingPolicyDeleted'> {
  return { type: 'BookingPolicyDeleted', coachHashId: 'ann', deletedAt };
}

/** The id of a time off: the number at its end orders ids. */
export function timeOffId(number: number): string {
  return `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

/** Whole dates, or an hour from noon if no dates are given. */
export function timeOff(number: number, given: Partial<TimeOff> = {}): TimeOff {
  const times = given.firstDate === undefined && { start: NOON, end: NOON + 3_600_000 };
  return {
    timeOffId: timeOffId(number),
    start: undefined,
    end: undefined,
    firstDate: undefined,
    lastDate: undefined,
    reason: undefined,
    source: undefined,
    externalId: undefined,
    ...times,
    ...given,
  };
}

export function added(timeOff: TimeOff, addedAt = NOON, coachHashId = 'ann'): EventOf<'TimeOffAdded'> {
  return { type: 'TimeOffAdded', coachHashId, timeOff, addedAt };
}

export function removed(timeOff: TimeOff, removedAt = NOON): EventOf<'TimeOffRemoved'> {
  return { type: 'TimeOffRemoved', coachHashId: 'ann', timeOff, removedAt };
}

/** A sync of the calendar `mail`. */
export function synced(
  changes: Pick<EventOf<'TimeOffSynced'>, 'added' | 'removed'>,
  syncedAt = NOON,
): EventOf<'TimeOffSynced'> {
  const others = { coachHashId: 'ann', source: 'mail', total: 1, calendar: undefined, syncedAt };
  return { type: 'TimeOffSynced', ...others, ...changes };
}
