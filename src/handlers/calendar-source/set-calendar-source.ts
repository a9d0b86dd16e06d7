import type { CalendarSources } from '../../application/calendar-sources.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { calendarSourceMessage, setOrThrow } from '../answer/calendar-source-message.js';
import type { Handler } from '../endpoints.js';
import { etag } from '../request/fields.js';
import { etagGiven } from '../request/submit-command.js';
import { brokenSource, keyGiven, settingsGiven } from './given.js';

/** Sets a calendar source; see the rpc's comment. */
export function setCalendarSourceHandler(
  sources: CalendarSources,
): Handler<typeof CalendarService.method.setCalendarSource> {
  return async (request, call) => {
    const { calendarSource } = request;
    const key = keyGiven(request, ...brokenSource(sources, calendarSource), etag('etag', request.etag));
    const set = await sources.set(key, settingsGiven(calendarSource), etagGiven(request, call));
    return { calendarSource: calendarSourceMessage(setOrThrow(key, set)) };
  };
}
