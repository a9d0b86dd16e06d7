import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type Availability,
  brokenAvailability,
  WEEKDAYS,
  type Weekday,
} from '../../domain/availability/availability.js';
import { type BookingPolicy, brokenPolicy } from '../../domain/availability/booking-policy.js';
import { brokenTimeOff, endOfTimeOff, FORGOTTEN_AFTER, type TimeOff } from '../../domain/availability/time-off.js';
import { isLongerThan } from '../../domain/text.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';
import type * as message from '../../gen/aceup/scheduler/v1/availability_pb.js';
import { type Broken, reason, time } from '../request/fields.js';

// What callers write about the times that a coach offers, as values of the domain.

/** The name of a source: printable ASCII, so that it can stand in a URL's query and in a log. */
const SOURCE = /^[ -~]{0,128}$/;
const MAX_EXTERNAL_ID = 256;

/** A value with the rules that it breaks: use it only when there are none. */
export interface Given<Value> {
  readonly value: Value;
  readonly broken: readonly Broken[];
}

/** The availability in a request. The zone has the name that IANA writes. */
export function availabilityGiven(
  path: string,
  { timeZone, weekly, dates }: message.Availability,
  rules: ZoneRules,
): Given<Availability> {
  const given = {
    timeZone,
    weekly: weekly.map(({ days, from, to }) => ({ days: days.map((day) => WEEKDAYS[day - 1] as Weekday), from, to })),
    dates: dates.map(({ date, hours }) => ({ date, hours: hours.map(({ from, to }) => ({ from, to })) })),
  };
  const value = { ...given, timeZone: rules.zone(timeZone)?.name ?? timeZone };
  return { value, broken: brokenAvailability(path, given, rules) };
}

/** The booking policy in a request. */
export function policyGiven(path: string, given: message.BookingPolicy, rules: ZoneRules): Given<BookingPolicy> {
  const timeZone = given.timeZone || undefined;
  const value = {
    gapBefore: given.gapBefore,
    gapAfter: given.gapAfter,
    notice: given.notice,
    horizonDays: given.horizonDays,
    grid: given.grid,
    durations: given.durations,
    maxPerDay: given.maxPerDay,
    maxPerWeek: given.maxPerWeek,
    allowOutsideHours: given.allowOutsideHours,
    timeZone: timeZone && (rules.zone(timeZone)?.name ?? timeZone),
  };
  return { value, broken: brokenPolicy(path, value, rules) };
}

/** A time off in a request, without its id. */
export function timeOffGiven(path: string, given: message.TimeOff): Given<Omit<TimeOff, 'timeOffId'>> {
  const { firstDate, lastDate, source, externalId } = given;
  const value = {
    start: given.start && timestampMs(given.start),
    end: given.end && timestampMs(given.end),
    firstDate: firstDate || undefined,
    lastDate: lastDate || undefined,
    reason: given.reason || undefined,
    source: source || undefined,
    externalId: externalId || undefined,
  };
  const broken = [
    time(`${path}.start`, given.start),
    time(`${path}.end`, given.end),
    reason(`${path}.reason`, given.reason),
    timeOffSource(`${path}.source`, source),
    brokenExternalId(`${path}.external_id`, externalId),
  ].filter((one) => one !== undefined);
  return { value, broken: broken.length > 0 ? broken : brokenTimeOff(path, { timeOffId: '', ...value }) };
}

/** The name of a source of time off; empty means none. */
export function timeOffSource(field: string, value: string): Broken {
  return SOURCE.test(value) ? undefined : { field, description: 'must be at most 128 printable ASCII characters' };
}

/** Time off that ended long ago is forgotten, so it cannot be added. */
export function notForgotten(path: string, timeOff: TimeOff, now: number): Broken {
  if (endOfTimeOff(timeOff) > now - FORGOTTEN_AFTER) return undefined;
  const field = timeOff.end === undefined ? `${path}.last_date` : `${path}.end`;
  return { field, description: 'must not be more than 400 days ago' };
}

function brokenExternalId(field: string, value: string): Broken {
  if (isLongerThan(value, MAX_EXTERNAL_ID)) {
    return { field, description: `must be at most ${MAX_EXTERNAL_ID} characters` };
  }
  return value.includes('\0') ? { field, description: 'must not contain U+0000' } : undefined;
}
