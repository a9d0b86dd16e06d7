import ICAL from 'ical.js';
import { DAY } from '../../domain/dates.js';
import { dayNumber } from '../../domain/recurrence/days.js';
import type { ContentLine } from './content-lines.js';
import { CalendarRefused, quoted, shortened } from './refusal.js';

/** What a document writes where it names a time. */
export interface TimeText {
  /** What clocks show, as if they showed UTC, in epoch milliseconds; of a date, its midnight. */
  readonly shown: number;
  readonly kind: 'date' | 'utc' | 'local';
  /** The zone of a local time; undefined when the document does not say. */
  readonly zoneName: string | undefined;
  /** Where it stands, from 1. */
  readonly line: number;
}

/** A length of time. Days are those of the calendar: the one on which clocks change has 23 or 25 hours. */
export interface Length {
  readonly days: number;
  readonly ms: number;
}

export interface Period {
  readonly start: TimeText;
  readonly end: TimeText | Length;
}

/** The parameters of a property, by their names in lower case. */
type Parameters = Readonly<Record<string, string | string[]>>;

/** Exchange writes names such as `(UTC+01:00) Berlin` without the quotes that the colon asks for. */
const UNQUOTED_ZONE = /;TZID=([^";]*)(?=;|:[^:]*$)/i;

const VALUE_TYPE = /;VALUE=[^;]*/i;

/**
 * Reads a line as ical.js does. Throws CalendarRefused, which quotes the line, for what it cannot read.
 * @param text what is read in the place of the line's own text
 */
export function readProperty(
  line: ContentLine,
  text = line.text,
): { readonly parameters: Parameters; readonly value: unknown } {
  try {
    const [, parameters, , value] = ICAL.parse.property(withQuotedZone(text)) as [string, Parameters, string, unknown];
    return { parameters, value };
  } catch (error) {
    throw unreadable(line, reasonOf(error));
  }
}

/** Why ical.js cannot read a line. It quotes what it was given, however long, and trips over parts without a value. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return 'a value is missing';
  return shortened((error as Error).message.replace(/ in '.*$/s, ''), 120);
}

export function parameterOf(line: ContentLine, name: string): string | undefined {
  if (!hasParameters(line.text)) return undefined;
  const text = withQuotedZone(line.text);
  // Without the value and its type: ical.js fails on an empty list of periods.
  const parameters = text.slice(line.name.length, colonIn(text)).replace(VALUE_TYPE, '');
  const value = readProperty(line, `X${parameters}:`).parameters[name];
  return (Array.isArray(value) ? value[0] : value)?.trim();
}

/** The value of a property whose parameters do not matter; undefined when it is empty. */
export function textOf(line: ContentLine | undefined): string | undefined {
  // ical.js is not asked: it takes most of its time for texts.
  if (!line) return undefined;
  const text = hasParameters(line.text) ? withQuotedZone(line.text) : line.text;
  return text.slice(colonIn(text) + 1).trim() || undefined;
}

function hasParameters(text: string): boolean {
  const semicolon = text.indexOf(';');
  return semicolon >= 0 && semicolon < text.indexOf(':');
}

function withQuotedZone(text: string): string {
  return text.replace(UNQUOTED_ZONE, (_, name: string) => (name.trim() === '' ? '' : `;TZID="${name}"`)).trim();
}

/** Where the value begins: at the first colon that is in no quotes. */
function colonIn(text: string): number {
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '"') isQuoted = !isQuoted;
    else if (text[index] === ':' && !isQuoted) return index;
  }
  return text.indexOf(':');
}

export function timeIn(line: ContentLine): TimeText {
  const [time] = timesIn(line);
  if (!time) throw unreadable(line, 'a date or a time is missing');
  return time;
}

/** The times that a line lists. */
export function timesIn(line: ContentLine): TimeText[] {
  const zoneName = parameterOf(line, 'tzid');
  return valuesOf(line).map((text) => timeOf(text, zoneName, line));
}

/** The periods that a line lists, or the times without an end. */
export function periodsIn(line: ContentLine): (Period | TimeText)[] {
  const zoneName = parameterOf(line, 'tzid');
  return valuesOf(line).map((text) => {
    const [start = '', end] = text.split('/');
    const time = timeOf(start, zoneName, line);
    if (end === undefined) return time;
    return { start: time, end: /P/i.test(end) ? lengthOf(end, line) : timeOf(end, zoneName, line) };
  });
}

/** Some programs write a comma after the last one, too. */
function valuesOf(line: ContentLine): string[] {
  return (textOf(line) ?? '').split(',').filter((text) => text.trim() !== '');
}

/** The length that a DURATION has, negative or not. */
export function lengthIn(line: ContentLine): Length {
  return lengthOf(textOf(line) ?? '', line);
}

const OFFSET = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/;

/** Milliseconds ahead of UTC, of a TZOFFSETFROM or TZOFFSETTO. */
export function offsetIn(line: ContentLine): number {
  const [, sign, hours, minutes = '0', seconds = '0'] = OFFSET.exec(textOf(line) ?? '') ?? [];
  if (hours === undefined) throw unreadable(line, 'an offset is such as +0100');
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?$/i;

function timeOf(text: string, zoneName: string | undefined, line: ContentLine): TimeText {
  const time = readTime(text);
  if (!time) throw unreadable(line, 'a date is such as 20300124, a time such as 20300124T093000 or 20300124T093000Z');
  return { shown: time.ms, kind: time.kind, zoneName: time.kind === 'local' ? zoneName : undefined, line: line.number };
}

/** The time in a value. Those that have no time of day are dates, whatever else is said of them. */
export function readTime(text: string): { readonly ms: number; readonly kind: TimeText['kind'] } | undefined {
  const [, year, month, day, hour, minute, second = '0', z] = TIME.exec(text.trim()) ?? [];
  if (year === undefined || Number(year) === 0) return undefined;
  const date = [Number(year), Number(month), Number(day)] as const;
  const isDate = date[1] >= 1 && date[1] <= 12 && date[2] >= 1 && date[2] <= lengthOfMonth(date[0], date[1]);
  if (!isDate) return undefined;
  const midnight = dayNumber(...date) * DAY;
  if (hour === undefined) return { ms: midnight, kind: 'date' };
  // RFC 5545 has leap seconds; some programs end a day at its hour 24.
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Math.min(59, Number(second));
  if (Number(minute) > 59 || Number(second) > 60 || seconds > 86_400) return undefined;
  return { ms: midnight + seconds * 1000, kind: z ? 'utc' : 'local' };
}

function lengthOfMonth(year: number, month: number): number {
  return month === 12 ? 31 : dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

const LENGTH = /^([+-]?)P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/i;

function lengthOf(text: string, line: ContentLine): Length {
  const found = LENGTH.exec(text.trim());
  const [, sign, ...parts] = found ?? [];
  if (!found || parts.every((part) => part === undefined)) throw unreadable(line, 'a duration is such as PT1H30M');
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  const factor = sign === '-' ? -1 : 1;
  return { days: factor * (7 * weeks + days), ms: factor * ((hours * 60 + minutes) * 60 + seconds) * 1000 };
}

export function unreadable(line: ContentLine, why: string): CalendarRefused {
  return new CalendarRefused('unreadable', `${quoted(line.text)} cannot be read: ${why}`, line.number);
}
