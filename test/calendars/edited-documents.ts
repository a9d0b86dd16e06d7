import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decodeCalendar } from '../../src/calendars/read/decode.js';

const FOLDER = new URL('./corpus/', import.meta.url);
const DOCUMENTS = readdirSync(FOLDER).map((name) => decodeCalendar(readFileSync(new URL(name, FOLDER))).split('\r\n'));

const RULES = [
  'RRULE:FREQ=SECONDLY',
  'RRULE:FREQ=MINUTELY;INTERVAL=7;BYHOUR=3;BYSETPOS=-1',
  'RRULE:FREQ=YEARLY;BYDAY=53MO;BYSETPOS=366',
  'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  'RRULE:FREQ=DAILY;INTERVAL=99999999999999999999',
  'RRULE:FREQ=DAILY;COUNT=99999999999999999999',
  'RRULE:FREQ=YEARLY;BYHOUR=0,1,2,3,4;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3,4,5,6,7;BYDAY=MO,TU,WE,TH,FR,SA,SU',
];
const TIMES = [
  'DTSTART:00010101T000000Z',
  'DTSTART;TZID=Asia/Tokyo:00010101T000000',
  'DTSTART;VALUE=DATE:99991231',
  'DTEND;TZID=America/New_York:99991231T235959',
  'DURATION:P999999999W',
  'DURATION:-P999999999WT999999999S',
  'RECURRENCE-ID;RANGE=THISANDFUTURE:00010101T000000Z',
  'RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:99991231',
  'RDATE;VALUE=PERIOD:20300101T000000Z/P9999D,20300101T000000Z/PT0S',
  'EXDATE;VALUE=DATE:20300101,99991231',
  'TZOFFSETTO:-2359',
  'TZOFFSETFROM:+9959',
];
const STRUCTURE = ['BEGIN:VEVENT', 'END:VEVENT', 'BEGIN:VTIMEZONE', 'END:VCALENDAR', 'BEGIN:STANDARD', ' folded', ''];

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const edit = fc.oneof(
  fc.record({ at, line: fc.constantFrom(...RULES, ...TIMES, ...STRUCTURE), removed: fc.constantFrom(0, 1) }),
  fc.record({ at, character: fc.constantFrom(...'0123456789TZ;:,="-+P/ \t\n\u0000é'), within: at }),
  fc.record({ at, from: at }),
);
type Edit = { at: number; line?: string; removed?: number; character?: string; within?: number; from?: number };

/** A document of the corpus with up to six edits. */
export const editedDocument = fc
  .tuple(fc.constantFrom(...DOCUMENTS), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([lines, edits]) => (edits as Edit[]).reduce(edited, lines).join('\r\n'));

/** The lines with one of them replaced, added, removed, changed in a character, or copied to elsewhere. */
function edited(lines: readonly string[], { at, line, removed = 0, character, within = 0, from }: Edit): string[] {
  const place = Math.floor(at * lines.length);
  if (line !== undefined) return lines.toSpliced(place, removed, line);
  if (from !== undefined) return lines.toSpliced(place, 0, lines[Math.floor(from * lines.length)] ?? '');
  const before = lines[place] ?? '';
  const inLine = Math.floor(within * before.length);
  return lines.with(place, before.slice(0, inLine) + character + before.slice(inLine + 1));
}
