/** What Carol, the coach of coach-samples.ts, offers: when she can be booked, her booking policy and her time off. */
import type { Availability, Hours } from '../../src/domain/availability/availability.js';
import { WEEKDAYS } from '../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../src/domain/availability/booking-policy.js';
import type {
  AddTimeOff,
  DeleteAvailability,
  DeleteBookingPolicy,
  RemoveTimeOff,
  SetAvailability,
  SetBookingPolicy,
  SyncTimeOff,
} from '../../src/domain/availability/commands.js';
import type {
  AvailabilityDeleted,
  AvailabilitySet,
  BookingPolicyDeleted,
  BookingPolicySet,
  TimeOffAdded,
  TimeOffRemoved,
  TimeOffSynced,
} from '../../src/domain/availability/events.js';
import type { TimeOff } from '../../src/domain/availability/time-off.js';
import { at, MIDNIGHT } from './coach-samples.js';

const carol = { coachHashId: 'carol', now: MIDNIGHT } as const;

/** Hours, as in `hours('09:00-12:00', '13:30-17:00')`. */
export function hours(...all: string[]): Hours[] {
  return all.map((one) => {
    const [from = '', to = ''] = one.split('-');
    return { from, to };
  });
}

/** The same hours on every day, in UTC unless another zone is given. */
export function everyDay(given: string | readonly string[], other: Partial<Availability> = {}): Availability {
  const weekly = hours(...[given].flat()).map((one) => ({ days: [...WEEKDAYS], ...one }));
  return { timeZone: 'UTC', weekly, dates: [], ...other };
}

/** Limits nothing, but for what is given. */
export function policy(given: Partial<BookingPolicy> = {}): BookingPolicy {
  return {
    gapBefore: undefined,
    gapAfter: undefined,
    notice: undefined,
    horizonDays: undefined,
    grid: undefined,
    durations: [],
    maxPerDay: undefined,
    maxPerWeek: undefined,
    allowOutsideHours: false,
    timeZone: undefined,
    ...given,
  };
}

/** Time off of the first of January, named by its times. */
export function off(from: string, to: string, other: Partial<TimeOff> = {}): TimeOff {
  return {
    timeOffId: `off-from-${from}-to-${to}`,
    start: at(from),
    end: at(to),
    firstDate: undefined,
    lastDate: undefined,
    reason: undefined,
    source: undefined,
    externalId: undefined,
    ...other,
  };
}

/** Whole dates off, named by the first one. */
export function datesOff(firstDate: string, lastDate = firstDate, other: Partial<TimeOff> = {}): TimeOff {
  const dates = { timeOffId: `off-from-${firstDate}`, start: undefined, end: undefined, firstDate, lastDate };
  return off('00:00', '24:00', { ...dates, ...other });
}

// Commands

export const setAvailability = (availability: Availability, other: Partial<SetAvailability> = {}): SetAvailability => ({
  type: 'SetAvailability',
  ...carol,
  availability,
  etag: undefined,
  ...other,
});

export const deleteAvailability = (other: Partial<DeleteAvailability> = {}): DeleteAvailability => ({
  type: 'DeleteAvailability',
  ...carol,
  etag: undefined,
  ...other,
});

export const setPolicy = (given: Partial<BookingPolicy>, other: Partial<SetBookingPolicy> = {}): SetBookingPolicy => ({
  type: 'SetBookingPolicy',
  ...carol,
  policy: policy(given),
  etag: undefined,
  ...other,
});

export const deletePolicy = (other: Partial<DeleteBookingPolicy> = {}): DeleteBookingPolicy => ({
  type: 'DeleteBookingPolicy',
  ...carol,
  etag: undefined,
  ...other,
});

export const addTimeOff = (timeOff: TimeOff, now = MIDNIGHT): AddTimeOff => ({
  type: 'AddTimeOff',
  ...carol,
  timeOff,
  now,
});

export const removeTimeOff = ({ timeOffId }: TimeOff, now = MIDNIGHT): RemoveTimeOff => ({
  type: 'RemoveTimeOff',
  ...carol,
  timeOffId,
  now,
});

/** Of the source `ical`. */
export const syncTimeOff = (timeOff: readonly TimeOff[], other: Partial<SyncTimeOff> = {}): SyncTimeOff => ({
  type: 'SyncTimeOff',
  ...carol,
  source: 'ical',
  timeOff,
  ...other,
});

// Events

export const availabilitySet = (
  { timeZone, weekly, dates }: Availability,
  other: Partial<AvailabilitySet> = {},
): AvailabilitySet => ({
  type: 'AvailabilitySet',
  coachHashId: 'carol',
  timeZone,
  weekly,
  dates,
  outside: [],
  outsideCount: 0,
  setAt: MIDNIGHT,
  ...other,
});

export const availabilityDeleted: AvailabilityDeleted = {
  type: 'AvailabilityDeleted',
  coachHashId: 'carol',
  deletedAt: MIDNIGHT,
};

export const policySet = (given: Partial<BookingPolicy>): BookingPolicySet => ({
  type: 'BookingPolicySet',
  coachHashId: 'carol',
  ...policy(given),
  setAt: MIDNIGHT,
});

export const policyDeleted: BookingPolicyDeleted = {
  type: 'BookingPolicyDeleted',
  coachHashId: 'carol',
  deletedAt: MIDNIGHT,
};

export const timeOffAdded = (timeOff: TimeOff, addedAt = MIDNIGHT): TimeOffAdded => ({
  type: 'TimeOffAdded',
  coachHashId: 'carol',
  timeOff,
  addedAt,
});

export const timeOffRemoved = (timeOff: TimeOff, removedAt = MIDNIGHT): TimeOffRemoved => ({
  type: 'TimeOffRemoved',
  coachHashId: 'carol',
  timeOff,
  removedAt,
});

export const timeOffSynced = (
  added: readonly TimeOff[],
  removed: readonly TimeOff[],
  other: Partial<TimeOffSynced> = {},
): TimeOffSynced => ({
  type: 'TimeOffSynced',
  coachHashId: 'carol',
  source: 'ical',
  added,
  removed,
  total: added.length,
  calendar: undefined,
  syncedAt: MIDNIGHT,
  ...other,
});
