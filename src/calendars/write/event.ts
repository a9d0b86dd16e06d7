import { linesOf, type Property, utc } from './lines.js';

/** An event of a calendar. Times are epoch milliseconds. */
export interface CalendarEvent {
  /** The same for life. */
  readonly uid: string;
  /** Grows with every change. */
  readonly sequence: number;
  readonly status: 'CONFIRMED' | 'TENTATIVE' | 'CANCELLED';
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly description?: string;
  readonly createdAt: number;
  /** When it changed last. */
  readonly changedAt: number;
  /** Who invites whom, in a document for a mail. */
  readonly people?: readonly Property[];
}

/** The lines of an event. A cancelled one takes no time; any other does. */
export function eventLines(event: CalendarEvent): string {
  const { description, people = [], status } = event;
  const properties: Property[] = [
    ['uid', {}, 'text', event.uid],
    ['sequence', {}, 'integer', event.sequence],
    ['dtstamp', {}, 'date-time', utc(event.changedAt)],
    ['created', {}, 'date-time', utc(event.createdAt)],
    ['last-modified', {}, 'date-time', utc(event.changedAt)],
    ['dtstart', {}, 'date-time', utc(event.start)],
    ['dtend', {}, 'date-time', utc(event.end)],
    ['status', {}, 'text', status],
    ['transp', {}, 'text', status === 'CANCELLED' ? 'TRANSPARENT' : 'OPAQUE'],
    ['summary', {}, 'text', event.summary],
  ];
  if (description !== undefined) properties.push(['description', {}, 'text', description]);
  return `BEGIN:VEVENT\r\n${linesOf(properties)}${linesOf(people)}END:VEVENT\r\n`;
}
