import type pg from 'pg';
import type { AsOf, SessionFilter, SessionKey } from '../../src/application/read-model.js';
import { asOfValue, CURRENT_SESSIONS, SESSION_COLUMNS, sessionsAsOf, timestamp } from './session-rows.js';

/**
 * The query for a page of a list, with conditions only for what is given: each combination has a plan of its own.
 * @param asOf now when undefined
 */
export function listQuery(
  filter: SessionFilter,
  asOf: AsOf | undefined,
  after: SessionKey | undefined,
  limit: number,
): pg.QueryConfig {
  const { coachHashId, clientHashId, seriesId, from, to, state } = filter;
  const names: string[] = [];
  const conditions: string[] = [];
  const values: unknown[] = asOf ? [limit, asOfValue(asOf)] : [limit];

  function where(name: string, condition: (first: string, second: string) => string, ...given: unknown[]): void {
    names.push(name);
    conditions.push(condition(`$${values.length + 1}`, `$${values.length + 2}`));
    values.push(...given);
  }

  if (coachHashId !== undefined) where('coach', ($1) => `coach_hash_id = ${$1}`, coachHashId);
  if (clientHashId !== undefined) where('client', ($1) => `client_hash_id = ${$1}`, clientHashId);
  if (seriesId !== undefined) where('series', ($1) => `series_id = ${$1}`, seriesId);
  if (state !== undefined) where('state', ($1) => `state = ${$1}`, state);
  if (to !== undefined) where('to', ($1) => `session.start < ${$1}`, timestamp(to));
  if (from !== undefined) {
    // No session is longer than a day: the first condition lets the index skip what ended before.
    where(
      'from',
      ($1) =>
        `session.start > ${$1}::timestamptz - interval '24 hours'
         and session.start + duration * interval '1 minute' > ${$1}::timestamptz`,
      timestamp(from),
    );
  }
  if (after) where('after', ($1, $2) => `(session.start, id) > (${$1}, ${$2})`, timestamp(after.start), after.id);

  const which = asOf ? `list as of ${Object.keys(asOf)}` : 'list';
  return {
    name: [which, ...names].join(' '),
    text: `
      select ${SESSION_COLUMNS}
      from ${asOf ? sessionsAsOf(asOf, '$2') : CURRENT_SESSIONS}
      where ${conditions.join(' and ') || 'true'}
      order by session.start, id
      limit $1`,
    values,
  };
}
