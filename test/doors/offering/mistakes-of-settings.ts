import type { JsonObject } from '@bufbuild/protobuf';
import {
  addTimeOff,
  deleteAvailability,
  getTimeOff,
  listTimeOff,
  removeTimeOff,
  setAvailability,
  setBookingPolicy,
  syncTimeOff,
} from '../../support/doors.js';
import { coach_hash_id, DATE_RULE, type Mistake, TIMES_OR_DATES, ZONE_RULE } from './mistake.js';
import { MORNINGS, monday } from './samples.js';

// Requests that set what a coach offers, with mistakes.

const hoursWith = (...weekly: JsonObject[]): JsonObject => {
  return { coach_hash_id, availability: { time_zone: 'Europe/Zurich', weekly } };
};
const on = (days: string[], from: string, to: string): JsonObject => ({ days, from, to });
export const datesWith = (...dates: JsonObject[]): JsonObject => {
  return { coach_hash_id, availability: { time_zone: 'Europe/Zurich', dates } };
};

/** Of hours. */
export const AVAILABILITIES: Mistake[] = [
  ['no availability', setAvailability, { coach_hash_id }, ['availability', 'is required']],
  [
    'a zone that is none',
    setAvailability,
    { coach_hash_id, availability: { ...MORNINGS, time_zone: 'Europe/Zuri' } },
    ['availability.time_zone', ZONE_RULE],
  ],
  ['no zone', setAvailability, { coach_hash_id, availability: {} }, ['availability.time_zone', 'is required']],
  [
    '25:61',
    setAvailability,
    hoursWith(on(['MONDAY'], '09:00', '25:61')),
    ['availability.weekly[0].to', 'must be a time from 00:00 to 24:00'],
  ],
  [
    'a beginning of 24:00',
    setAvailability,
    hoursWith(on(['MONDAY'], '24:00', '02:00')),
    ['availability.weekly[0].from', 'must be a time from 00:00 to 23:59'],
  ],
  [
    'equal ends',
    setAvailability,
    hoursWith(on(['MONDAY'], '09:00', '09:00')),
    ['availability.weekly[0].to', 'must not be the same time as `from`'],
  ],
  ['no days', setAvailability, hoursWith(on([], '09:00', '10:00')), ['availability.weekly[0].days', 'is required']],
  [
    'a day twice',
    setAvailability,
    hoursWith(on(['MONDAY', 'MONDAY'], '09:00', '10:00')),
    ['availability.weekly[0].days', 'must have each day once'],
  ],
  [
    'a day of no name',
    setAvailability,
    hoursWith(on(['DAY_OF_WEEK_UNSPECIFIED'], '09:00', '10:00')),
    ['availability.weekly[0].days', 'must be days from MONDAY to SUNDAY'],
  ],
  [
    'hours that overlap',
    setAvailability,
    hoursWith(on(['MONDAY'], '09:00', '12:00'), on(['MONDAY'], '11:00', '13:00')),
    ['availability.weekly[1]', 'must not overlap other hours, as it does availability.weekly[0]'],
  ],
  [
    'a night that reaches into hours',
    setAvailability,
    hoursWith(on(['SUNDAY'], '22:00', '02:00'), on(['MONDAY'], '01:00', '03:00')),
    ['availability.weekly[1]', 'must not overlap other hours, as it does availability.weekly[0]'],
  ],
  ['30 February', setAvailability, datesWith({ date: '2030-02-30' }), ['availability.dates[0].date', DATE_RULE]],
  [
    'a date twice',
    setAvailability,
    datesWith({ date: '2030-02-28' }, { date: '2030-02-28' }),
    ['availability.dates[1].date', 'must be given once'],
  ],
  [
    '25 hours of a date',
    setAvailability,
    datesWith({ date: '2030-02-28', hours: Array(25).fill({ from: '09:00', to: '10:00' }) }),
    ['availability.dates[0].hours', 'must have at most 24 entries'],
  ],
  [
    '1001 dates',
    setAvailability,
    datesWith(...Array(1_001).fill({ date: '2030-02-28' })),
    ['availability.dates', 'must have at most 1000 entries'],
  ],
  [
    '101 entries of a week',
    setAvailability,
    hoursWith(...Array(101).fill(on(['MONDAY'], '09:00', '10:00'))),
    ['availability.weekly', 'must have at most 100 entries'],
  ],
  [
    'an etag that is too long',
    deleteAvailability,
    { coach_hash_id, etag: 'x'.repeat(65) },
    ['etag', 'must be an etag that this service gave'],
  ],
];

const policyWith = (booking_policy: JsonObject): JsonObject => ({ coach_hash_id, booking_policy });

