import { dayNumber, weekdayOf } from '../../domain/recurrence/days.js';
import type { Rule, WeekdayPlace } from './rule.js';

/** A day, and where in its year and its month it is. All but `number` count from 1. */
export interface PlacedDay {
  /** From 1 January 1970. */
  readonly number: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The day with a number. */
export function placeOf(number: number): PlacedDay {
  const date = new Date(number * 86_400_000);
  return { number, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The number of 1 January of a year. */
export function newYear(year: number): number {
  return dayNumber(year, 1, 1);
}

/** The number of the first of a month, counted on from January of year 0. */
export function firstOfMonth(months: number): number {
  return dayNumber(Math.floor(months / 12), (months % 12) + 1, 1);
}

/** The first day of the week that a day is in. */
export function firstOfWeek(number: number, weekStart: number): number {
  return number - ((weekdayOf(number) - weekStart + 7) % 7);
}

/**
 * Whether a rule has a day: every part of the rule that names days does. What the parts leave open comes from the first
 * day, as RFC 5545, 3.3.10, has it.
 */
export function dayFilterOf(rule: Rule, first: PlacedDay): (number: number) => boolean {
  const { frequency, months, weeks, yearDays, monthDays, weekdays, weekStart } = withWhatIsOpen(rule, first);
  const byMonth = frequency === 'MONTHLY' || (frequency === 'YEARLY' && months.length > 0);
  const countsWeekdays = byMonth || frequency === 'YEARLY';

  function isWeekday(day: PlacedDay): boolean {
    const weekday = weekdayOf(day.number);
    const isPlace = ({ nth }: WeekdayPlace) => {
      if (nth === undefined || nth === 0 || !countsWeekdays) return true;
      const [from, to] = byMonth ? monthOf(day) : yearOf(day);
      return Math.abs(nth) === Math.floor((nth > 0 ? day.number - from : to - day.number) / 7) + 1;
    };
    return weekdays.some((one) => one.weekday === weekday && isPlace(one));
  }

  return (number) => {
    if (weekdays.length > 0 && !weekdays.some(({ weekday }) => weekday === weekdayOf(number))) return false;
    const day = placeOf(number);
    return (
      (months.length === 0 || months.includes(day.month)) &&
      (monthDays.length === 0 || isAmong(monthDays, number, ...monthOf(day))) &&
      (yearDays.length === 0 || isAmong(yearDays, number, ...yearOf(day))) &&
      (weeks.length === 0 || isInWeeks(weeks, number, weekStart)) &&
      (weekdays.length === 0 || isWeekday(day))
    );
  };
}

/** The rule with the days of the week, the month or the year that it takes from its first day. */
function withWhatIsOpen(rule: Rule, first: PlacedDay): Rule {
  const { frequency, months, weeks, yearDays, monthDays, weekdays } = rule;
  if (yearDays.length > 0 || monthDays.length > 0 || weekdays.length > 0) return rule;
  const ofFirst = { weekday: weekdayOf(first.number), nth: undefined };
  if (frequency === 'WEEKLY' || (frequency === 'YEARLY' && weeks.length > 0)) return { ...rule, weekdays: [ofFirst] };
  if (frequency === 'MONTHLY') return { ...rule, monthDays: [first.day] };
  if (frequency !== 'YEARLY') return rule;
  return { ...rule, monthDays: [first.day], months: months.length > 0 ? months : [first.month] };
}

/** The first and the last day of the month that a day is in. */
function monthOf({ number, day, year, month }: PlacedDay): [number, number] {
  return [number - day + 1, firstOfMonth(12 * year + month) - 1];
}

/** The first and the last day of the year that a day is in. */
function yearOf({ year }: PlacedDay): [number, number] {
  return [newYear(year), newYear(year + 1) - 1];
}

/** Whether a day is one of those with such numbers, from 1 at the first or from -1 at the last. */
function isAmong(places: readonly number[], number: number, first: number, last: number): boolean {
  return places.includes(number - first + 1) || places.includes(number - last - 1);
}

/** Whether a day is in one of the weeks of the year that its week is in. */
function isInWeeks(weeks: readonly number[], number: number, weekStart: number): boolean {
  const week = firstOfWeek(number, weekStart);
  // A week is in the year that most of its days are in, and so its fourth.
  const { year } = placeOf(week + 3);
  const [first, last] = [firstOfWeek(newYear(year) + 3, weekStart), firstOfWeek(newYear(year + 1) - 4, weekStart)];
  return weeks.includes((week - first) / 7 + 1) || weeks.includes((week - last) / 7 - 1);
}
