import type { Temporal } from 'temporal-polyfill';
import { calendarOf, dayNumber, lastDay, periodOf } from './days.js';
import type { Frequency, Rule } from './rule.js';

/** The most days, weeks, months or years that a rule is searched in: at most 1.5 million days, about 25 ms of work. */
export const MAX_PERIODS = 4_000;

/** After 400 years the days of the calendar come again, with the same weekdays. */
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;

/** Why a rule is refused that matches too seldom. */
export const TOO_SELDOM = `must have its occurrences in the first ${MAX_PERIODS} days, weeks, months or years of FREQ and INTERVAL`;

const UNITS: Record<Frequency, string> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };

/**
 * The wall times of a rule from a start on, in order, up to the year 9999. COUNT is ignored, and UNTIL may be exceeded
 * by up to two days. Undefined when the rule matches days too seldom, or never: `neverReason` tells.
 * @param limit the most wall times
 */
export function wallTimesOf(rule: Rule, start: Temporal.PlainDateTime, limit: number) {
  const first = dayOf(start);
  const end = Math.min(lastDay, endOf(rule.until));
  const calendar = calendarOf(rule, first);
  const places = placesOf(rule);
  const found: Temporal.PlainDateTime[] = [];
  for (let nr = 0; ; nr += 1) {
    const period = periodOf(rule, first, nr);
    if (period.from > end) return found;
    if (nr === (found.length === 0 ? limitOf(rule) : MAX_PERIODS)) return undefined;
    for (const day of chosen(calendar.matching(period), places)) {
      if (day < first) continue;
      if (day > end) return found;
      found.push(start.add({ days: day - first }));
      if (found.length === limit) return found;
    }
  }
}

/** Why a rule with this start can never match, whatever its end; undefined when it can, or when that is not known. */
export function neverReason(rule: Rule, start: Temporal.PlainDateTime): string | undefined {
  const first = dayOf(start);
  const calendar = calendarOf(rule, first);
  if (calendar.matching({ from: first, to: first + CYCLE_DAYS - 1 }).length === 0)
    return 'matches no day: no day of the calendar satisfies BYMONTH, BYMONTHDAY and BYDAY together';

  let most = 0;
  const places = placesOf(rule);
  const matches = (interval: number) => {
    for (let nr = 0; nr < limitOf(rule); nr += 1) {
      const days = calendar.matching(periodOf({ ...rule, interval }, first, nr));
      most = Math.max(most, days.length);
      if (chosen(days, places).length > 0) return true;
    }
    return false;
  };
  if (rule.bySetPos && !matches(1) && most > 0)
    return `BYSETPOS must be a place among the days that match in a ${UNITS[rule.freq]}: there are at most ${most}`;
  // So many years with an interval are as many cycles of the calendar.
  if (rule.freq === 'YEARLY' && !matches(rule.interval)) return 'matches no day: no year that INTERVAL counts has one';
  return undefined;
}

/** How many periods are searched for the first day. */
function limitOf({ freq }: Rule): number {
  return freq === 'YEARLY' ? CYCLE_YEARS : MAX_PERIODS;
}

/** The places of BYSETPOS; undefined when there are none. */
function placesOf({ bySetPos }: Rule): ReadonlySet<number> | undefined {
  return bySetPos && new Set(bySetPos);
}

/** Of the days that match in a period, in order, those at the places; all of them without places. */
function chosen(days: readonly number[], places: ReadonlySet<number> | undefined): readonly number[] {
  if (!places) return days;
  return days.filter((_, index) => places.has(index + 1) || places.has(index - days.length));
}

function dayOf({ year, month, day }: Temporal.PlainDateTime): number {
  return dayNumber(year, month, day);
}

/** The last day on which an occurrence can begin, whatever the zone. */
function endOf(until: Rule['until']): number {
  if (!until) return lastDay;
  const end = 'date' in until ? Date.parse(until.date) : until.instant;
  return Math.floor(end / 86_400_000) + 2;
}
