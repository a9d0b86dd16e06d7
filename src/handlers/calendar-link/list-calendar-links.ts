import type { CalendarLinks } from '../../application/calendar-links.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { calendarLinkMessage } from '../answer/calendar-message.js';
import { isOwn, ownerOf } from '../calendar/whose.js';
import type { Handler } from '../endpoints.js';

/** Lists the links to a calendar; see the rpc's comment. */
export function listCalendarLinksHandler(
  links: CalendarLinks,
): Handler<typeof CalendarService.method.listCalendarLinks> {
  return async (request, { scope }) => {
    const owner = ownerOf(request);
    const all = isOwn(scope, owner) ? await links.list(owner) : [];
    return { links: all.map(calendarLinkMessage) };
  };
}
