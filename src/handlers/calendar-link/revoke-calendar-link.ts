import type { CalendarLinks } from '../../application/calendar-links.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { orNotFound } from '../answer/errors.js';
import { checkOwn, ownerOf } from '../calendar/whose.js';
import type { Handler } from '../endpoints.js';
import { uuid } from '../request/fields.js';

/** Revokes a link; see the rpc's comment. */
export function revokeCalendarLinkHandler(
  links: CalendarLinks,
): Handler<typeof CalendarService.method.revokeCalendarLink> {
  return async (request, { scope }) => {
    const owner = ownerOf(request, uuid('id', request.id));
    checkOwn(scope, owner);
    const id = request.id.toLowerCase();
    const revoked = await links.revoke(owner, id);
    orNotFound('calendar link', id, revoked || undefined);
    return {};
  };
}
