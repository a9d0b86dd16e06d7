import type { SessionQueries } from '../../application/read-model.js';
import { CALENDAR_END, calendarBegin } from '../../calendars/write/calendar.js';
import { eventLines } from '../../calendars/write/event.js';
import type { Property } from '../../calendars/write/lines.js';
import type { CalendarService, GetSessionCalendarRequest } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import { etagOfDocument } from './calendar-etag.js';
import { sessionEvent } from './calendar-events.js';
import { mailto, optionalMailAddress } from './mail-address.js';

/** The organizer that RFC 5546 demands where there is none: Exchange writes it, too. */
const NOBODY = 'invalid:nomail';

/** Answers a session to attach to a mail; see the rpc's comment. */
export function getSessionCalendarHandler(
  sessions: SessionQueries,
  reads: Pick<ReadYourWrites, 'waitForNow'>,
): Handler<typeof CalendarService.method.getSessionCalendar> {
  return async (request, { scope, cancellation }) => {
    check(
      uuid('id', request.id),
      optionalMailAddress('organizer', request.organizer),
      optionalMailAddress('attendee', request.attendee),
    );
    await reads.waitForNow(cancellation);
    const id = request.id.toLowerCase();
    const session = orNotFound('session', id, visible(scope, await sessions.get(id)));
    const method = session.state === 'cancelled' ? 'CANCEL' : 'REQUEST';
    const event = eventLines({
      ...sessionEvent(session, 'Coaching session'),
      description: `Coach: ${session.coachHashId}\nClient: ${session.clientHashId}`,
      people: peopleOf(request, method),
    });
    const calendar = calendarBegin({ method }) + event + CALENDAR_END;
    return { calendar, etag: etagOfDocument(calendar), method };
  };
}

/** Who invites whom. An answer is asked for where somebody gets it. */
function peopleOf({ organizer, attendee }: GetSessionCalendarRequest, method: 'REQUEST' | 'CANCEL'): Property[] {
  const people: Property[] = [['organizer', {}, 'cal-address', organizer ? mailto(organizer) : NOBODY]];
  if (attendee) {
    const asked = method === 'REQUEST' && organizer ? { partstat: 'NEEDS-ACTION', rsvp: 'TRUE' } : {};
    people.push(['attendee', { role: 'REQ-PARTICIPANT', ...asked }, 'cal-address', mailto(attendee)]);
  }
  return people;
}
