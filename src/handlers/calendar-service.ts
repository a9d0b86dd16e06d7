import { Code, ConnectError } from '@connectrpc/connect';
import type { CalendarLinks } from '../application/calendar-links.js';
import type { Freshness, HoldQueries, SessionQueries } from '../application/read-model.js';
import type { EventStore } from '../event-store/event-store.js';
import type { CalendarService } from '../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { getCalendarHandler } from './calendar/get-calendar.js';
import { getSessionCalendarHandler } from './calendar/get-session-calendar.js';
import { keyCheck } from './calendar-link/check-key.js';
import { createCalendarLinkHandler } from './calendar-link/create-calendar-link.js';
import { listCalendarLinksHandler } from './calendar-link/list-calendar-links.js';
import { revokeCalendarLinkHandler } from './calendar-link/revoke-calendar-link.js';
import type { Handlers } from './endpoints.js';
import { createReadYourWrites } from './request/read-your-writes.js';
import type { Turns } from './request/turns.js';

/** What the handlers need. */
export interface CalendarServiceParts {
  readonly sessions: SessionQueries;
  readonly holds: HoldQueries;
  readonly links: CalendarLinks;
  readonly turns: Turns;
  readonly store: EventStore;
  readonly freshness: Freshness;
  readonly now: () => number;
}

/** The handlers of all rpcs of the service. */
export function calendarServiceHandlers(parts: CalendarServiceParts): Handlers<typeof CalendarService> {
  const reads = createReadYourWrites(parts.store, parts.freshness);
  const notYet = () => Promise.reject(new ConnectError('not yet', Code.Unimplemented));
  return {
    setCalendarSource: notYet,
    getCalendarSource: notYet,
    listCalendarSources: notYet,
    fetchCalendarSource: notYet,
    deleteCalendarSource: notYet,
    createCalendarLink: createCalendarLinkHandler(parts.links),
    listCalendarLinks: listCalendarLinksHandler(parts.links),
    revokeCalendarLink: revokeCalendarLinkHandler(parts.links),
    getCalendar: getCalendarHandler({ ...parts, reads, checkKey: keyCheck(parts.links) }),
    getSessionCalendar: getSessionCalendarHandler(parts.sessions, reads),
  };
}
