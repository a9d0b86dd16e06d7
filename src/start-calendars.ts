import type { Logger } from 'pino';
import type { CalendarSources } from './application/calendar-sources.js';
import type { CommandSide } from './application/command-side.js';
import { createCalendarSync, type SyncCalendar } from './application/sync-calendar.js';
import { createCalendarReader } from './calendars/read/calendar-reader.js';
import { createFetchCalendar } from './calendars/sources/fetch-calendar.js';
import { createFetchSource } from './calendars/sources/fetch-source.js';
import { runCalendars } from './calendars/sources/run-calendars.js';
import { countSources, type SourceCounts } from './calendars/sources/source-counts.js';
import { createSourceStore } from './calendars/sources/source-store.js';
import type { Config } from './config/config.js';
import type { ZoneRules } from './domain/zones/zone-rules.js';
import type { EventStore } from './event-store/event-store.js';
import { createPool } from './postgres/pool.js';
import type { startReadSide } from './read-side.js';
import type { Shutdown } from './shutdown.js';

/** What reading calendars needs of the service. */
export interface CalendarSyncParts {
  readonly store: EventStore;
  readonly commands: CommandSide;
  readonly readSide: Pick<ReturnType<typeof startReadSide>, 'bookedIds' | 'freshness'>;
  readonly zoneRules: ZoneRules;
  readonly newId: () => string;
}

/** Makes what reads documents and syncs time off with them, until the shutdown. */
export function startCalendarSync(parts: CalendarSyncParts, config: Config, shutdown: Shutdown): SyncCalendar {
  const { store, commands, readSide, zoneRules, newId } = parts;
  const reader = createCalendarReader(config.ZONE_RULES);
  shutdown.add(reader.close);
  const { bookedIds, freshness } = readSide;
  const { look } = commands;
  return createCalendarSync({ reader, look, store, bookedIds, freshness, zoneRules, newId, now: Date.now });
}

/** What calendar sources need of the service. */
export interface CalendarsParts extends Pick<CalendarSyncParts, 'commands' | 'newId'> {
  /** The database that has the schema `calendars`. */
  readonly url: string;
  readonly syncCalendar: SyncCalendar;
  /** Whether this process fetches, if no other does. */
  readonly isToFetch: boolean;
  readonly log: Logger;
}

/** The calendar sources, for those who set them, and how many of them there are. */
export interface Calendars {
  readonly sources: CalendarSources;
  /** Rejects when the database is unavailable. */
  readonly counts: () => Promise<SourceCounts>;
}

/** Connections for what fetches write, and for those who set calendar sources: one that is deleted may keep one for long. */
const OF_FETCHES = 2;
const OF_CALLERS = 3;

/** Answers what there is to see and to change of calendar sources, and fetches them, until the shutdown. */
export function startCalendars(parts: CalendarsParts, config: Config, shutdown: Shutdown): Calendars {
  const { url, log, commands, syncCalendar, newId, isToFetch } = parts;
  const rules = { allowPrivate: config.CALENDAR_ALLOW_PRIVATE };
  const open = (applicationName: string, max: number) => {
    const pool = createPool(url, { max, applicationName, log });
    shutdown.add(() => pool.end());
    return pool;
  };
  const now = Date.now;
  if (isToFetch) {
    const ownPool = open('calendars, what is fetched', OF_FETCHES);
    const ended = new AbortController();
    const fetchCalendar = createFetchCalendar({ ...rules, now });
    const fetchSource = createFetchSource({ pool: ownPool, fetchCalendar, syncCalendar, commands, newId, now, log });
    const running = runCalendars({ url, fetchSource, now, log, signal: ended.signal });
    shutdown.add(() => {
      ended.abort(new Error('the service stops'));
      return running;
    });
  }
  const pool = open('calendar sources', OF_CALLERS);
  return { sources: createSourceStore({ pool, rules, now }), counts: () => countSources(pool, now()) };
}
