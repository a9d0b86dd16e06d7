import { DayOfWeek } from '../../gen/google/type/dayofweek_pb.js';
import { type AvailabilityChange, isSet, type PolicyChange, type TimeOff } from '../offering.js';
import { nameOf, timeOf } from '../stored-events.js';
import type { AuditedTable, Row } from './expected-rows.js';
import { jsonbText } from './jsonb-text.js';

const HOURS = { time_zone: 'text', weekly: 'text', dates: 'text' } as const;

/** The tables of what coaches offer, all columns of each. */
export const OFFERING_TABLES = {
  availability: {
    name: 'availability',
    key: ['coach_hash_id'],
    columns: { coach_hash_id: 'text', state: 'text', ...HOURS, revision: 'number', updated_at: 'time' },
  },
  availabilityHistory: {
    name: 'availability_history',
    key: ['coach_hash_id', 'revision'],
    columns: {
      coach_hash_id: 'text',
      revision: 'number',
      type: 'text',
      decided_at: 'time',
      actor: 'text',
      subject: 'text',
      request_id: 'text',
      correlation_id: 'text',
      position: 'number',
      ...HOURS,
    },
  },
  bookingPolicies: {
    name: 'booking_policies',
    key: ['coach_hash_id'],
    columns: {
      coach_hash_id: 'text',
      state: 'text',
      gap_before: 'number',
      gap_after: 'number',
      notice: 'number',
      horizon_days: 'number',
      grid: 'number',
      durations: 'text',
      max_per_day: 'number',
      max_per_week: 'number',
      allow_outside_hours: 'text',
      time_zone: 'text',
      revision: 'number',
      updated_at: 'time',
    },
  },
  timeOff: {
    name: 'time_off',
    key: ['id'],
    columns: {
      id: 'text',
      coach_hash_id: 'text',
      starts_at: 'time',
      ends_at: 'time',
      first_date: 'date',
      last_date: 'date',
      reason: 'text',
      source: 'text',
      external_id: 'text',
      created_at: 'time',
      removed_at: 'time',
      revision: 'number',
    },
  },
} as const satisfies Readonly<Record<string, AuditedTable>>;

/** The row of an availability that was changed last by this. */
export function availabilityRow({ event, revision }: AvailabilityChange): Row {
  return {
    coach_hash_id: event.coachHashId,
    state: isSet(event) ? 'set' : 'deleted',
    ...hoursOf(event),
    revision,
    updated_at: decidedAt(event),
  };
}

/** The row of a change of an availability. */
export function availabilityHistoryRow({ event, revision, position, metadata }: AvailabilityChange): Row {
  return {
    coach_hash_id: event.coachHashId,
    revision,
    type: nameOf(event),
    decided_at: decidedAt(event),
    actor: metadata.actor || null,
    subject: metadata.subject || null,
    request_id: metadata.requestId || null,
    correlation_id: metadata.correlationId || null,
    position: Number(position),
    ...hoursOf(event),
  };
}

function decidedAt(event: AvailabilityChange['event'] | PolicyChange['event']): number {
  return timeOf(isSet(event) ? event.setAt : event.deletedAt);
}

function hoursOf(event: AvailabilityChange['event']): Row {
  if (!isSet(event)) return { time_zone: null, weekly: null, dates: null };
  const hours = ({ from, to }: { readonly from: string; readonly to: string }) => ({ from, to });
  return {
    time_zone: event.timeZone,
    weekly: jsonbText(event.weekly.map((one) => ({ ...hours(one), days: one.days.map((day) => DayOfWeek[day]) }))),
    dates: jsonbText(event.dates.map((one) => ({ date: one.date, hours: one.hours.map(hours) }))),
  };
}

const NO_POLICY = {
  gap_before: null,
  gap_after: null,
  notice: null,
  horizon_days: null,
  grid: null,
  durations: null,
  max_per_day: null,
  max_per_week: null,
  allow_outside_hours: null,
  time_zone: null,
};

/** The row of a booking policy that was changed last by this. */
export function bookingPolicyRow({ event, revision }: PolicyChange): Row {
  const changed = { coach_hash_id: event.coachHashId, revision, updated_at: decidedAt(event) };
  if (!isSet(event)) return { ...changed, state: 'deleted', ...NO_POLICY };
  return {
    ...changed,
    state: 'set',
    gap_before: event.gapBefore ?? null,
    gap_after: event.gapAfter ?? null,
    notice: event.notice ?? null,
    horizon_days: event.horizonDays ?? null,
    grid: event.grid ?? null,
    durations: jsonbText(event.durations),
    max_per_day: event.maxPerDay ?? null,
    max_per_week: event.maxPerWeek ?? null,
    allow_outside_hours: String(event.allowOutsideHours),
    time_zone: event.timeZone || null,
  };
}

/** The row of a time off. */
export function timeOffRow({ stored, addedAt, removedAt, revision }: TimeOff, coachHashId: string): Row {
  const { timeOffId, start, end, firstDate, lastDate, reason, source, externalId } = stored;
  return {
    id: timeOffId,
    coach_hash_id: coachHashId,
    starts_at: start ? timeOf(start) : midnight(firstDate),
    ends_at: end ? timeOf(end) : midnight(lastDate) + 24 * 3_600_000,
    first_date: firstDate || null,
    last_date: lastDate || null,
    reason: reason || null,
    source: source || null,
    external_id: externalId || null,
    created_at: addedAt,
    removed_at: removedAt,
    revision,
  };
}

/** In UTC. */
function midnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
