import type { CalendarSources } from '../../application/calendar-sources.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { calendarSourceMessage, sourceOrNotFound } from '../answer/calendar-source-message.js';
import type { Handler } from '../endpoints.js';
import { keyGiven } from './given.js';

/** Has a calendar source fetched soon; see the rpc's comment. */
export function fetchCalendarSourceHandler(
  sources: CalendarSources,
): Handler<typeof CalendarService.method.fetchCalendarSource> {
  return async (request) => {
    const key = keyGiven(request);
    return { calendarSource: calendarSourceMessage(sourceOrNotFound(key, await sources.fetchSoon(key))) };
  };
}
