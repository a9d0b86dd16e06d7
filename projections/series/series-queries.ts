import type pg from 'pg';
import type { SeriesQueries, SeriesRow, SeriesSession } from '../../src/application/read-model.js';
import { query, selectList } from '../query.js';
import { sessionsTable } from '../sessions/sessions-table.js';
import { seriesTable } from './series-table.js';

type FlatSeriesRow = Omit<SeriesRow, 'id' | 'sessions'> & SeriesSession;

const SERIES_COLUMNS = selectList(seriesTable, 'series', ['coachHashId', 'clientHashId', 'timeZone']);
const SESSION_COLUMNS = selectList(sessionsTable, 'session', ['id', 'occurrence', 'localStart', 'state', 'duration']);

/** Queries over `read_model.series` and the sessions of a series. */
export function createSeriesQueries(pool: pg.Pool): SeriesQueries {
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
      }));
      return { id, coachHashId, clientHashId, timeZone, sessions };
    },
  };
}
