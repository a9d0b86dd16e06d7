import type pg from 'pg';
import {
  type HistoryQueries,
  ReadModelUnavailable,
  type SessionChangeRow,
  type SessionRow,
} from '../../src/application/read-model.js';
import { readCheckpoint } from '../checkpoint.js';
import { query, selectList } from '../query.js';
import {
  asOfValue,
  listQuery,
  SESSION_CHANGES,
  SESSION_COLUMNS,
  selectSessionsAsOf,
} from '../sessions/session-queries.js';
import { sessionHistoryTable } from './history-table.js';

type FlatChangeRow = Omit<SessionChangeRow, 'session'> & SessionRow;

const CHANGE_COLUMNS = selectList(sessionHistoryTable, 'session', ['type', 'actor', 'requestId', 'correlationId']);

/**
 * Queries for sessions as they were, over `read_model.session_history`.
 * @param projection the name of the projection that writes the table
 */
export function createHistoryQueries(pool: pg.Pool, projection: string): HistoryQueries {
  /** Queries the history, which lacks what an older version of the projection wrote until it is rebuilt. */
  async function queryHistory<Row extends object>(config: pg.QueryConfig): Promise<Row[]> {
    const checkpoint = await readCheckpoint(pool, projection);
    if (!checkpoint.isComplete) throw new ReadModelUnavailable('the history is being rebuilt from the event log');
    return query<Row>(pool, config);
  }

  return {
    async get(id, asOf) {
      const [row] = await queryHistory<SessionRow>({
        name: `session as of ${Object.keys(asOf)}`,
        text: `${selectSessionsAsOf(asOf)} where booked.id = $1`,
        values: [id, asOfValue(asOf)],
      });
      return row;
    },

    list: (filter, asOf, after, limit) => queryHistory<SessionRow>(listQuery(filter, asOf, after, limit)),

    async changes(id, after, limit) {
      const rows = await queryHistory<FlatChangeRow>({
        name: 'changes of a session',
        text: `
          select ${CHANGE_COLUMNS}, ${SESSION_COLUMNS}
          from (${SESSION_CHANGES}) session
          where session.id = $1 and session.revision > $2
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
