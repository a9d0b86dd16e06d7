import type pg from 'pg';
import type { Reader } from '../src/application/read-model.js';
import { arrayParameter } from '../src/postgres/array-parameter.js';
import { createBatchedLookup } from '../src/postgres/batched-lookup.js';
import { allIn, type Condition, nameOf, type Order, orderSql } from './conditions.js';
import type { LongReads } from './long-reads.js';
import type { PackedRow } from './packed-row.js';
import { query } from './query.js';

/** What lists are made of: the rows of a table. */
export interface Listed<Row> {
  /** The table in the schema `read_model`. */
  readonly table: string;
  /** What queries call a row of the table. */
  readonly alias: string;
  readonly packed: PackedRow<Row>;
}

/** A page of a list. */
export interface Page {
  readonly conditions: readonly Condition[];
  readonly order: Order;
  /** The most rows on it. */
  readonly limit: number;
}

/** The most pages that share a statement, and the most rows in each of them: it takes a few milliseconds. */
const MAX_PAGES = 50;
export const SHORT = 101;

/**
 * Makes the function that reads a page.
 *
 * - A short page is one short scan of an index, whatever the database holds, and has at most `SHORT` rows. Such pages
 *   share statements, as none can keep the others waiting for long.
 * - All others are long reads.
 */
export function createPages<Row>(listed: Listed<Row>, pool: pg.Pool, longReads: LongReads) {
  /** A lookup for each combination of conditions and order. */
  const lookups = new Map<string, (page: Page) => Promise<readonly Row[] | undefined>>();

  async function findPages(pages: readonly Page[]): Promise<ReadonlyMap<Page, readonly Row[]>> {
    const found = new Map<Page, Row[]>(pages.map((page) => [page, []]));
    const rows = await query<{ nr: number; item: string }>(pool, pagesQuery(listed, pages));
    for (const { nr, item } of rows) found.get(pages[nr - 1]!)!.push(listed.packed.unpack(item));
    return found;
  }

  async function findShared(page: Page): Promise<readonly Row[]> {
    const name = nameOf(page);
    const lookup = lookups.get(name) ?? createBatchedLookup(findPages, MAX_PAGES);
    lookups.set(name, lookup);
    return (await lookup(page)) ?? [];
  }

  async function findAlone(page: Page, reader: Reader): Promise<readonly Row[]> {
    const rows = await query<{ item: string }>(longReads(reader), pageQuery(listed, page));
    return rows.map(({ item }) => listed.packed.unpack(item));
  }

  return (page: Page, isShort: boolean, reader: Reader): Promise<readonly Row[]> =>
    isShort && page.limit <= SHORT ? findShared(page) : findAlone(page, reader);
}

/** The query for a page. Its rows have a packed `item` each. */
export function pageQuery<Row>(listed: Listed<Row>, page: Page): pg.QueryConfig {
  const values: unknown[] = [page.limit];
  return {
    name: `${listed.table} ${nameOf(page)}`,
    text: pageSql(listed, page, '$1', (value) => `$${values.push(value)}`),
    values,
  };
}

/** The query for pages with the same conditions and order. Its rows have the number of their page, from 1. */
function pagesQuery<Row>(listed: Listed<Row>, pages: readonly Page[]): pg.QueryConfig {
  const [first] = pages as [Page];
  const columns = first.conditions.flatMap(({ values }) => values.map(([type]) => type));
  const names = columns.map((_, index) => `value_${index}`);
  const arrays = ['integer', ...columns].map((type, index) => arrayParameter(index + 1, type));
  const rows = pages.map(({ conditions, limit }) => [
    limit,
    ...conditions.flatMap(({ values }) => values.map(([, value]) => value)),
  ]);
  let given = 0;
  const page = pageSql(listed, first, 'wanted.most', () => `wanted.${names[given++]}`);
  return {
    name: `${listed.table} together ${nameOf(first)}`,
    // What is wanted is looked up row by row, which keeps the order of each page.
    text: `
      select wanted.nr::integer, page.item
      from unnest(${arrays}) with ordinality as wanted (${['most', ...names, 'nr']})
      cross join lateral (${page}) page`,
    values: arrays.map((_, index) => rows.map((row) => row[index])),
  };
}

/**
 * A page in SQL.
 * @param valueSql the SQL for a value of a condition; it is called for one after the other
 */
function pageSql<Row>(
  { table, alias, packed }: Listed<Row>,
  { conditions, order }: Page,
  limit: string,
  valueSql: (value: string) => string,
): string {
  const rows = allIn(alias);
  const all = conditions.map(({ values, toSql }) => toSql(rows, ...values.map(([, value]) => valueSql(value))));
  return `
    select ${packed.expression} as item
    from read_model.${table} ${alias}
    where ${all.join(' and ') || 'true'}
    ${orderSql(order, rows)}
    limit ${limit}`;
}
