import type pg from 'pg';
import {
  type BookedSeries,
  type ListFilter,
  type ListKey,
  ReadModelUnavailable,
  type SeriesQueries,
  type SeriesRow,
  type SeriesSession,
} from '../../src/application/read-model.js';
import { type Condition, changing, following, inTime, isOfOne, type Order, ofWhom } from '../conditions.js';
import type { LongReads } from '../long-reads.js';
import { packedRow } from '../packed-row.js';
import { createPages, type Listed } from '../pages.js';
import { query, selectList } from '../query.js';
import { sessionsTable } from '../sessions/sessions-table.js';
import type { RowOf } from '../table.js';
import { conflictsIn, seriesTable } from './series-table.js';

type FlatSeriesRow = Omit<SeriesRow, 'id' | 'sessions'> & SeriesSession;

const SERIES_COLUMNS = selectList(seriesTable, 'series', ['coachHashId', 'clientHashId', 'timeZone']);
const SESSION_COLUMNS = selectList(sessionsTable, 'session', [
  'id',
  'occurrence',
  'localStart',
  'state',
  'duration',
  'revision',
]);

// What was skipped may be as long as the rest of a page.
const { skipped: _, ...LISTED_COLUMNS } = seriesTable.columns;
const SERIES: Listed<BookedSeries> = {
  table: 'series',
  alias: 'series',
  packed: packedRow({ ...seriesTable, columns: LISTED_COLUMNS }, 'series'),
};

/**
 * Queries over `read_model.series` and the sessions of a series.
 * @param longReads where lists are read that are no short scan of an index
 */
export function createSeriesQueries(pool: pg.Pool, longReads: LongReads = () => pool): SeriesQueries {
  const readPage = createPages(SERIES, pool, longReads);
  return {
    async get(id) {
      // Every series has a session, and one transaction writes both.
      const rows = await query<FlatSeriesRow>(pool, {
        name: 'series by id',
        text: `
          select ${SERIES_COLUMNS}, ${SESSION_COLUMNS}
          from read_model.sessions session
          join read_model.series series on session.series_id = series.id
          where series.id = $1
          order by session.occurrence`,
        values: [id],
      });
      if (!rows[0]) return undefined;

      const { coachHashId, clientHashId, timeZone } = rows[0];
      const sessions = rows.map((row) => ({
        id: row.id,
        occurrence: row.occurrence,
        localStart: row.localStart,
        state: row.state,
        duration: row.duration,
        revision: row.revision,
      }));
      return { id, coachHashId, clientHashId, timeZone, sessions };
    },

    async booked(id) {
      const [row] = await query<RowOf<typeof seriesTable>>(pool, {
        name: 'series as booked',
        text: `select ${selectList(seriesTable, 'series')} from read_model.series series where id = $1`,
        values: [id],
      });
      if (!row) return undefined;
      if (row.skipped === undefined) throw new ReadModelUnavailable('the series is being rebuilt from the event log');
      return { ...row, skipped: conflictsIn(row.skipped) };
    },

    list(filter, after, limit, reader) {
      const order = { column: 'scheduled_at', isReversed: filter.newestFirst ?? false };
      const isShort = isOfOne(filter) && filter.from === undefined && filter.to === undefined;
      return readPage({ conditions: conditionsOf(filter, after, order), order, limit }, isShort, reader);
    },
  };
}

function conditionsOf(filter: ListFilter, after: ListKey | undefined, order: Order): Condition[] {
  return [...ofWhom(filter), ...takesTimeIn(filter), ...following(after, order)];
}

/** A session of the series that is not cancelled has time in common with a span of time. */
function takesTimeIn(filter: ListFilter): Condition[] {
  const conditions = inTime(filter);
  if (conditions.length === 0) return [];
  const names = conditions.map(({ name }) => name).join(' ');
  const values = conditions.flatMap((condition) => condition.values);
  const session = { constant: 'session', key: 'session', others: 'session' };
  return [
    changing(names, values, ({ constant }, ...given) => {
      // Each of them has one value.
      const all = conditions.map(({ toSql }, index) => toSql(session, given[index]!));
      return `exists (
        select from read_model.sessions session
        where session.series_id = ${constant}.id and session.state <> 'cancelled' and ${all.join(' and ')}
      )`;
    }),
  ];
}
