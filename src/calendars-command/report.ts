import type { CalendarSource } from '../application/calendar-sources.js';
import { lastingOf, textTable } from '../text-table.js';

const HEADINGS = ['COACH', 'SOURCE', 'HOST', 'STATE', 'BUSY TIMES', 'LAST SUCCESS', 'NEXT FETCH', 'LAST ERROR'];

/**
 * Calendar sources as a table for people, a line each under the headings.
 * @param now epoch milliseconds
 */
export function tableOf(sources: readonly CalendarSource[], now: number): string {
  if (sources.length === 0) return 'No coach has a calendar source.';
  const rows = sources.map((one) => [
    one.coachHashId,
    one.source,
    one.host,
    one.state,
    String(one.total),
    timeOf(one.succeededAt) ?? '-',
    timeOf(one.nextFetchAt) ?? '-',
    errorOf(one, now),
  ]);
  return textTable(HEADINGS, rows);
}

/** Calendar sources as JSON for scripts. */
export function jsonOf(sources: readonly CalendarSource[]): string {
  const listed = sources.map((one) => ({
    coach_hash_id: one.coachHashId,
    source: one.source,
    host: one.host,
    interval: one.interval,
    state: one.state,
    total: one.total,
    last_error: one.lastError,
    failing_since: timeOf(one.failingSince),
    fetched_at: timeOf(one.fetchedAt),
    succeeded_at: timeOf(one.succeededAt),
    next_fetch_at: timeOf(one.nextFetchAt),
  }));
  return JSON.stringify(listed, undefined, 2);
}

function errorOf({ lastError, failingSince }: CalendarSource, now: number): string {
  if (lastError === undefined) return '-';
  return failingSince === undefined ? lastError : `${lastError} (for ${lastingOf(now - failingSince)})`;
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
