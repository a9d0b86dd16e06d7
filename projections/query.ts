import type pg from 'pg';
import { readModelError } from '../src/read-model-errors.js';
import { columnName, type RowOf, type Table } from './table.js';

/** Where queries are run: a pool, or a part of one. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
}

/**
 * Runs a query and returns its rows. What is null in Postgres is undefined in them. Throws `ReadModelUnavailable` when
 * Postgres is unavailable.
 */
export async function query<Row extends object>(pool: Queryable, config: pg.QueryConfig): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Record<string, unknown>>(config);
    for (const row of rows) for (const key in row) row[key] ??= undefined;
    return rows as Row[];
  } catch (error) {
    throw readModelError(error);
  }
}

/**
 * The select list that reads columns of a table as `RowOf` has them.
 * @param alias what the query calls the table
 * @param keys the columns to read, all of them by default
 */
export function selectList<T extends Table>(
  table: T,
  alias: string,
  keys: readonly (keyof RowOf<T> & string)[] = Object.keys(table.columns),
): string {
  const expressions = keys.map((key) => {
    const column = `${alias}.${columnName(table, key)}`;
    return `${table.columns[key]!.type.toRead?.(column) ?? column} as "${key}"`;
  });
  return expressions.join(', ');
}
