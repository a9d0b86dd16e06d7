import { type BusyTimes, readBusyTimes } from '../../src/calendars/read/read-busy-times.js';
import { CalendarRefused } from '../../src/calendars/read/refusal.js';
import { zoneRules } from '../support/zone-rules.js';

/** When the documents of the tests are read, unless a test says otherwise. */
export const NOW = Date.parse('2030-01-01T00:00:00Z');

/** The zone of the coach, an hour ahead of UTC in winter. */
export const ZONE = 'Europe/Zurich';

/** A VCALENDAR with these lines. */
export function calendar(...lines: string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

/** The lines of a VEVENT. */
export function event(...lines: string[]): string {
  return ['BEGIN:VEVENT', 'DTSTAMP:20291201T000000Z', ...lines, 'END:VEVENT'].join('\r\n');
}

/** What is read of a document. */
export function read(text: string, zone = ZONE, now = NOW): BusyTimes {
  return readBusyTimes(text, { zone, zoneRules, now, isOwn: (uid) => uid.startsWith('own-') });
}

/** The intervals in a document, as `2030-01-02T09:00Z/2030-01-02T10:00Z`. */
export function intervals(text: string, zone = ZONE, now = NOW): string[] {
  return read(text, zone, now).intervals.map(({ start, end }) => `${minuteOf(start)}/${minuteOf(end)}`);
}

function minuteOf(instant: number): string {
  return new Date(instant).toISOString().replace(':00.000Z', 'Z');
}

/** Why a document is refused. */
export function refusal(text: string): CalendarRefused {
  try {
    read(text);
  } catch (error) {
    if (error instanceof CalendarRefused) return error;
    throw error;
  }
  throw new Error('the document was read');
}
