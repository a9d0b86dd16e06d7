import { type BrokenField, broken, brokenDate, brokenZone } from '../broken-field.js';
import { dayOf } from '../dates.js';
import type { ZoneRules } from '../zones/zone-rules.js';

/** When a coach can be booked, by the clocks of a time zone. */
export interface Availability {
  /** An IANA zone. */
  readonly timeZone: string;
  readonly weekly: readonly WeeklyHours[];
  /** Each date once. */
  readonly dates: readonly DateHours[];
}

/** Wall times: `09:00`, the end up to `24:00`. An end before the beginning is on the next day. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

/** The same hours on some days of every week. */
export interface WeeklyHours extends Hours {
  readonly days: readonly Weekday[];
}

/** The hours of a date, `2030-12-24`, in the place of those of its weekday. */
export interface DateHours {
  readonly date: string;
  readonly hours: readonly Hours[];
}

/** The days of a week. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** Hours in minutes from the beginning of their day: up to 2,880 where they end on the next. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** The most entries of `weekly` and of `dates`, and the most hours of a date. */
export const MAX_WEEKLY = 100;
export const MAX_DATES = 1_000;
export const MAX_HOURS = 24;

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const NONE: readonly BrokenField[] = [];
const BEGINNING = /^([01]\d|2[0-3]):[0-5]\d$/;
const END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** The minutes of hours that are not broken. */
export function minutesOf({ from, to }: Hours): Minutes {
  const [beginning, end] = [minutes(from), minutes(to)];
  return { from: beginning, to: end > beginning ? end : end + DAY };
}

function minutes(time: string): number {
  return 60 * Number(time.slice(0, 2)) + Number(time.slice(3));
}

/**
 * The fields of an availability that break a rule.
 * @param path of the availability: `availability`
 */
export function brokenAvailability(path: string, given: Availability, rules: ZoneRules): BrokenField[] {
  const { timeZone, weekly, dates } = given;
  const fields = broken(`${path}.time_zone`, brokenZone(timeZone, rules));
  if (weekly.length > MAX_WEEKLY) {
    fields.push({ field: `${path}.weekly`, description: `must have at most ${MAX_WEEKLY} entries` });
  }
  if (dates.length > MAX_DATES) {
    fields.push({ field: `${path}.dates`, description: `must have at most ${MAX_DATES} entries` });
  }
  if (fields.length > 0) return fields;

  weekly.forEach((hours, index) => {
    const field = `${path}.weekly[${index}]`;
    fields.push(...broken(`${field}.days`, brokenDays(hours.days)), ...brokenHours(field, hours));
  });
  const dateFields = dates.flatMap((date, index) => brokenDateHours(`${path}.dates[${index}]`, date));
  if (fields.length === 0) fields.push(...overlapsOfWeek(`${path}.weekly`, weekly));
  if (dateFields.length === 0) dateFields.push(...overlapsOfDates(`${path}.dates`, dates));
  return [...fields, ...dateFields];
}

function brokenDays(days: readonly Weekday[]): string | undefined {
  if (days.length === 0) return 'is required';
  if (!days.every((day) => WEEKDAYS.includes(day))) return 'must be days from MONDAY to SUNDAY';
  return new Set(days).size < days.length ? 'must have each day once' : undefined;
}

function brokenHours(field: string, { from, to }: Hours): readonly BrokenField[] {
  if (BEGINNING.test(from) && END.test(to) && from !== to) return NONE;
  const fields = [
    ...broken(`${field}.from`, BEGINNING.test(from) ? undefined : 'must be a time from 00:00 to 23:59'),
    ...broken(`${field}.to`, END.test(to) ? undefined : 'must be a time from 00:00 to 24:00'),
  ];
  if (fields.length > 0) return fields;
  return broken(`${field}.to`, from === to ? 'must not be the same time as `from`' : undefined);
}

function brokenDateHours(field: string, { date, hours }: DateHours): BrokenField[] {
  if (hours.length > MAX_HOURS) {
    return [{ field: `${field}.hours`, description: `must have at most ${MAX_HOURS} entries` }];
  }
  return [
    ...broken(`${field}.date`, brokenDate(date)),
    ...hours.flatMap((one, index) => brokenHours(`${field}.hours[${index}]`, one)),
  ];
}

/** Hours with their place on a line of minutes, and in the request: the hours of an entry. */
interface Placed extends Minutes {
  readonly entry: number;
  readonly hours: number;
}

/** The field of hours. There may be thousands of them, and one or two are named. */
type FieldOf = (placed: Placed) => string;

function overlapsOfWeek(path: string, weekly: readonly WeeklyHours[]): BrokenField[] {
  const placed = weekly.flatMap((hours, index) => {
    const { from, to } = minutesOf(hours);
    return hours.days.map((day): Placed => {
      const before = DAY * WEEKDAYS.indexOf(day);
      return { entry: index, hours: 0, from: before + from, to: before + to };
    });
  });
  // A night may reach from Sunday into the Monday after.
  const [first] = inOrder(placed);
  const again = first ? [{ ...first, from: first.from + WEEK, to: first.to + WEEK }] : [];
  return overlaps([...placed, ...again], ({ entry }) => `${path}[${entry}]`);
}

function overlapsOfDates(path: string, dates: readonly DateHours[]): BrokenField[] {
  const seen = new Set<string>();
  for (const [index, { date }] of dates.entries()) {
    if (seen.has(date)) return [{ field: `${path}[${index}].date`, description: 'must be given once' }];
    seen.add(date);
  }
  const placed = dates.flatMap(({ date, hours }, index) => {
    const before = DAY * (dayOf(date) ?? 0);
    return hours.map((one, place): Placed => {
      const { from, to } = minutesOf(one);
      return { entry: index, hours: place, from: before + from, to: before + to };
    });
  });
  return overlaps(placed, ({ entry, hours }) => `${path}[${entry}].hours[${hours}]`);
}

function overlaps(placed: readonly Placed[], fieldOf: FieldOf): BrokenField[] {
  const sorted = inOrder(placed);
  for (const [index, later] of sorted.entries()) {
    const earlier = sorted[index - 1];
    if (earlier && later.from < earlier.to) {
      return [{ field: fieldOf(later), description: `must not overlap other hours, as it does ${fieldOf(earlier)}` }];
    }
  }
  return [];
}

function inOrder(placed: readonly Placed[]): Placed[] {
  return placed.toSorted((one, other) => one.from - other.from);
}
