import type { CalendarSource } from '../../application/calendar-sources.js';
import type { CalendarReading } from '../../domain/availability/calendar-reading.js';

/** A row of `calendars.sources`. */
export interface SourceRow {
  readonly coach_hash_id: string;
  readonly source: string;
  readonly url: string;
  readonly host: string;
  readonly interval_minutes: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: bigint;
  readonly fence: bigint;
  readonly due_at: Date;
  readonly fetched_at: Date | null;
  readonly succeeded_at: Date | null;
  readonly failures: number;
  readonly failing_since: Date | null;
  readonly last_error: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly digest: string | null;
  readonly read_at: Date | null;
  readonly total: number;
  readonly reading: CalendarReading | null;
  readonly deleted_at: Date | null;
  readonly is_cleared: boolean;
}

/** The channel on which the process that fetches learns that something is due. */
export const CHANNEL = 'calendar_sources';

/** A calendar source without its URL. */
export function sourceOf(row: SourceRow): CalendarSource {
  return {
    coachHashId: row.coach_hash_id,
    source: row.source,
    host: row.host,
    interval: row.interval_minutes,
    state: row.last_error !== null ? 'failing' : row.fetched_at === null ? 'new' : 'ok',
    lastError: row.last_error ?? undefined,
    failingSince: row.failing_since?.getTime(),
    fetchedAt: row.fetched_at?.getTime(),
    succeededAt: row.succeeded_at?.getTime(),
    nextFetchAt: row.due_at.getTime(),
    total: row.total,
    reading: row.reading ?? undefined,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    etag: String(row.version),
  };
}
