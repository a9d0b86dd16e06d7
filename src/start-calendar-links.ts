import type { Logger } from 'pino';
import { v7 } from 'uuid';
import type { CalendarLinks } from './application/calendar-links.js';
import { createLinkStore } from './calendars/links/link-store.js';
import { createPool } from './postgres/pool.js';
import type { Shutdown } from './shutdown.js';

/** Connections for those who open links or change them. None is opened before the first of them comes. */
const CONNECTIONS = 2;

/** Opens, makes and revokes secret links until the shutdown. @param url a database that has the schema `calendars` */
export function startCalendarLinks(url: string, log: Logger, shutdown: Shutdown): CalendarLinks {
  const pool = createPool(url, { max: CONNECTIONS, applicationName: 'calendar links', log });
  shutdown.add(() => pool.end());
  return createLinkStore({ pool, now: Date.now, newId: () => v7() });
}
