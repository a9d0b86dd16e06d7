import type { ContentLine } from './content-lines.js';
import { readProperty, readTime, unreadable } from './values.js';

export const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** A weekday, from 0, Monday; with a number, the nth of the month or of the year, from the end when it is negative. */
export interface WeekdayPlace {
  readonly weekday: number;
  readonly nth: number | undefined;
}

/** The last time at which an occurrence may begin: inclusive. */
export interface Until {
  /** What clocks show, in epoch milliseconds, or an instant of the kind `utc`. */
  readonly ms: number;
  readonly kind: 'date' | 'utc' | 'local';
}

/** A recurrence rule of RFC 5545. Parts that it does not have are empty lists. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  readonly until: Until | undefined;
  readonly months: readonly number[];
  readonly weeks: readonly number[];
  readonly yearDays: readonly number[];
  readonly monthDays: readonly number[];
  readonly weekdays: readonly WeekdayPlace[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  readonly positions: readonly number[];
  /** The first day of a week, from 0, Monday. */
  readonly weekStart: number;
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** The rule in an RRULE or EXRULE. Throws CalendarRefused when the line has none. */
export function ruleIn(line: ContentLine): Rule {
  // Only the rule is in upper case: programs exist that write `freq=weekly`, and `MO, TU`.
  const text = line.text.replace(/:.*$/s, (value) => value.toUpperCase().replace(/\s+/g, ''));
  const parts = readProperty(line, text).value as Readonly<Record<string, unknown>>;

  const numbers = (name: string) => [parts[name] ?? []].flat().map(Number);
  const whole = (name: string) => {
    const value = parts[name] === undefined ? undefined : Number(parts[name]);
    if (value !== undefined && !Number.isInteger(value)) throw unreadable(line, `${name.toUpperCase()} is no number`);
    return value;
  };
  const frequency = FREQUENCIES.find((one) => one === parts['freq']);
  if (!frequency) throw unreadable(line, `a rule needs a FREQ`);
  const { rscale } = parts;
  if (rscale !== undefined && rscale !== 'GREGORIAN') throw unreadable(line, 'RSCALE must be GREGORIAN');
  return {
    frequency,
    interval: Math.max(1, whole('interval') ?? 1),
    count: whole('count'),
    until: untilIn(text, line),
    months: numbers('bymonth'),
    weeks: numbers('byweekno'),
    yearDays: numbers('byyearday'),
    monthDays: numbers('bymonthday'),
    weekdays: [parts['byday'] ?? []].flat().map((text) => weekdayIn(`${text}`)),
    hours: inOrder(numbers('byhour')),
    minutes: inOrder(numbers('byminute')),
    seconds: inOrder(numbers('bysecond').map((second) => Math.min(59, second))),
    positions: numbers('bysetpos'),
    weekStart: weekStartIn(parts['wkst']),
  };
}

function untilIn(rule: string, line: ContentLine): Until | undefined {
  const [, text] = /[:;]UNTIL=([^;]*)/.exec(rule) ?? [];
  if (text === undefined) return undefined;
  const until = readTime(text);
  if (!until) throw unreadable(line, 'UNTIL is a date such as 20300124 or a time such as 20300124T093000Z');
  return until;
}

function weekdayIn(text: string): WeekdayPlace {
  const nth = Number.parseInt(text, 10);
  return { weekday: WEEKDAYS.indexOf(text.slice(-2)), nth: Number.isNaN(nth) ? undefined : nth };
}

/** ical.js counts weekdays from 1, Sunday. */
function weekStartIn(number: unknown): number {
  return number === undefined ? 0 : (Number(number) + 5) % 7;
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}
