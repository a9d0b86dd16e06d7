import { type ContentLine, contentLines } from './content-lines.js';
import { CalendarRefused, quoted, shortened } from './refusal.js';

/** What stands between a BEGIN and its END. */
export interface Component {
  /** In upper case: `VEVENT`. */
  readonly name: string;
  /** The line of its BEGIN, from 1. */
  readonly line: number;
  /** Those in it that may say something about busy times. */
  readonly components: Component[];
  /** Its own lines that may say something about busy times, by name. */
  readonly lines: Map<string, ContentLine[]>;
}

/** Those that are read, each with what it must be in. Alarms, tasks and journals take no time. */
const READ_IN: ReadonlyMap<string, string | undefined> = new Map([
  ['VCALENDAR', undefined],
  ['VEVENT', 'VCALENDAR'],
  ['VFREEBUSY', 'VCALENDAR'],
  ['VTIMEZONE', 'VCALENDAR'],
  ['STANDARD', 'VTIMEZONE'],
  ['DAYLIGHT', 'VTIMEZONE'],
]);

/** What Outlook says in place of TRANSP, or besides: `FREE`, `TENTATIVE`, `BUSY`, `OOF`, `WORKINGELSEWHERE`. */
export const BUSY_STATUS = 'X-MICROSOFT-CDO-BUSYSTATUS';

const TOLD = new Set([
  ...['METHOD', 'UID', 'DTSTART', 'DTEND', 'DURATION', 'TRANSP', 'STATUS', 'RECURRENCE-ID', BUSY_STATUS],
  ...['RRULE', 'EXRULE', 'RDATE', 'EXDATE', 'SEQUENCE', 'DTSTAMP', 'FREEBUSY', 'TZID', 'TZOFFSETFROM', 'TZOFFSETTO'],
]);

/** The VCALENDARs of a document. Throws CalendarRefused for a text that is no calendar, or not all of one. */
export function readComponents(text: string): Component[] {
  // Documents that were put one after the other have a byte order mark each.
  const unmarked = text.replace(/^\ufeff+/gm, '');
  const document = unmarked.trimStart();
  if (document === '') throw new CalendarRefused('empty', 'the document is empty');
  if (!/^BEGIN:VCALENDAR\s*$/im.test(document)) throw notACalendar(document);

  const calendars: Component[] = [];
  /** Those that have begun and not ended. */
  const open: Component[] = [];
  const lines = contentLines(unmarked);
  for (const line of lines) {
    const within = open.at(-1);
    if (line.name === 'BEGIN') {
      open.push(begin(line, within, calendars));
    } else if (line.name === 'END') {
      if (line === lines.at(-1) && isBeginningOfEnd(line, within)) break;
      end(line, open);
    } else if (within && TOLD.has(line.name)) {
      const before = within.lines.get(line.name);
      if (before) before.push(line);
      else within.lines.set(line.name, [line]);
    }
  }
  const last = open.at(-1);
  if (last) throw new CalendarRefused('cut off', `the document is cut off: ${beginOf(last)} has no END`, last.line);
  return calendars;
}

function begin(line: ContentLine, within: Component | undefined, calendars: Component[]): Component {
  const begun = { name: nameIn(line), line: line.number, components: [], lines: new Map() };
  // What is in something unknown is nobody's.
  if (!READ_IN.has(begun.name) || (within && !READ_IN.has(within.name))) return begun;
  const where = READ_IN.get(begun.name);
  if (within?.name !== where) {
    const rule = where ? `must be in a ${where}` : 'must not be in anything';
    throw new CalendarRefused('unreadable', `BEGIN:${begun.name} ${rule}`, line.number);
  }
  (within ? within.components : calendars).push(begun);
  return begun;
}

function end(line: ContentLine, open: Component[]): void {
  const last = open.pop();
  if (last?.name === nameIn(line)) return;
  const where = last ? `after ${beginOf(last)} in line ${last.line}` : 'without a BEGIN';
  throw new CalendarRefused('unreadable', `${quoted(line.text)} comes ${where}`, line.number);
}

function beginOf({ name }: Component): string {
  return `BEGIN:${shortened(name, 80)}`;
}

/** `END:VEVE`: the rest was cut off. */
function isBeginningOfEnd(line: ContentLine, within: Component | undefined): boolean {
  const name = nameIn(line);
  return within !== undefined && name !== within.name && within.name.startsWith(name);
}

function nameIn({ text }: ContentLine): string {
  return text
    .slice(text.indexOf(':') + 1)
    .trim()
    .toUpperCase();
}

function notACalendar(document: string): CalendarRefused {
  const [firstLine = ''] = document.split('\n', 1);
  const isPage = /^<(!doctype html|html|\?xml|head|body)/i.test(document);
  const rule = isPage ? 'is a web page, perhaps one to sign in, and no calendar' : 'is no calendar';
  return new CalendarRefused(
    'not a calendar',
    `the document ${rule}: it must begin with BEGIN:VCALENDAR; it begins with ${quoted(firstLine.slice(0, 200))}`,
  );
}
