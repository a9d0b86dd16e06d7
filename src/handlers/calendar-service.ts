import type { CalendarLinks } from '../application/calendar-links.js';
import type { CalendarSources } from '../application/calendar-sources.js';
import type { Freshness, HoldQueries, SessionQueries } from '../application/read-model.js';
import type { EventStore } from '../event-store/event-store.js';
import type { CalendarService } from '../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { getCalendarHandler } from './calendar/get-calendar.js';
import { getSessionCalendarHandler } from './calendar/get-session-calendar.js';
import { keyCheck } from './calendar-link/check-key.js';
import { createCalendarLinkHandler } from './calendar-link/create-calendar-link.js';
import { listCalendarLinksHandler } from './calendar-link/list-calendar-links.js';
import { revokeCalendarLinkHandler } from './calendar-link/revoke-calendar-link.js';
import { deleteCalendarSourceHandler } from './calendar-source/delete-calendar-source.js';
import { fetchCalendarSourceHandler } from './calendar-source/fetch-calendar-source.js';
import { getCalendarSourceHandler } from './calendar-source/get-calendar-source.js';
import { listCalendarSourcesHandler } from './calendar-source/list-calendar-sources.js';
import { setCalendarSourceHandler } from './calendar-source/set-calendar-source.js';
import type { Handlers } from './endpoints.js';
import { createReadYourWrites } from './request/read-your-writes.js';
import type { CommandParts } from './request/submit-command.js';
import type { Turns } from './request/turns.js';

/** What the handlers need. */
export interface CalendarServiceParts extends Pick<CommandParts, 'commands' | 'now'> {
  readonly sessions: SessionQueries;
  readonly holds: HoldQueries;
  readonly sources: CalendarSources;
  readonly links: CalendarLinks;
  readonly turns: Turns;
  readonly store: EventStore;
  readonly freshness: Freshness;
}

/** The handlers of all rpcs of the service. */
export function calendarServiceHandlers(parts: CalendarServiceParts): Handlers<typeof CalendarService> {
  const { sources, links } = parts;
  const reads = createReadYourWrites(parts.store, parts.freshness);
  return {
    setCalendarSource: setCalendarSourceHandler(sources),
    getCalendarSource: getCalendarSourceHandler(sources),
    listCalendarSources: listCalendarSourcesHandler(sources),
    fetchCalendarSource: fetchCalendarSourceHandler(sources),
    deleteCalendarSource: deleteCalendarSourceHandler(sources, parts),
    createCalendarLink: createCalendarLinkHandler(links),
    listCalendarLinks: listCalendarLinksHandler(links),
    revokeCalendarLink: revokeCalendarLinkHandler(links),
    getCalendar: getCalendarHandler({ ...parts, reads, checkKey: keyCheck(links) }),
    getSessionCalendar: getSessionCalendarHandler(parts.sessions, reads),
  };
}
