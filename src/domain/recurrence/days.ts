import type { Rule } from './rule.js';

/*
 * Days as numbers, counted from 1 January 1970, and which of them a rule matches. A rule may be searched over thousands
 * of years: numbers take a thousandth of the time of Temporal's days.
 */

/** Days in order: from the first to the last, inclusive. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Says which days have what BYMONTH, BYMONTHDAY and BYDAY ask for. */
export interface Calendar {
  /** Such days of a period, in order. */
  matching(period: Period): number[];
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

// By month, from January, in a year that is not a leap year.
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The number of a day. Months and days count from 1. */
export function dayNumber(year: number, month: number, day: number): number {
  let number = daysBefore(year) + day - 1;
  for (let before = 1; before < month; before += 1) number += lengthOf(year, before);
  return number;
}

/** The last day that a wall time can have: 31 December 9999. */
export const lastDay = dayNumber(9999, 12, 31);

/** The period of a rule with this number, from 0, which is the one that the first day is in. */
export function periodOf({ freq, interval, wkst = 'MO' }: Rule, first: number, nr: number): Period {
  const step = nr * interval;
  switch (freq) {
    case 'DAILY':
      return { from: first + step, to: first + step };
    case 'WEEKLY': {
      const from = first - modulo(weekdayOf(first) - WEEKDAYS.indexOf(wkst), 7) + 7 * step;
      return { from, to: from + 6 };
    }
    case 'MONTHLY': {
      const { year, month } = dateOf(first);
      const months = month - 1 + step;
      return monthPeriod(year + Math.floor(months / 12), (months % 12) + 1);
    }
    case 'YEARLY': {
      const year = dateOf(first).year + step;
      return { from: daysBefore(year), to: daysBefore(year + 1) - 1 };
    }
    default:
      return freq satisfies never;
  }
}

/**
 * The days that a rule matches. What its parts leave open comes from the first day, as RFC 5545, 3.3.10, has it: the
 * weekday of a week, the day of a month, the day and the month of a year.
 */
export function calendarOf(rule: Rule, first: number): Calendar {
  const { freq, byDay, byMonthDay, byMonth } = rule;
  const date = dateOf(first);
  const isOpen = !byDay && !byMonthDay;
  const ofDate = isOpen && (freq === 'MONTHLY' || freq === 'YEARLY');
  const months = new Set(byMonth ?? (ofDate && freq === 'YEARLY' ? [date.month] : undefined));
  const monthDays = new Set(byMonthDay ?? (ofDate ? [date.day] : undefined));
  const weekdays = placesOf(byDay ?? (isOpen && freq === 'WEEKLY' ? [WEEKDAYS[weekdayOf(first)]!] : []));
  const inMonth = freq === 'MONTHLY' || byMonth !== undefined;

  /** @param within the month or the year in which numbers of weekdays count */
  function isWeekday(day: number, within: Period): boolean {
    if (weekdays.size === 0) return true;
    const places = weekdays.get(weekdayOf(day));
    if (!places) return false;
    const [fromStart, fromEnd] = [day - within.from, within.to - day];
    return places.has(0) || places.has(Math.floor(fromStart / 7) + 1) || places.has(-Math.floor(fromEnd / 7) - 1);
  }

  return {
    matching({ from, to }) {
      const found: number[] = [];
      let { year, month, day } = dateOf(from);
      for (let number = from; number <= to; day = 1) {
        const ofMonth = { from: number - day + 1, to: number - day + lengthOf(year, month) };
        const last = Math.min(to, ofMonth.to);
        if (months.size === 0 || months.has(month)) {
          const within = inMonth ? ofMonth : { from: daysBefore(year), to: daysBefore(year + 1) - 1 };
          for (; number <= last; number += 1) {
            const place = number - ofMonth.from + 1;
            const isDay = monthDays.size === 0 || monthDays.has(place) || monthDays.has(number - ofMonth.to - 1);
            if (isDay && isWeekday(number, within)) found.push(number);
          }
        }
        number = last + 1;
        [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
      }
      return found;
    },
  };
}

/** The numbers of each weekday of BYDAY; 0 for one without a number. */
function placesOf(byDay: readonly string[]): ReadonlyMap<number, ReadonlySet<number>> {
  const places = new Map<number, Set<number>>();
  for (const text of byDay) {
    const weekday = WEEKDAYS.indexOf(text.slice(-2));
    places.set(weekday, (places.get(weekday) ?? new Set()).add(Number.parseInt(text, 10) || 0));
  }
  return places;
}

function monthPeriod(year: number, month: number): Period {
  const from = dayNumber(year, month, 1);
  return { from, to: from + lengthOf(year, month) - 1 };
}

/** The date of a day, by the lengths of years and months. */
function dateOf(number: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(number / 365.2425);
  while (daysBefore(year) > number) year -= 1;
  while (daysBefore(year + 1) <= number) year += 1;
  let rest = number - daysBefore(year);
  let month = 1;
  for (; rest >= lengthOf(year, month); month += 1) rest -= lengthOf(year, month);
  return { year, month, day: rest + 1 };
}

/** Days from 1 January 1970 to 1 January of a year. */
function daysBefore(year: number): number {
  const years = year - 1;
  return 365 * (year - 1970) + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) - 477;
}

function lengthOf(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : LENGTHS[month - 1]!;
}

/** The weekday of a day, from 0, Monday. */
export function weekdayOf(number: number): number {
  // 1 January 1970 was a Thursday.
  return modulo(number + 3, 7);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
