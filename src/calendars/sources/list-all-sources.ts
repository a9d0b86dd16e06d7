import type pg from 'pg';
import type { CalendarSource } from '../../application/calendar-sources.js';
import { type SourceRow, sourceOf } from './source-rows.js';

/** The calendar sources of all coaches: those that fail first, then by coach and name. */
export async function listAllSources(pool: pg.Pool): Promise<readonly CalendarSource[]> {
  const { rows } = await pool.query<SourceRow>(
    `select * from calendars.sources where deleted_at is null
     order by last_error is null, coach_hash_id, source`,
  );
  return rows.map(sourceOf);
}
