import { type HistoryQueries, ReadModelUnavailable, type SessionChangeRow } from '../../src/application/read-model.js';
import { readCheckpoint } from '../checkpoint.js';
import { type Queryable, query, selectList } from '../query.js';
import { PACKED_SESSION, querySessions } from '../sessions/session-queries.js';
import { afterChange, getAsOfQuery, listAsOfQuery } from './as-of-queries.js';
import { sessionHistoryTable } from './history-table.js';

type ChangeRow = Omit<SessionChangeRow, 'session' | 'position'> & {
  readonly position: string;
  readonly item: string;
};

const CHANGE_COLUMNS = selectList(sessionHistoryTable, 'change', [
  'type',
  'actor',
  'subject',
  'requestId',
  'correlationId',
  'position',
  'revision',
  'decidedAt',
  'reason',
  'offsetMinutes',
]);

/** The first version of the projection that writes the history. */
const FIRST_WITH_HISTORY = 2;

/**
 * Queries for sessions as they were, over `read_model.session_history`.
 * @param projection the name of the projection that writes the table
 */
export function createHistoryQueries(pool: Queryable, projection: string): HistoryQueries {
  /** The history lacks what an older version of the projection wrote, until it is rebuilt. */
  async function requireComplete(): Promise<void> {
    const checkpoint = await readCheckpoint(pool, projection, FIRST_WITH_HISTORY);
    if (!checkpoint.isComplete) throw new ReadModelUnavailable('the history is being rebuilt from the event log');
  }

  return {
    async get(id, asOf) {
      await requireComplete();
      const [row] = await querySessions(pool, getAsOfQuery(id, asOf));
      return row;
    },

    async list(filter, asOf, after, limit) {
      await requireComplete();
      return querySessions(pool, listAsOfQuery(filter, asOf, after, limit));
    },

    async changes(id, after, limit) {
      await requireComplete();
      const rows = await query<ChangeRow>(pool, {
        name: 'changes of a session',
        text: `
          select ${CHANGE_COLUMNS}, ${PACKED_SESSION.expression} as item
          from read_model.session_history change
          cross join lateral (${afterChange('change.session_id', 'change.revision')}) session
          where change.session_id = $1 and change.revision > $2
          order by change.revision
          limit $3`,
        values: [id, after ?? -1, limit],
      });
      return rows.map(({ item, position, ...change }) => ({
        ...change,
        position: BigInt(position),
        session: PACKED_SESSION.unpack(item),
      }));
    },
  };
}
