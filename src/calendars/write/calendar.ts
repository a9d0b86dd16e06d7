import { linesOf, type Property } from './lines.js';

/** What a document begins with, and what its events follow. */
export interface CalendarHead {
  /** What it is for, by RFC 5546. */
  readonly method: 'PUBLISH' | 'REQUEST' | 'CANCEL';
  /** What people see in the list of their calendars; a document for a mail has none. */
  readonly name?: string;
}

/** How often calendars that subscribe should ask. Few do: docs/calendars.md says how long they take. */
const REFRESH = 'PT1H';

/** The lines before the events. */
export function calendarBegin({ method, name }: CalendarHead): string {
  const properties: Property[] = [
    ['version', {}, 'text', '2.0'],
    ['prodid', {}, 'text', '-//AceUp//Session Scheduler//EN'],
    ['calscale', {}, 'text', 'GREGORIAN'],
    ['method', {}, 'text', method],
  ];
  if (name !== undefined) {
    properties.push(
      ['name', {}, 'text', name],
      ['x-wr-calname', {}, 'text', name],
      ['refresh-interval', {}, 'duration', REFRESH],
      ['x-published-ttl', {}, 'duration', REFRESH],
    );
  }
  return `BEGIN:VCALENDAR\r\n${linesOf(properties)}`;
}

/** The line after the events. */
export const CALENDAR_END = 'END:VCALENDAR\r\n';
