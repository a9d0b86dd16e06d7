import type pg from 'pg';
import type { AsOf, SessionFilter, SessionKey, SessionQueries, SessionRow } from '../../src/application/read-model.js';
import { LONGEST_SLOT } from '../../src/domain/slot.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { timeParameter } from '../column-types.js';
import { packedRow } from '../packed-row.js';
import { query } from '../query.js';
import { sessionsTable } from './sessions-table.js';

/** A `SessionRow`, in a query that calls its sessions `session`. */
export const PACKED_SESSION = packedRow(sessionsTable, 'session');

/** Runs a query whose rows are a `PACKED_SESSION` each. Throws `ReadModelUnavailable`. */
export async function querySessions(pool: pg.Pool, config: pg.QueryConfig): Promise<SessionRow[]> {
  const rows = await query<{ session: string }>(pool, config);
  return rows.map(({ session }) => PACKED_SESSION.unpack(session));
}

/** The changes of sessions, with the names that the columns have in `sessions`. */
export const SESSION_CHANGES = 'select *, session_id as id, decided_at as updated_at from read_model.session_history';

/** The beginning of a query for sessions as they are, for `querySessions`. The query calls them `session`. */
const SELECT_SESSIONS = `select ${PACKED_SESSION.expression} as session from read_model.sessions session`;

/**
 * The beginning of a query for sessions as they were, for `querySessions`, with `asOfValue` as its second parameter. The
 * query calls them `session`, and `booked` as they are: a condition on `booked` finds sessions by an index, so put
 * conditions on columns that never change there.
 */
export function selectSessionsAsOf(asOf: AsOf): string {
  const decided = 'time' in asOf ? 'decided_at <= $2::timestamptz' : 'revision <= $2::bigint';
  return `
    select ${PACKED_SESSION.expression} as session
    from read_model.sessions booked
    cross join lateral (
      ${SESSION_CHANGES}
      where session_id = booked.id and ${decided}
      order by revision desc
      limit 1
    ) session`;
}

/** The second parameter of a query that begins with `selectSessionsAsOf`. */
export function asOfValue(asOf: AsOf): unknown {
  return 'time' in asOf ? timeParameter(asOf.time) : asOf.revision;
}

/** Queries for sessions as they are, over `read_model.sessions`. */
export function createSessionQueries(pool: pg.Pool): SessionQueries {
  async function find(ids: readonly string[]): Promise<ReadonlyMap<string, SessionRow>> {
    const rows = await querySessions(pool, {
      name: 'sessions by id',
      text: `${SELECT_SESSIONS} where id = any($1)`,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  }

  return {
    // Under load, ten times as many calls per second as with a query for each.
    get: createBatchedLookup(find),
    list: (filter, after, limit) => querySessions(pool, listQuery(filter, undefined, after, limit)),
  };
}

/**
 * The query for a page of a list, ordered by start, then id. Only the filters that are given become conditions: each
 * combination has a plan of its own.
 * @param asOf the past to list; undefined for the present
 * @param after the last session of the page before (exclusive)
 * @param limit the most sessions to list
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
  const constant = asOf ? 'booked' : 'session';

  function where(name: string, condition: (first: string, second: string) => string, ...given: unknown[]): void {
    names.push(name);
    conditions.push(condition(`$${values.length + 1}`, `$${values.length + 2}`));
    values.push(...given);
  }

  if (coachHashId !== undefined) where('coach', ($1) => `${constant}.coach_hash_id = ${$1}`, coachHashId);
  if (clientHashId !== undefined) where('client', ($1) => `${constant}.client_hash_id = ${$1}`, clientHashId);
  if (seriesId !== undefined) where('series', ($1) => `${constant}.series_id = ${$1}`, seriesId);
  if (state !== undefined) where('state', ($1) => `session.state = ${$1}`, state);
  if (to !== undefined) where('to', ($1) => `session.start < ${$1}`, timeParameter(to));
  if (from !== undefined) {
    // With the first condition, the index skips sessions that ended long before.
    where(
      'from',
      ($1) =>
        `session.start > ${$1}::timestamptz - interval '${LONGEST_SLOT} minutes'
         and session.start + session.duration * interval '1 minute' > ${$1}::timestamptz`,
      timeParameter(from),
    );
  }
  if (after) {
    where('after', ($1, $2) => `(session.start, session.id) > (${$1}, ${$2})`, timeParameter(after.start), after.id);
  }

  const which = asOf ? `list as of ${Object.keys(asOf)}` : 'list';
  return {
    name: [which, ...names].join(' '),
    text: `
      ${asOf ? selectSessionsAsOf(asOf) : SELECT_SESSIONS}
      where ${conditions.join(' and ') || 'true'}
      order by session.start, session.id
      limit $1`,
    values,
  };
}
