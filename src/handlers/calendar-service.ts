import { Code, ConnectError } from '@connectrpc/connect';
import type { CalendarService } from '../gen/aceup/scheduler/v1/calendar_service_pb.js';
import type { Handlers } from './endpoints.js';

/** The handlers of all rpcs of the service. */
export function calendarServiceHandlers(): Handlers<typeof CalendarService> {
  const notYet = () => Promise.reject(new ConnectError('not yet', Code.Unimplemented));
  return {
    setCalendarSource: notYet,
    getCalendarSource: notYet,
    listCalendarSources: notYet,
    fetchCalendarSource: notYet,
    deleteCalendarSource: notYet,
    createCalendarLink: notYet,
    listCalendarLinks: notYet,
    revokeCalendarLink: notYet,
    getCalendar: notYet,
    getSessionCalendar: notYet,
  };
}