/** Of booking policies. */
export const POLICIES: Mistake[] = [
  ['no policy', setBookingPolicy, { coach_hash_id }, ['booking_policy', 'is required']],
  ['a grid of 0', setBookingPolicy, policyWith({ grid: 0 }), ['booking_policy.grid', 'must be 1 to 1440 minutes']],
  [
    'every number too small',
    setBookingPolicy,
    policyWith({ gap_before: -1, gap_after: -1, notice: -1, horizon_days: -1, max_per_day: -1, max_per_week: -1 }),
    ['booking_policy.gap_before', 'must be 0 to 1440 minutes'],
    ['booking_policy.gap_after', 'must be 0 to 1440 minutes'],
    ['booking_policy.notice', 'must be 0 to 525600 minutes'],
    ['booking_policy.horizon_days', 'must be 0 to 3660 days'],
    ['booking_policy.max_per_day', 'must be 0 to 1440 sessions'],
    ['booking_policy.max_per_week', 'must be 0 to 10080 sessions'],
  ],
  [
    'a duration of 0',
    setBookingPolicy,
    policyWith({ durations: [30, 0] }),
    ['booking_policy.durations', 'must be whole minutes, 1 to 1440 each'],
  ],
  [
    'a duration twice',
    setBookingPolicy,
    policyWith({ durations: [30, 30] }),
    ['booking_policy.durations', 'must have each duration once'],
  ],
  [
    '51 durations',
    setBookingPolicy,
    policyWith({ durations: Array.from({ length: 51 }, (_, index) => index + 1) }),
    ['booking_policy.durations', 'must have at most 50 entries'],
  ],
  [
    'a zone of a policy that is none',
    setBookingPolicy,
    policyWith({ time_zone: 'Mars' }),
    ['booking_policy.time_zone', ZONE_RULE],
  ],
];

const offWith = (time_off: JsonObject): JsonObject => ({ coach_hash_id, time_off });
const syncOf = (...time_off: JsonObject[]): JsonObject => ({ coach_hash_id, source: 'calendar', time_off });
export const HOUR = { start: monday('09:00'), end: monday('10:00') };

/** Of time off. */
export const TIME_OFF: Mistake[] = [
  ['no time off', addTimeOff, { coach_hash_id }, ['time_off', 'is required']],
  ['time off at no time', addTimeOff, offWith({}), ['time_off', TIMES_OR_DATES]],
  [
    'time off of times and dates',
    addTimeOff,
    offWith({ ...HOUR, first_date: '2030-04-01', last_date: '2030-04-01' }),
    ['time_off', TIMES_OR_DATES],
  ],
  ['time off without an end', addTimeOff, offWith({ start: monday('09:00') }), ['time_off.end', 'is required']],
  [
    'time off that ends when it begins',
    addTimeOff,
    offWith({ start: monday('09:00'), end: monday('09:00') }),
    ['time_off.end', 'must be after `start`'],
  ],
  [
    'time off of 30 February',
    addTimeOff,
    offWith({ first_date: '2030-02-28', last_date: '2030-02-30' }),
    ['time_off.last_date', DATE_RULE],
  ],
  [
    'dates in the wrong order',
    addTimeOff,
    offWith({ first_date: '2030-04-02', last_date: '2030-04-01' }),
    ['time_off.last_date', 'must not be before `first_date`'],
  ],
  [
    'time off that is long over',
    addTimeOff,
    offWith({ first_date: '2020-04-01', last_date: '2020-04-01' }),
    ['time_off.last_date', 'must not be more than 400 days ago'],
  ],
  [
    'a reason of 1001 characters',
    addTimeOff,
    offWith({ ...HOUR, reason: 'x'.repeat(1_001) }),
    ['time_off.reason', 'must be at most 1000 characters'],
  ],
  ['an id that is no UUID', removeTimeOff, { coach_hash_id, id: 'x' }, ['id', 'must be a UUID']],
  ['an id to get that is no UUID', getTimeOff, { coach_hash_id, id: 'x' }, ['id', 'must be a UUID']],
  ['2001 intervals', syncTimeOff, syncOf(...Array(2_001).fill(HOUR)), ['time_off', 'must have at most 2000 items']],
  ['a sync of no source', syncTimeOff, { coach_hash_id, time_off: [] }, ['source', 'is required']],
  [
    'a sync with another source',
    syncTimeOff,
    syncOf(HOUR, { ...HOUR, source: 'hr' }),
    ['time_off[1].source', 'must be empty or the same as `source`'],
  ],
  ['a sync with a mistake', syncTimeOff, syncOf(HOUR, { end: monday('09:00') }), ['time_off[1].start', 'is required']],
  [
    'a list whose end is before its beginning',
    listTimeOff,
    { coach_hash_id, from: HOUR.end, to: HOUR.start },
    ['from', 'must not be after to'],
  ],
];
