import type { CalendarLinks, CalendarOwner } from '../../application/calendar-links.js';
import { isLongerThan } from '../../domain/text.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { calendarLinkMessage, calendarLinkQuota } from '../answer/calendar-message.js';
import { checkOwn, ownerOf } from '../calendar/whose.js';
import type { Handler } from '../endpoints.js';
import type { Broken } from '../request/fields.js';

const MAX_DESCRIPTION = 200;

/** Creates a link; see the rpc's comment. */
export function createCalendarLinkHandler(
  links: CalendarLinks,
): Handler<typeof CalendarService.method.createCalendarLink> {
  return async (request, { scope }) => {
    const owner = ownerOf(request, description('description', request.description));
    checkOwn(scope, owner);
    const created = await links.create(owner, request.description);
    if (!created) throw calendarLinkQuota();
    return { link: calendarLinkMessage(created.link), key: created.key, path: pathOf(owner, created.key) };
  };
}

function description(field: string, value: string): Broken {
  if (isLongerThan(value, MAX_DESCRIPTION)) {
    return { field, description: `must be at most ${MAX_DESCRIPTION} characters` };
  }
  return value.includes('\0') ? { field, description: 'must not contain U+0000' } : undefined;
}

/** Where REST has the calendar: ids may have what separates parts of a path. */
function pathOf(owner: CalendarOwner, key: string): string {
  const [whose, id] = 'coachHashId' in owner ? ['coaches', owner.coachHashId] : ['clients', owner.clientHashId];
  return `/api/v1/${whose}/${encodeURIComponent(id)}/calendar.ics?key=${key}`;
}
