import type pg from 'pg';
import {
  type HistoryQueries,
  ReadModelUnavailable,
  type SessionChangeRow,
  type SessionRow,
} from '../../src/application/read-model.js';
import { ask } from '../ask.js';
import { listQuery } from '../sessions/list-query.js';
import { asOfValue, SESSION_COLUMNS, sessionsAsOf } from '../sessions/session-rows.js';

type FlatChangeRow = Omit<SessionChangeRow, 'session'> & SessionRow;

/**
 * Queries over `read_model.session_history`.
 * @param projection the name of the projection that writes it
 */
export function createHistoryQueries(pool: pg.Pool, projection: string): HistoryQueries {
  /** Asks the history, which lacks what an older version of the projection wrote until it is made anew. */
  async function askWhole<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<Row[]> {
    const [checkpoint] = await ask<{ whole: boolean }>(pool, {
      name: 'whole',
      text: 'select position = version_position as whole from read_model.checkpoints where projection = $1',
      values: [projection],
    });
    if (checkpoint && !checkpoint.whole) throw new ReadModelUnavailable('the history is being made from the log');
    return ask<Row>(pool, query);
  }

  return {
    async get(id, asOf) {
      const [row] = await askWhole<SessionRow>({
        name: `session as of ${Object.keys(asOf)}`,
        text: `select ${SESSION_COLUMNS} from ${sessionsAsOf(asOf, '$2')} where id = $1`,
        values: [id, asOfValue(asOf)],
      });
      return row;
    },

    list: (filter, asOf, after, limit) => askWhole<SessionRow>(listQuery(filter, asOf, after, limit)),

    async changes(id, after, limit) {
      const rows = await askWhole<FlatChangeRow>({
        name: 'changes of a session',
        text: `
          select
            type,
            coalesce(actor, '') as actor,
            coalesce(request_id, '') as "requestId",
            coalesce(correlation_id, '') as "correlationId",
            ${SESSION_COLUMNS}
          from (select *, session_id as id, decided_at as updated_at from read_model.session_history) session
          where id = $1 and revision > $2
          order by session.revision
          limit $3`,
        values: [id, after ?? -1, limit],
      });
      return rows.map(({ type, actor, requestId, correlationId, ...session }) => {
        return { type, actor, requestId, correlationId, session };
      });
    },
  };
}
