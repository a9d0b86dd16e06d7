import type { AsOf } from '../../src/application/read-model.js';

/** Sessions as they are now, under the name `session`. */
export const CURRENT_SESSIONS = 'read_model.sessions session';

/**
 * Sessions as they were, under the name `session`, with the columns of `read_model.sessions`. What no change can change
 * comes from the row of now, so that its indexes find the sessions.
 * @param parameter the place of `asOfValue` among the values of the query: `$1`
 */
export function sessionsAsOf(asOf: AsOf, parameter: string): string {
  const decided = 'time' in asOf ? `decided_at <= ${parameter}::timestamptz` : `revision <= ${parameter}::bigint`;
  return `(
    select *
    from (select id, coach_hash_id, client_hash_id, series_id, occurrence, created_at from read_model.sessions) booked
    cross join lateral (
      select start, duration, state, cancelled_by, absent, reason, revision, decided_at as updated_at
      from read_model.session_history
      where session_id = booked.id and ${decided}
      order by revision desc
      limit 1
    ) last_change
  ) session`;
}

/** The value of the parameter of `sessionsAsOf`. */
export function asOfValue(asOf: AsOf): unknown {
  return 'time' in asOf ? timestamp(asOf.time) : asOf.revision;
}

/**
 * The columns of a `SessionRow`, of what is called `session`. Numbers, not dates: exact to the millisecond, and no text
 * to parse for each of them here.
 */
export const SESSION_COLUMNS = `
  session.id,
  coach_hash_id as "coachHashId",
  client_hash_id as "clientHashId",
  ${milliseconds('start')} as start,
  duration,
  state,
  ${milliseconds('created_at')} as "scheduledAt",
  ${milliseconds('updated_at')} as "updatedAt",
  coalesce(series_id::text, '') as "seriesId",
  coalesce(occurrence, 0) as occurrence,
  cancelled_by as "cancelledBy",
  absent,
  coalesce(reason, '') as reason,
  revision::float8 as revision`;

/** A time of a row as epoch milliseconds. */
export function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

/** A time in epoch milliseconds as a parameter. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
