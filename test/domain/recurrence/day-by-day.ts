/** A rule of the subset, for an expansion that looks at every single day. */
export interface DayRule {
  readonly freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly byDay?: readonly string[] | undefined;
  readonly byMonthDay?: readonly number[] | undefined;
  readonly byMonth?: readonly number[] | undefined;
  readonly bySetPos?: readonly number[] | undefined;
  readonly wkst: string;
}

const DAY = 86_400_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The rule as an RRULE without its end. */
export function textOf({ freq, interval, byDay, byMonthDay, byMonth, bySetPos, wkst }: DayRule): string {
  const lists = Object.entries({ BYDAY: byDay, BYMONTHDAY: byMonthDay, BYMONTH: byMonth, BYSETPOS: bySetPos });
  const given = lists.flatMap(([name, list]) => (list ? [`${name}=${list.join(',')}`] : []));
  return [`FREQ=${freq}`, `INTERVAL=${interval}`, ...given, `WKST=${wkst}`].join(';');
}

/** The days that the rule hits from the first day up to the last, by RFC 5545, without regard to speed. */
export function daysOf(rule: DayRule, first: string, last: string): string[] {
  const start = Date.parse(first);
  const end = Date.parse(last);
  const hit: string[] = [];
  for (let step = 0; ; step += rule.interval) {
    const [from, to] = period(rule, new Date(start), step);
    if (from > end) return hit;
    const days: number[] = [];
    for (let day = from; day <= to; day += DAY) if (matches(rule, new Date(start), new Date(day))) days.push(day);
    const chosen = days.filter((_, index) => isChosen(rule, index, days.length));
    hit.push(...chosen.filter((day) => day >= start && day <= end).map((day) => dateOf(new Date(day))));
  }
}

function period({ freq, wkst }: DayRule, start: Date, step: number): [number, number] {
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
  switch (freq) {
    case 'DAILY':
      return [start.getTime() + step * DAY, start.getTime() + step * DAY];
    case 'WEEKLY': {
      const back = (start.getUTCDay() - WEEKDAYS.indexOf(wkst) + 7) % 7;
      const from = start.getTime() + (7 * step - back) * DAY;
      return [from, from + 6 * DAY];
    }
    case 'MONTHLY':
      return [Date.UTC(year, month + step, 1), Date.UTC(year, month + step + 1, 0)];
    case 'YEARLY':
      return [Date.UTC(year + step, 0, 1), Date.UTC(year + step, 11, 31)];
    default:
      return freq satisfies never;
  }
}

function matches(rule: DayRule, start: Date, day: Date): boolean {
  const { freq, byDay, byMonthDay, byMonth } = rule;
  if (byMonth && !byMonth.includes(day.getUTCMonth() + 1)) return false;
  if (byMonthDay && !byMonthDay.some((place) => isPlace(place, day.getUTCDate(), daysInMonth(day)))) return false;
  if (byDay) return byDay.some((one) => isWeekday(rule, one, day));
  if (freq === 'WEEKLY') return day.getUTCDay() === start.getUTCDay();
  if (freq === 'DAILY' || byMonthDay) return true;
  const sameMonth = freq === 'MONTHLY' || byMonth || day.getUTCMonth() === start.getUTCMonth();
  return Boolean(sameMonth) && day.getUTCDate() === start.getUTCDate();
}

function isWeekday({ freq, byMonth }: DayRule, one: string, day: Date): boolean {
  if (WEEKDAYS[day.getUTCDay()] !== one.slice(-2)) return false;
  const place = Number.parseInt(one, 10);
  if (Number.isNaN(place)) return true;
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
  const inMonth = freq === 'MONTHLY' || byMonth !== undefined;
  const from = inMonth ? Date.UTC(year, month, 1) : Date.UTC(year, 0, 1);
  const to = inMonth ? Date.UTC(year, month + 1, 0) : Date.UTC(year, 11, 31);
  const weeks = place > 0 ? (day.getTime() - from) / DAY / 7 : (to - day.getTime()) / DAY / 7;
  return Math.floor(weeks) + 1 === Math.abs(place);
}

function isChosen({ bySetPos }: DayRule, index: number, of: number): boolean {
  return !bySetPos || bySetPos.some((place) => isPlace(place, index + 1, of));
}

function isPlace(place: number, found: number, of: number): boolean {
  return found === (place > 0 ? place : of + 1 + place);
}

function daysInMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

function dateOf(day: Date): string {
  return day.toISOString().slice(0, 10);
}
