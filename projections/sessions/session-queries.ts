import type pg from 'pg';
import type { SessionQueries, SessionRow } from '../../src/application/read-model.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { ask } from '../ask.js';
import { listQuery } from './list-query.js';
import { CURRENT_SESSIONS, SESSION_COLUMNS } from './session-rows.js';

/** Queries over `read_model.sessions`. */
export function createSessionQueries(pool: pg.Pool): SessionQueries {
  async function find(ids: readonly string[]): Promise<ReadonlyMap<string, SessionRow>> {
    const rows = await ask<SessionRow>(pool, {
      name: 'sessions by id',
      text: `select ${SESSION_COLUMNS} from ${CURRENT_SESSIONS} where id = any($1)`,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  }

  return {
    // Under load ten times as many gets per second as with a query for each.
    get: createBatchedLookup(find),
    list: (filter, after, limit) => ask<SessionRow>(pool, listQuery(filter, undefined, after, limit)),
  };
}
