import type { CalendarReading } from '../domain/availability/calendar-reading.js';
import type { WantedEtag } from '../domain/coach/etag.js';

/** How many calendar sources a coach may have. */
export const MAX_CALENDAR_SOURCES = 20;

/** Minutes from one fetch to the next: at least, at most, and when nothing is said. */
export const MIN_INTERVAL = 5;
export const MAX_INTERVAL = 10_080;
export const DEFAULT_INTERVAL = 60;

/** Which calendar source. */
export interface SourceKey {
  readonly coachHashId: string;
  /** Its name, which is the source of its time off. */
  readonly source: string;
}

/** How it goes with a calendar source. */
export type SourceState = 'new' | 'ok' | 'failing';

/** A calendar elsewhere that is fetched again and again, without its URL. Times are in epoch milliseconds. */
export interface CalendarSource extends SourceKey {
  readonly host: string;
  /** In minutes. */
  readonly interval: number;
  readonly state: SourceState;
  /** Why the last fetch failed; undefined, as the next: it did not. */
  readonly lastError: string | undefined;
  readonly failingSince: number | undefined;
  /** Undefined: never since the URL was set. */
  readonly fetchedAt: number | undefined;
  readonly succeededAt: number | undefined;
  readonly nextFetchAt: number;
  /** How many busy times the calendar had when it was read last. */
  readonly total: number;
  readonly reading: CalendarReading | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The version of what was set: a fetch does not change it. */
  readonly etag: string;
}

/** What callers set. */
export interface SourceSettings {
  readonly url: string;
  /** In minutes. */
  readonly interval: number;
}

/** Why a calendar source was not changed. */
export type SourceRefusal =
  | { readonly refused: 'not-found' }
  | { readonly refused: 'stale-etag'; readonly etag: string }
  | { readonly refused: 'quota' };

/** The calendar sources of coaches. Everything throws `ReadModelUnavailable` when Postgres is unavailable. */
export interface CalendarSources {
  /** Which rule a URL breaks, as a sentence about it; undefined: none. */
  brokenUrl(url: string): string | undefined;
  /** Sets a calendar source, in the place of what there is. It is due at once. */
  set(key: SourceKey, settings: SourceSettings, etag: WantedEtag): Promise<CalendarSource | SourceRefusal>;
  get(key: SourceKey): Promise<CalendarSource | undefined>;
  /** In order of their names. */
  list(coachHashId: string): Promise<readonly CalendarSource[]>;
  /** Makes a calendar source due now, or 10 seconds after its last fetch. Undefined: there is none. */
  fetchSoon(key: SourceKey): Promise<CalendarSource | undefined>;
  /**
   * Deletes a calendar source. What fails after it was found is done by the process that fetches, later.
   * @param clear removes its time off. No fetch can write any meanwhile, nor afterwards
   */
  delete(key: SourceKey, etag: WantedEtag, clear: () => Promise<void>): Promise<'deleted' | SourceRefusal>;
}
