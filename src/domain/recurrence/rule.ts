import { isLongerThan } from '../text.js';

/** A recurrence rule: the subset of RFC 5545 that Series in proto/aceup/scheduler/v1/series.proto describes. */
export interface Rule {
  readonly freq: Frequency;
  readonly interval: number;
  /** Weekdays, with a number or without: `MO`, `-1FR`. */
  readonly byDay?: string[];
  readonly byMonthDay?: number[];
  readonly byMonth?: number[];
  readonly bySetPos?: number[];
  readonly wkst?: string;
  readonly count?: number;
  readonly until?: Until;
}

/** The period in which a rule looks for occurrences. */
export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** The last time at which an occurrence may begin. */
export type Until =
  /** The end of this day in the zone of the series: `2026-12-31`. */
  | { readonly date: string }
  /** Epoch milliseconds. */
  | { readonly instant: number };

/** The most occurrences that a series may have: two years of weeks. */
export const MAX_OCCURRENCES = 104;

const MAX_LENGTH = 500;
const MAX_INTERVAL = 1000;

interface Part {
  /** The field of `Rule` that the part fills. */
  readonly field: keyof Rule;
  /** Reads the value; undefined when the text is not one. */
  readonly read: (text: string) => unknown;
  /** What the text must be, for error messages. */
  readonly form: string;
}

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const PARTS: Readonly<Record<string, Part>> = {
  FREQ: { field: 'freq', read: oneOf(FREQUENCIES), form: 'DAILY, WEEKLY, MONTHLY or YEARLY' },
  INTERVAL: { field: 'interval', read: whole(1, MAX_INTERVAL), form: `1 to ${MAX_INTERVAL}` },
  COUNT: { field: 'count', read: whole(1, MAX_OCCURRENCES), form: `1 to ${MAX_OCCURRENCES}` },
  UNTIL: {
    field: 'until',
    read: until,
    form: 'the last day, such as 20261231, or a time in UTC, such as 20261231T225959Z',
  },
  BYDAY: {
    field: 'byDay',
    read: listOf(weekday),
    form: 'a list of MO, TU, WE, TH, FR, SA and SU, each with or without a number from -52 to 52 in front',
  },
  BYMONTHDAY: { field: 'byMonthDay', read: listOf(place(31)), form: 'a list of -31 to -1 and 1 to 31' },
  BYMONTH: { field: 'byMonth', read: listOf(whole(1, 12)), form: 'a list of 1 to 12' },
  BYSETPOS: { field: 'bySetPos', read: listOf(place(366)), form: 'a list of -366 to -1 and 1 to 366' },
  WKST: { field: 'wkst', read: oneOf(WEEKDAYS), form: 'MO, TU, WE, TH, FR, SA or SU' },
};

/** Reads a rule, in upper or lower case, or says why the text is not one. */
export function parseRule(text: string): { readonly rule: Rule } | { readonly broken: string } {
  if (text === '') return { broken: 'is required' };
  if (isLongerThan(text, MAX_LENGTH)) return { broken: `must be at most ${MAX_LENGTH} characters` };
  const values: Record<string, unknown> = { interval: 1 };
  const seen = new Set<string>();
  for (const one of inUpperCase(text).split(';')) {
    const [name = '', value] = one.split(/=(.*)/s, 2);
    const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (!part || value === undefined) return { broken: unknownPart(one) };
    if (seen.has(name)) return { broken: `must not have ${name} twice` };
    seen.add(name);
    values[part.field] = part.read(value);
    if (values[part.field] === undefined) return { broken: `${name} must be ${part.form}` };
  }
  const broken = brokenTogether(values as Partial<Rule>);
  return broken ? { broken } : { rule: values as unknown as Rule };
}

/** Letters of other alphabets stay: some of them have ASCII letters as their upper case. */
export function inUpperCase(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function unknownPart(part: string): string {
  if (part.startsWith('RRULE:')) return 'must be the rule without RRULE: in front';
  return `must be parts such as FREQ=WEEKLY, separated by semicolons; known parts are ${Object.keys(PARTS).join(', ')}`;
}

/** Why well-formed parts cannot be used together. */
function brokenTogether(rule: Partial<Rule>): string | undefined {
  const { freq, byDay = [], byMonthDay, byMonth, bySetPos } = rule;
  if (!freq) return 'must have FREQ';
  if (rule.count === undefined && !rule.until) return 'must have COUNT or UNTIL: a series must end';
  if (rule.count !== undefined && rule.until) return 'must have COUNT or UNTIL, not both';
  if (bySetPos && !byDay.length && !byMonthDay && !byMonth) return 'BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH';
  if (byMonthDay && freq === 'WEEKLY') return 'BYMONTHDAY cannot be used with FREQ=WEEKLY';

  const numbers = byDay.map((day) => Math.abs(Number.parseInt(day, 10))).filter((number) => number > 0);
  if (numbers.length === 0) return undefined;
  if (numbers.length < byDay.length) return 'BYDAY must have numbers on all days or on none';
  if (freq === 'DAILY' || freq === 'WEEKLY') return `BYDAY must have no numbers with FREQ=${freq}`;
  if (byMonthDay) return 'BYDAY must have no numbers with BYMONTHDAY';
  const inMonth = freq === 'MONTHLY' || byMonth !== undefined;
  if (inMonth && Math.max(...numbers) > 5) return 'BYDAY must have numbers from -5 to 5: no month has more weeks';
  return undefined;
}

type Read<Value> = (text: string) => Value | undefined;

function oneOf(values: readonly string[]): Read<string> {
  return (text) => (values.includes(text) ? text : undefined);
}

function whole(min: number, max: number): Read<number> {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

/** A place counted from the start, or from the end when it is negative. */
function place(max: number): Read<number> {
  return (text) => {
    const value = /^[+-]?\d{1,3}$/.test(text) ? Number(text) : 0;
    return value !== 0 && Math.abs(value) <= max ? value : undefined;
  };
}

function weekday(text: string): string | undefined {
  const [, number, day] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  if (!day || !WEEKDAYS.includes(day)) return undefined;
  return number === undefined || place(52)(number) ? text : undefined;
}

function listOf<Value>(read: Read<Value>): Read<Value[]> {
  return (text) => {
    const values = text.split(',').map(read);
    return values.every((value) => value !== undefined) ? values : undefined;
  };
}

function until(text: string): Until | undefined {
  const [, year, month, day, time] = /^(\d{4})(\d\d)(\d\d)(?:T(\d{6})Z)?$/.exec(text) ?? [];
  if (!year) return undefined;
  const date = `${year}-${month}-${day}`;
  const clock = time ? `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}` : '00:00:00';
  const instant = Date.parse(`${date}T${clock}Z`);
  // Date.parse reads 30 February as 2 March, and hour 24 as midnight of the next day.
  if (Number.isNaN(instant) || new Date(instant).toISOString() !== `${date}T${clock}.000Z`) return undefined;
  return time ? { instant } : { date };
}
