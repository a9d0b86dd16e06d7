import { DAY } from '../../domain/dates.js';
import { dayFilterOf, firstOfMonth, firstOfWeek, newYear, placeOf } from './days-of-rule.js';
import type { Rule } from './rule.js';
import type { Work } from './work.js';

/** The periods of a rule, one after the other: the years of YEARLY, the hours of HOURLY. */
interface Periods {
  /** When the period with a number begins: the first, with number 0, is the one that the start is in. */
  startOf(number: number): number;
  /** The number of a period that has begun by a time, and is not long before it: days count as if all months had 31. */
  numberAt(time: number): number;
  /** The times of the rule in a period, in order. */
  timesIn(number: number): number[];
}

type OfDays = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** The most days of a period. */
const LONGEST: Readonly<Record<OfDays, number>> = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 };

const SECOND = 1000;
const STEPS = { SECONDLY: SECOND, MINUTELY: 60 * SECOND, HOURLY: 3600 * SECOND } as const;

/**
 * The times of a rule, in order. All times are what clocks show, in epoch milliseconds.
 * @param start the first time of the series: none before it counts, and what the rule leaves open comes from it
 * @param from those before are left out, if any
 * @param to none after it is looked for
 * @param work is done for each period, so that rules without times end, too
 */
export function* occurrencesOf(
  rule: Rule,
  start: number,
  { from, to, work }: { from: number; to: number; work: Work },
): Generator<number> {
  const { count = Number.POSITIVE_INFINITY, positions } = rule;
  const periods = periodsOf(rule, start, work);
  // Times can only be counted from the first on.
  const first = rule.count === undefined ? Math.max(0, periods.numberAt(from)) : 0;
  let found = 0;
  for (let number = first; found < count; number += 1) {
    if (periods.startOf(number) > to) return;
    const times = periods.timesIn(number);
    work();
    for (const time of atPositions(times, positions)) {
      if (time < start) continue;
      found += 1;
      if (time > to || found > count) return;
      if (time >= from) yield time;
    }
  }
}

function periodsOf(rule: Rule, start: number, work: Work): Periods {
  const { frequency } = rule;
  if (frequency === 'SECONDLY' || frequency === 'MINUTELY' || frequency === 'HOURLY') {
    return partsOfDays(rule, start, STEPS[frequency]);
  }
  return wholeDays(rule, frequency, { start, work });
}

/** Periods of days: each day that the rule has, at each time of day. */
function wholeDays(rule: Rule, frequency: OfDays, { start, work }: { start: number; work: Work }): Periods {
  const { interval, weekStart } = rule;
  const first = placeOf(Math.floor(start / DAY));
  const hasDay = dayFilterOf(rule, first);
  const timesOfDay = timesOfDayIn(rule, start);

  const week = firstOfWeek(first.number, weekStart);
  const months = 12 * first.year + first.month - 1;
  const firstDay = (number: number): number => {
    const step = number * interval;
    if (frequency === 'DAILY') return first.number + step;
    if (frequency === 'WEEKLY') return week + 7 * step;
    if (frequency === 'MONTHLY') return firstOfMonth(months + step);
    return newYear(first.year + step);
  };
  const lengthOf = (number: number): number => {
    if (frequency === 'DAILY') return 1;
    if (frequency === 'WEEKLY') return 7;
    if (frequency === 'MONTHLY') return firstOfMonth(months + number * interval + 1) - firstDay(number);
    return newYear(first.year + number * interval + 1) - firstDay(number);
  };
  return {
    startOf: (number) => firstDay(number) * DAY,
    numberAt: (time) => Math.floor((time - start) / DAY / (interval * LONGEST[frequency])),
    timesIn(number) {
      const from = firstDay(number);
      const times: number[] = [];
      for (let day = from; day < from + lengthOf(number); day += 1) {
        const isOfRule = hasDay(day);
        work(isOfRule ? timesOfDay.length : 1);
        if (isOfRule) for (const time of timesOfDay) times.push(day * DAY + time);
      }
      return times;
    },
  };
}

/** Periods of hours, minutes or seconds. */
function partsOfDays(rule: Rule, start: number, length: number): Periods {
  const { interval, hours } = rule;
  const first = Math.floor(start / length) * length;
  const hasDay = dayFilterOf(rule, placeOf(Math.floor(start / DAY)));
  const minutes = length > STEPS.MINUTELY ? orOwn(rule.minutes, start, STEPS.MINUTELY) : [];
  const seconds = length > STEPS.SECONDLY ? orOwn(rule.seconds, start, STEPS.SECONDLY) : [];
  let [day, isDay] = [Number.NaN, false];

  function isOnDay(time: number): boolean {
    const number = Math.floor(time / DAY);
    if (number !== day) [day, isDay] = [number, hasDay(number)];
    return isDay;
  }
  const has = (values: readonly number[], time: number, unit: number, of: number) =>
    values.length === 0 || values.includes(modulo(Math.floor(time / unit), of));

  return {
    startOf: (number) => first + number * interval * length,
    numberAt: (time) => Math.floor((time - first) / (interval * length)),
    timesIn(number) {
      const period = first + number * interval * length;
      if (!isOnDay(period) || !has(hours, period, STEPS.HOURLY, 24)) return [];
      if (length <= STEPS.MINUTELY && !has(rule.minutes, period, STEPS.MINUTELY, 60)) return [];
      if (length <= STEPS.SECONDLY) return has(rule.seconds, period, STEPS.SECONDLY, 60) ? [period] : [];
      if (length <= STEPS.MINUTELY) return seconds.map((second) => period + second * SECOND);
      return minutes.flatMap((minute) => seconds.map((second) => period + minute * STEPS.MINUTELY + second * SECOND));
    },
  };
}

/** The times of day of a rule, in milliseconds from midnight, in order. */
function timesOfDayIn(rule: Rule, start: number): number[] {
  const hours = rule.hours.length > 0 ? rule.hours : [modulo(Math.floor(start / STEPS.HOURLY), 24)];
  const minutes = orOwn(rule.minutes, start, STEPS.MINUTELY);
  const seconds = orOwn(rule.seconds, start, STEPS.SECONDLY);
  return hours.flatMap((hour) => minutes.flatMap((minute) => seconds.map((second) => timeOfDay(hour, minute, second))));
}

function timeOfDay(hour: number, minute: number, second: number): number {
  return hour * STEPS.HOURLY + minute * STEPS.MINUTELY + second * SECOND;
}

/** The minutes or seconds that a rule names, or that of its start. */
function orOwn(values: readonly number[], start: number, unit: number): readonly number[] {
  return values.length > 0 ? values : [modulo(Math.floor(start / unit), 60)];
}

/** Those at the positions that BYSETPOS names, from 1 at the first or from -1 at the last; all when it names none. */
function atPositions(times: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return times;
  return times.filter((_, index) => positions.includes(index + 1) || positions.includes(index - times.length));
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
