import type { Availability, Hours, Weekday } from '../../domain/availability/availability.js';
import type { BookingPolicy } from '../../domain/availability/booking-policy.js';
import { policyOf } from '../../domain/availability/offering.js';
import type { TimeOff } from '../../domain/availability/time-off.js';
import type * as message from '../../gen/aceup/scheduler/v1/availability_pb.js';
import { DayOfWeek } from '../../gen/google/type/dayofweek_pb.js';
import { timestampOf } from '../../json/times.js';

/**
 * An availability as callers get it.
 * @param etag empty when nothing was written
 * @param updatedAt when it was set, in epoch milliseconds
 */
export function availabilityMessage(
  { timeZone, weekly, dates }: Availability,
  etag: string,
  updatedAt: number,
): message.Availability {
  return {
    $typeName: 'aceup.scheduler.v1.Availability',
    timeZone,
    weekly: weekly.map(({ days, from, to }) => ({
      $typeName: 'aceup.scheduler.v1.WeeklyHours',
      days: days.map((day) => DAYS[day]),
      from,
      to,
    })),
    dates: dates.map(({ date, hours }) => ({
      $typeName: 'aceup.scheduler.v1.DateHours',
      date,
      hours: hours.map(hoursMessage),
    })),
    etag,
    updatedAt: timestampOf(updatedAt),
  };
}

function hoursMessage({ from, to }: Hours): message.Hours {
  return { $typeName: 'aceup.scheduler.v1.Hours', from, to };
}

/**
 * A booking policy as callers get it.
 * @param etag empty when nothing was written
 * @param updatedAt when it was set, in epoch milliseconds
 */
export function bookingPolicyMessage(policy: BookingPolicy, etag: string, updatedAt: number): message.BookingPolicy {
  const { durations, timeZone, ...rest } = policyOf(policy);
  return {
    $typeName: 'aceup.scheduler.v1.BookingPolicy',
    ...rest,
    durations: [...durations],
    timeZone: timeZone ?? '',
    etag,
    updatedAt: timestampOf(updatedAt),
  };
}

/**
 * A time off as callers get it.
 * @param createdAt when it was added, in epoch milliseconds
 */
export function timeOffMessage(coachHashId: string, timeOff: TimeOff, createdAt: number): message.TimeOff {
  const { timeOffId, start, end, firstDate, lastDate, reason, source, externalId } = timeOff;
  return {
    $typeName: 'aceup.scheduler.v1.TimeOff',
    id: timeOffId,
    ...(start !== undefined && { start: timestampOf(start) }),
    ...(end !== undefined && { end: timestampOf(end) }),
    firstDate: firstDate ?? '',
    lastDate: lastDate ?? '',
    reason: reason ?? '',
    source: source ?? '',
    externalId: externalId ?? '',
    coachHashId,
    createdAt: timestampOf(createdAt),
  };
}

const DAYS: Readonly<Record<Weekday, DayOfWeek>> = {
  monday: DayOfWeek.MONDAY,
  tuesday: DayOfWeek.TUESDAY,
  wednesday: DayOfWeek.WEDNESDAY,
  thursday: DayOfWeek.THURSDAY,
  friday: DayOfWeek.FRIDAY,
  saturday: DayOfWeek.SATURDAY,
  sunday: DayOfWeek.SUNDAY,
};
