import type { CalendarSources } from '../../application/calendar-sources.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { visible } from '../access/scope.js';
import { calendarSourceMessage, sourceOrNotFound } from '../answer/calendar-source-message.js';
import type { Handler } from '../endpoints.js';
import { keyGiven } from './given.js';

/** Answers a calendar source; see the rpc's comment. */
export function getCalendarSourceHandler(
  sources: CalendarSources,
): Handler<typeof CalendarService.method.getCalendarSource> {
  return async (request, { scope }) => {
    const key = keyGiven(request);
    const found = visible(scope, await sources.get(key));
    return { calendarSource: calendarSourceMessage(sourceOrNotFound(key, found)) };
  };
}
