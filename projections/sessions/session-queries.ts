import type pg from 'pg';
import type { ListKey, SessionFilter, SessionQueries, SessionRow } from '../../src/application/read-model.js';
import { arrayParameter } from '../../src/postgres/array-parameter.js';
import { createBatchedLookup } from '../../src/postgres/batched-lookup.js';
import { isOfOne } from '../conditions.js';
import type { LongReads } from '../long-reads.js';
import { packedRow } from '../packed-row.js';
import { createPages, type Listed, type Page, pageQuery } from '../pages.js';
import { type Queryable, query } from '../query.js';
import { conditionsOf, orderOf } from './session-conditions.js';
import { sessionsTable } from './sessions-table.js';

/** A `SessionRow`, in a query that calls its sessions `session`. */
export const PACKED_SESSION = packedRow(sessionsTable, 'session');

/** Runs a query whose rows are a `PACKED_SESSION` each, called `item`. Throws `ReadModelUnavailable`. */
export async function querySessions(pool: Queryable, config: pg.QueryConfig): Promise<SessionRow[]> {
  const rows = await query<{ item: string }>(pool, config);
  return rows.map(({ item }) => PACKED_SESSION.unpack(item));
}

const SESSIONS: Listed<SessionRow> = { table: 'sessions', alias: 'session', packed: PACKED_SESSION };

/**
 * Queries for sessions as they are, over `read_model.sessions`.
 * @param longReads where lists are read that are no short scan of an index
 */
export function createSessionQueries(pool: pg.Pool, longReads: LongReads = () => pool): SessionQueries {
  const readPage = createPages(SESSIONS, pool, longReads);

  async function find(ids: readonly string[]): Promise<ReadonlyMap<string, SessionRow>> {
    const rows = await querySessions(pool, {
      name: 'sessions by id',
      text: `
        select ${PACKED_SESSION.expression} as item
        from read_model.sessions session where id = any(${arrayParameter(1, 'uuid')})`,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  }

  return {
    // Under load, ten times as many calls per second as with a query for each.
    get: createBatchedLookup(find),
    list: (filter, after, limit, reader) => readPage(pageOf(filter, after, limit), isShort(filter), reader),
  };
}

/** Whether a page of few rows is one short scan of an index, whatever the database holds. */
function isShort(filter: SessionFilter): boolean {
  const { seriesId, states, updatedAfter, cancelledSince } = filter;
  return isOfOne(filter) && [seriesId, states, updatedAfter, cancelledSince].every((one) => one === undefined);
}

/**
 * The query for a page of a list, for `querySessions`.
 * @param after the last session of the page before (exclusive)
 * @param limit the most sessions to list
 */
export function listQuery(filter: SessionFilter, after: ListKey | undefined, limit: number): pg.QueryConfig {
  return pageQuery(SESSIONS, pageOf(filter, after, limit));
}

function pageOf(filter: SessionFilter, after: ListKey | undefined, limit: number): Page {
  const order = orderOf(filter);
  return { conditions: conditionsOf(filter, after, order), order, limit };
}
