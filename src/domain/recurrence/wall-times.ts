import type { Temporal } from 'temporal-polyfill';
import { calendarOf, dayNumber, lastDay, periodOf } from './days.js';
import type { Frequency, Rule } from './rule.js';

/** The most days, weeks, months or years that a rule is searched in: at most 1.5 million days, about 25 ms of work. */
export const MAX_PERIODS = 4_000;

/** After 400 years the days of the calendar come again, with the same weekdays: so many periods of each kind. */
const CYCLE: Record<Frequency, number> = { DAILY: 146_097, WEEKLY: 20_871, MONTHLY: 4_800, YEARLY: 400 };

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

/** Why a rule with this start can never match, whatever its end; undefined when it can. About 15 ms of work. */
export function neverReason(rule: Rule, start: Temporal.PlainDateTime): string | undefined {
  const first = dayOf(start);
  const days = calendarOf(rule, first).matching({ from: first, to: first + CYCLE.DAILY - 1 });
  if (days.length === 0)
    return 'matches no day: no day of the calendar satisfies BYMONTH, BYMONTHDAY and BYDAY together';

  const unit = UNITS[rule.freq];
  const inAnyPeriod = daysOfCycle({ ...rule, interval: 1 }, first, days);
  const most = mostOf(inAnyPeriod, placesOf(rule));
  if (most !== undefined) {
    return `BYSETPOS must be a place among the days that match in a ${unit}: there are at most ${most}`;
  }
  const counted = mostOf(daysOfCycle(rule, first, days), placesOf(rule));
  return counted === undefined ? undefined : `matches no day: INTERVAL skips every ${unit} with a match`;
}

/** The most days that match in one of the periods; undefined when a day of one of them is chosen. */
function mostOf(periods: Iterable<readonly number[]>, places: ReadonlySet<number> | undefined): number | undefined {
  let most = 0;
  for (const days of periods) {
    if (chosen(days, places).length > 0) return undefined;
    most = Math.max(most, days.length);
  }
  return most;
}

/**
 * The days that match, period by period, until INTERVAL counts the same periods of the calendar's cycle again.
 * @param matching those of the whole cycle
 */
function* daysOfCycle(rule: Rule, first: number, matching: readonly number[]): Iterable<readonly number[]> {
  const step = commonDivisor(rule.interval, CYCLE[rule.freq]);
  if (rule.freq === 'DAILY') {
    for (const day of matching) if ((day - first) % step === 0) yield [day];
    return;
  }
  const calendar = calendarOf(rule, first);
  for (let nr = 0; nr < CYCLE[rule.freq] / step; nr += 1) yield calendar.matching(periodOf(rule, first, nr));
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}

/** How many periods are searched for the first day. */
function limitOf({ freq }: Rule): number {
  return freq === 'YEARLY' ? CYCLE.YEARLY : MAX_PERIODS;
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
