import { randomUUID } from 'node:crypto';
import { calendar, event } from '../../calendars/samples.js';

export const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A meeting on Monday 1 April 2030: from, to. */
export const meeting = (from: string, to: string, ...lines: string[]) =>
  event(`UID:${randomUUID()}`, `DTSTART:20300401T${from}00Z`, `DTEND:20300401T${to}00Z`, ...lines);

/** A document of one meeting and so many bytes. */
export function documentOf(bytes: number): string {
  return calendar(meeting('0900', '1000')).padEnd(bytes, '\n');
}
