import type pg from 'pg';
import type { SessionFilter, SessionKey, SessionQueries, SessionRow } from '../../src/application/read-model.js';
import { arrayParameter } from '../../src/postgres/array-parameter.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import type { LongReads } from '../long-reads.js';
import { packedRow } from '../packed-row.js';
import { type Queryable, query } from '../query.js';
import { allIn, type Condition, conditionsOf, namesOf } from './session-conditions.js';
import { sessionsTable } from './sessions-table.js';

/** A `SessionRow`, in a query that calls its sessions `session`. */
export const PACKED_SESSION = packedRow(sessionsTable, 'session');

/** Runs a query whose rows are a `PACKED_SESSION` each. Throws `ReadModelUnavailable`. */
export async function querySessions(pool: Queryable, config: pg.QueryConfig): Promise<SessionRow[]> {
  const rows = await query<{ session: string }>(pool, config);
  return rows.map(({ session }) => PACKED_SESSION.unpack(session));
}

/** The beginning of a query for sessions as they are, for `querySessions`. The query calls them `session`. */
const SELECT_SESSIONS = `select ${PACKED_SESSION.expression} as session from read_model.sessions session`;

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
    const name = namesOf(page.conditions);
    const lookup = lookups.get(name) ?? createBatchedLookup(findPages, MAX_PAGES);
    lookups.set(name, lookup);
    return (await lookup(page)) ?? [];
  }

  return {
    // Under load, ten times as many calls per second as with a query for each.
    get: createBatchedLookup(find),
    list(filter, after, limit, reader) {
      const page = { conditions: conditionsOf(filter, after), limit };
      return isShort(filter, limit) ? findShared(page) : querySessions(longReads(reader), pageQuery(page));
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

/**
 * The query for a page of a list, for `querySessions`.
 * @param after the last session of the page before (exclusive)
 * @param limit the most sessions to list
 */
export function listQuery(filter: SessionFilter, after: SessionKey | undefined, limit: number): pg.QueryConfig {
  return pageQuery({ conditions: conditionsOf(filter, after), limit });
}

function pageQuery(page: Page): pg.QueryConfig {
  const values: unknown[] = [page.limit];
  return {
    name: `list ${namesOf(page.conditions)}`,
    text: pageSql(page, '$1', (value) => `$${values.push(value)}`),
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
  const page = pageSql(first, 'wanted.most', () => `wanted.${names[given++]}`);
  return {
    name: `lists ${namesOf(first.conditions)}`,
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
function pageSql(page: Page, limit: string, valueSql: (value: string) => string): string {
  const conditions = page.conditions.map(({ values, toSql }) => {
    return toSql(allIn('session'), ...values.map(([, value]) => valueSql(value)));
  });
  return `
    ${SELECT_SESSIONS}
    where ${conditions.join(' and ') || 'true'}
    order by session.start, session.id
    limit ${limit}`;
}
