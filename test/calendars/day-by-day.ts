import { Temporal } from 'temporal-polyfill';
import { type AnyRule, type AnySeries, ruleOf, WEEKDAYS } from './any-series.js';

/**
 * The times that a series takes, by a look at every single hour: [start, end] in epoch milliseconds, of those that begin
 * before a time and end after another. Shares nothing with what it checks, and knows nothing of speed.
 */
export function dayByDay(series: AnySeries, zoneName: string, from: number, to: number): [number, number][] {
  const start = Temporal.PlainDate.from('1970-01-01')
    .add({ days: series.day })
    .toPlainDateTime({ hour: Math.floor(series.minute / 60), minute: series.minute % 60 });
  const first = series.isDate ? start.with({ hour: 0, minute: 0 }) : start;
  const last = Temporal.Instant.fromEpochMilliseconds(to).toZonedDateTimeISO('UTC').toPlainDateTime().add({ days: 3 });

  const { COUNT } = series.rule;
  const ofRule = timesOf(ruleOf(series), first, last).slice(0, COUNT);
  const times = [first, ...ofRule.filter((time) => !time.equals(first))];
  return times
    .map((time) => intervalAt(time, series, zoneName))
    .filter(([begin, end], index) => end > from && (begin < to || index === 0));
}

/** All times of a rule up to a last one. */
function timesOf(rule: AnyRule, first: Temporal.PlainDateTime, last: Temporal.PlainDateTime): Temporal.PlainDateTime[] {
  const byPeriod = new Map<number, Temporal.PlainDateTime[]>();
  // The period of the first begins up to a year before it.
  let day = first.toPlainDate().with({ month: 1, day: 1 });
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    if (!hasDay(rule, day, first.toPlainDate())) continue;
    for (const time of timesOn(rule, day, first)) {
      const period = periodOf(rule, time, first);
      if (period % rule.INTERVAL !== 0) continue;
      byPeriod.set(period, byPeriod.get(period) ?? []);
      byPeriod.get(period)?.push(time);
    }
  }
  const { BYSETPOS } = rule;
  return [...byPeriod.values()]
    .flatMap((times) =>
      times.filter((_, index) => !BYSETPOS || BYSETPOS.some((at) => index === (at > 0 ? at - 1 : times.length + at))),
    )
    .filter((time) => Temporal.PlainDateTime.compare(time, first) >= 0);
}

function hasDay(rule: AnyRule, day: Temporal.PlainDate, first: Temporal.PlainDate): boolean {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY } = rule;
  const saysNoDay = !BYMONTHDAY && !BYYEARDAY && !BYDAY;
  if (BYMONTH && !BYMONTH.includes(day.month)) return false;
  if (BYMONTHDAY && !BYMONTHDAY.some((at) => day.day === (at > 0 ? at : day.daysInMonth + 1 + at))) return false;
  if (BYYEARDAY && !BYYEARDAY.some((at) => day.dayOfYear === (at > 0 ? at : day.daysInYear + 1 + at))) return false;
  if (BYWEEKNO && !isInWeeks(BYWEEKNO, day, rule.WKST)) return false;
  if (BYDAY && !BYDAY.some((text) => isPlace(text, day, FREQ === 'MONTHLY' || BYMONTH !== undefined))) return false;
  if (!saysNoDay) return true;
  if (FREQ === 'WEEKLY' || BYWEEKNO) return day.dayOfWeek === first.dayOfWeek;
  if (FREQ === 'MONTHLY') return day.day === first.day;
  if (FREQ === 'YEARLY') return day.day === first.day && (BYMONTH !== undefined || day.month === first.month);
  return true;
}

/** Whether a day is `MO`, `2MO` or `-1MO` of its month or year: by counting. */
function isPlace(text: string, day: Temporal.PlainDate, inMonth: boolean): boolean {
  if (WEEKDAYS[day.dayOfWeek - 1] !== text.slice(-2)) return false;
  const at = Number.parseInt(text, 10);
  if (Number.isNaN(at)) return true;
  const step = { days: at > 0 ? -7 : 7 };
  const isSame = (other: Temporal.PlainDate) => other.year === day.year && (!inMonth || other.month === day.month);
  let count = 0;
  for (let other = day; isSame(other); other = other.add(step)) count += 1;
  return count === Math.abs(at);
}

/** Week 1 is the first with four days in the year. */
function isInWeeks(weeks: readonly number[], day: Temporal.PlainDate, weekStart = 'MO'): boolean {
  const begin = day.subtract({ days: (day.dayOfWeek - 1 - WEEKDAYS.indexOf(weekStart) + 7) % 7 });
  const { year } = begin.add({ days: 3 });
  const yearOf = (week: Temporal.PlainDate) => week.add({ days: 3 }).year;
  let number = 0;
  for (let week = begin; yearOf(week) === year; week = week.subtract({ weeks: 1 })) number += 1;
  let fromEnd = 0;
  for (let week = begin; yearOf(week) === year; week = week.add({ weeks: 1 })) fromEnd -= 1;
  return weeks.includes(number) || weeks.includes(fromEnd);
}

function timesOn(rule: AnyRule, day: Temporal.PlainDate, first: Temporal.PlainDateTime): Temporal.PlainDateTime[] {
  const all = Array.from({ length: 24 }, (_, hour) => hour);
  const hours = all.filter((hour) => (rule.BYHOUR ?? (rule.FREQ === 'HOURLY' ? all : [first.hour])).includes(hour));
  const minutes = [...(rule.BYMINUTE ?? [first.minute])].sort((one, other) => one - other);
  return hours.flatMap((hour) => minutes.map((minute) => day.toPlainDateTime({ hour, minute })));
}

/** How many periods after that of the first a time is in. */
function periodOf({ FREQ, WKST = 'MO' }: AnyRule, time: Temporal.PlainDateTime, first: Temporal.PlainDateTime): number {
  const weekOf = (one: Temporal.PlainDateTime) => {
    const date = one.toPlainDate();
    return date.subtract({ days: (date.dayOfWeek - 1 - WEEKDAYS.indexOf(WKST) + 7) % 7 });
  };
  const hourOf = (one: Temporal.PlainDateTime) => one.with({ minute: 0 });
  switch (FREQ) {
    case 'HOURLY':
      return hourOf(first).until(hourOf(time), { largestUnit: 'hours' }).hours;
    case 'DAILY':
      return first.toPlainDate().until(time.toPlainDate()).days;
    case 'WEEKLY':
      return weekOf(first).until(weekOf(time)).days / 7;
    case 'MONTHLY':
      return 12 * (time.year - first.year) + time.month - first.month;
    case 'YEARLY':
      return time.year - first.year;
    default:
      return FREQ satisfies never;
  }
}

function intervalAt(time: Temporal.PlainDateTime, { isDate, length }: AnySeries, zoneName: string): [number, number] {
  if (!isDate) {
    const start = time.toZonedDateTime(zoneName).epochMilliseconds;
    return [start, start + length * 3_600_000];
  }
  const date = time.toPlainDate();
  const startOf = (one: Temporal.PlainDate) => one.toZonedDateTime(zoneName).epochMilliseconds;
  return [startOf(date), startOf(date.add({ days: length }))];
}
