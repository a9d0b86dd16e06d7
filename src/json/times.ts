import type { Timestamp } from '@bufbuild/protobuf/wkt';

/*
 * Times as RFC 3339 writes them and back, for the two forms that protobuf JSON and `Date` write: in UTC, with
 * milliseconds or without. A fifth of the time that `Date` needs, which parses and writes times of every zone.
 */

const DAY = 86_400_000;

const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

// The dates that were written last, each in the slot of its day: `2030-01-31T`.
const SLOTS = 1024;
const days = new Float64Array(SLOTS).fill(Number.NaN);
const dates = new Array<string>(SLOTS).fill('');

/**
 * The text of a time: `2030-01-31T09:30:00Z`, with milliseconds when there are any.
 * @param ms whole epoch milliseconds, in the years 1 to 9999
 */
export function timeText(ms: number): string {
  const day = Math.floor(ms / DAY);
  const slot = day & (SLOTS - 1);
  if (days[slot] !== day) {
    dates[slot] = new Date(day * DAY).toISOString().slice(0, 11);
    days[slot] = day;
  }
  const inDay = ms - day * DAY;
  const millis = inDay % 1000;
  const seconds = (inDay - millis) / 1000;
  const second = seconds % 60;
  const minutes = (seconds - second) / 60;
  const minute = minutes % 60;
  const text = `${dates[slot]}${TWO_DIGITS[(minutes - minute) / 60]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[second]}`;
  return millis === 0 ? `${text}Z` : `${text}.${millis < 100 ? `0${TWO_DIGITS[millis]}` : millis}Z`;
}

// By month, from January, in a year that is not a leap year.
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS_BEFORE_MONTH = DAYS_OF_MONTH.map((_, month) => DAYS_OF_MONTH.slice(0, month).reduce((sum, n) => sum + n, 0));
// From 1 January of the year 1 to the epoch.
const DAYS_BEFORE_EPOCH = 719_162;

/**
 * The epoch milliseconds of a text that `timeText` or `Date` writes. NaN for any other text, also for a valid time in
 * another form, and for a time before the year 1.
 */
export function timeOf(text: string): number {
  const { length } = text;
  const hasMillis = length === 24;
  if (!hasMillis && length !== 20) return Number.NaN;
  const isInForm =
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === LETTER_T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(length - 1) === LETTER_Z &&
    (!hasMillis || text.charCodeAt(19) === DOT);
  if (!isInForm) return Number.NaN;

  const year = digits(text, 0) * 100 + digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hour = digits(text, 11);
  const minute = digits(text, 14);
  const second = digits(text, 17);
  const millis = hasMillis ? digits(text, 20) * 10 + digit(text, 22) : 0;
  // NaN, which `digits` answers for other characters, is in no range.
  const isValid = year >= 1 && isDate(year, month, day) && hour <= 23 && minute <= 59 && second <= 59 && millis <= 999;
  if (!isValid) return Number.NaN;

  const years = year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const dayOfYear = DAYS_BEFORE_MONTH[month - 1]! + (month > 2 && isLeapYear(year) ? 1 : 0) + day - 1;
  const daysSinceEpoch = years * 365 + leapDays + dayOfYear - DAYS_BEFORE_EPOCH;
  return daysSinceEpoch * DAY + hour * 3_600_000 + minute * 60_000 + second * 1_000 + millis;
}

/** Whether the calendar has such a day. Months and days count from 1. False when the month or the day is NaN. */
export function isDate(year: number, month: number, day: number): boolean {
  const days = month === 2 && isLeapYear(year) ? 29 : DAYS_OF_MONTH[month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const DASH = 45;
const DOT = 46;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;
const ZERO = 48;

/**
 * A time as a message, as `timestampFromMs` of protobuf-es makes it.
 * @param ms whole epoch milliseconds
 */
export function timestampOf(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return {
    $typeName: 'google.protobuf.Timestamp',
    seconds: BigInt(seconds),
    nanos: (ms - seconds * 1000) * 1_000_000,
  };
}

/** The value of two digits; NaN when one of the characters is no digit. */
function digits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
