import type pg from 'pg';
import type { SeriesQueries, SeriesRow, SeriesSession } from '../../src/application/read-model.js';
import { ask } from '../ask.js';

type FlatSeriesRow = Omit<SeriesRow, 'id' | 'sessions'> & SeriesSession;

/** Queries over `read_model.series` and the sessions of a series. */
export function createSeriesQueries(pool: pg.Pool): SeriesQueries {
  return {
    async get(id) {
      // No series is without a session, and both come in one transaction.
      const rows = await ask<FlatSeriesRow>(pool, {
        name: 'series by id',
        text: `
          select
            series.coach_hash_id as "coachHashId",
            series.client_hash_id as "clientHashId",
            time_zone as "timeZone",
            session.id,
            occurrence,
            session.local_start as "localStart"
          from read_model.sessions session
          join read_model.series series on series_id = series.id
          where series.id = $1
          order by occurrence`,
        values: [id],
      });
      if (!rows[0]) return undefined;

      const { coachHashId, clientHashId, timeZone } = rows[0];
      const sessions = rows.map((row) => ({ id: row.id, occurrence: row.occurrence, localStart: row.localStart }));
      return { id, coachHashId, clientHashId, timeZone, sessions };
    },
  };
}
