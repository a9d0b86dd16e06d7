import type pg from 'pg';
import type { AsOf, SessionFilter, SessionKey, SessionQueries, SessionRow } from '../../src/application/read-model.js';
import { LONGEST_SLOT } from '../../src/domain/slot.js';
import { arrayParameter } from '../../src/postgres/array-parameter.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { timeParameter } from '../column-types.js';
import type { LongReads } from '../long-reads.js';
import { packedRow } from '../packed-row.js';
import { type Queryable, query } from '../query.js';
import { sessionsTable } from './sessions-table.js';

/** A `SessionRow`, in a query that calls its sessions `session`. */
export const PACKED_SESSION = packedRow(sessionsTable, 'session');

/** Runs a query whose rows are a `PACKED_SESSION` each. Throws `ReadModelUnavailable`. */
export async function querySessions(pool: Queryable, config: pg.QueryConfig): Promise<SessionRow[]> {
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

/**
 * Queries for sessions as they are, over `read_model.sessions`.
 * @param longReads where lists are read that are no short scan of an index
 */
export function createSessionQueries(pool: pg.Pool, longReads: LongReads = () => pool): SessionQueries {
  /** A lookup for each combination of conditions. */
  const lookups = new Map<string, (page: Page) => Promise<readonly SessionRow[] | undefined>>();

  async function find(ids: readonly string[]): Promise<ReadonlyMap<string, SessionRow>> {
    const rows = await querySessions(pool, {
      name: 'sessions by id',
      text: `${SELECT_SESSIONS} where id = any(${arrayParameter(1, 'uuid')})`,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  }

  async function findPages(pages: readonly Page[]): Promise<ReadonlyMap<Page, readonly SessionRow[]>> {
    const found = new Map<Page, SessionRow[]>(pages.map((page) => [page, []]));
    const rows = await query<{ nr: number; session: string }>(pool, pagesQuery(pages));
    for (const { nr, session } of rows) found.get(pages[nr - 1]!)!.push(PACKED_SESSION.unpack(session));
    return found;
  }

  async function findShared(page: Page): Promise<readonly SessionRow[]> {
    const name = nameOf(page);
    const lookup = lookups.get(name) ?? createBatchedLookup(findPages, MAX_PAGES);
    lookups.set(name, lookup);
    return (await lookup(page)) ?? [];
  }

  return {
    // Under load, ten times as many calls per second as with a query for each.
    get: createBatchedLookup(find),
    list(filter, after, limit, reader) {
      const page = { conditions: conditionsOf(filter, after, 'session'), limit };
      if (isShort(filter, limit)) return findShared(page);
      return querySessions(longReads(reader), pageQuery(page, undefined));
    },
  };
}

/** The most pages that share a statement, and the most sessions in each of them: it takes a few milliseconds. */
const MAX_PAGES = 50;
const SHORT = 101;

/**
 * Whether a page is one short scan of an index, whatever the database holds. Such pages share statements, as none can
 * keep the others waiting for long.
 */
function isShort({ coachHashId, clientHashId, seriesId, state }: SessionFilter, limit: number): boolean {
  const isOfOne = (coachHashId === undefined) !== (clientHashId === undefined);
  return isOfOne && seriesId === undefined && state === undefined && limit <= SHORT;
}

/** A page of a list, which is ordered by start, then id. */
interface Page {
  readonly conditions: readonly Condition[];
  /** The most sessions on it. */
  readonly limit: number;
}

/** What the sessions of a page must meet. */
interface Condition {
  readonly name: string;
  /** What it compares with, and the types in Postgres. */
  readonly values: readonly (readonly [type: string, value: string])[];
  /** The condition in SQL, from the SQL of its values. */
  readonly toSql: (...values: string[]) => string;
}

/**
 * Only the filters that are given become conditions: each combination has a plan of its own.
 * @param after the last session of the page before (exclusive)
 * @param constant what the query calls the sessions in conditions on columns that never change
 */
function conditionsOf(filter: SessionFilter, after: SessionKey | undefined, constant: string): Condition[] {
  const { coachHashId, clientHashId, seriesId, from, to, state } = filter;
  const conditions: Condition[] = [];

  function where(name: string, values: Condition['values'], toSql: (first: string, second: string) => string): void {
    conditions.push({ name, values, toSql: toSql as Condition['toSql'] });
  }

  if (coachHashId !== undefined) where('coach', [['text', coachHashId]], (id) => `${constant}.coach_hash_id = ${id}`);
  if (clientHashId !== undefined) {
    where('client', [['text', clientHashId]], (id) => `${constant}.client_hash_id = ${id}`);
  }
  if (seriesId !== undefined) where('series', [['uuid', seriesId]], (id) => `${constant}.series_id = ${id}`);
  if (state !== undefined) where('state', [['text', state]], (name) => `session.state = ${name}`);
  if (to !== undefined) where('to', [timeValue(to)], (time) => `session.start < ${time}`);
  if (from !== undefined) {
    // With the first condition, the index skips sessions that ended long before.
    where(
      'from',
      [timeValue(from)],
      (time) =>
        `session.start > ${time}::timestamptz - interval '${LONGEST_SLOT} minutes'
         and session.start + session.duration * interval '1 minute' > ${time}::timestamptz`,
    );
  }
  if (after) {
    where('after', [timeValue(after.start), ['uuid', after.id]], (start, id) => {
      return `(session.start, session.id) > (${start}, ${id})`;
    });
  }
  return conditions;
}

function timeValue(time: number): readonly [type: string, value: string] {
  return ['timestamptz', timeParameter(time)];
}

function nameOf({ conditions }: Page): string {
  return conditions.map(({ name }) => name).join(' ');
}

/**
 * The query for a page of a list.
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
  return pageQuery({ conditions: conditionsOf(filter, after, asOf ? 'booked' : 'session'), limit }, asOf);
}

function pageQuery(page: Page, asOf: AsOf | undefined): pg.QueryConfig {
  const values: unknown[] = asOf ? [page.limit, asOfValue(asOf)] : [page.limit];
  return {
    name: [asOf ? `list as of ${Object.keys(asOf)}` : 'list', nameOf(page)].join(' '),
    text: pageSql(asOf ? selectSessionsAsOf(asOf) : SELECT_SESSIONS, page, '$1', (value) => `$${values.push(value)}`),
    values,
  };
}

/** The query for pages with the same conditions. Its rows have the number of their page, from 1. */
function pagesQuery(pages: readonly Page[]): pg.QueryConfig {
  const [first] = pages as [Page];
  const columns = first.conditions.flatMap(({ values }) => values.map(([type]) => type));
  const names = columns.map((_, index) => `value_${index}`);
  const arrays = ['integer', ...columns].map((type, index) => arrayParameter(index + 1, type));
  const rows = pages.map(({ conditions, limit }) => [
    limit,
    ...conditions.flatMap(({ values }) => values.map(([, value]) => value)),
  ]);
  let given = 0;
  const page = pageSql(SELECT_SESSIONS, first, 'wanted.most', () => `wanted.${names[given++]}`);
  return {
    name: `lists ${nameOf(first)}`,
    // What is wanted is looked up row by row, which keeps the order of each page.
    text: `
      select wanted.nr::integer, page.session
      from unnest(${arrays}) with ordinality as wanted (${['most', ...names, 'nr']})
      cross join lateral (${page}) page`,
    values: arrays.map((_, index) => rows.map((row) => row[index])),
  };
}

/**
 * A page in SQL.
 * @param valueSql the SQL for a value of a condition; it is called for one after the other
 */
function pageSql(select: string, page: Page, limit: string, valueSql: (value: string) => string): string {
  const conditions = page.conditions.map(({ values, toSql }) => toSql(...values.map(([, value]) => valueSql(value))));
  return `
    ${select}
    where ${conditions.join(' and ') || 'true'}
    order by session.start, session.id
    limit ${limit}`;
}
