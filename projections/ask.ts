import type pg from 'pg';
import { ReadModelUnavailable } from '../src/application/read-model.js';
import { isConnectionError } from '../src/postgres/pool.js';

/** The rows that a query answers. Throws `ReadModelUnavailable` when Postgres is away. */
export async function ask<Row extends pg.QueryResultRow>(pool: pg.Pool, query: pg.QueryConfig): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>(query);
    return rows;
  } catch (error) {
    if (isConnectionError(error)) throw new ReadModelUnavailable('Postgres does not answer', { cause: error });
    throw error;
  }
}
