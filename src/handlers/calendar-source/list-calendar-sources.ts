import type { CalendarSources } from '../../application/calendar-sources.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { isWithin } from '../access/scope.js';
import { calendarSourceMessage } from '../answer/calendar-source-message.js';
import type { Handler } from '../endpoints.js';
import { check, hashId } from '../request/fields.js';

/** Answers the calendar sources of a coach; see the rpc's comment. */
export function listCalendarSourcesHandler(
  sources: CalendarSources,
): Handler<typeof CalendarService.method.listCalendarSources> {
  return async ({ coachHashId }, { scope }) => {
    check(hashId('coach_hash_id', coachHashId));
    const found = isWithin(scope, { coachHashId }) ? await sources.list(coachHashId) : [];
    return { calendarSources: found.map(calendarSourceMessage) };
  };
}
