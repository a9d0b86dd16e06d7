import { type BrokenField, broken, brokenZone } from '../broken-field.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import { inUpperCase, MAX_OCCURRENCES, parseRule, type Rule } from './rule.js';
import { brokenWallTime, instantOf, wallTime, wallTimeText } from './wall-time.js';
import { neverReason, TOO_SELDOM, wallTimesOf } from './wall-times.js';

/** When a series takes place, as the caller writes it. */
export interface SeriesTimes {
  /** `2026-03-02T09:30`, with seconds or without. */
  readonly localStart: string;
  /** An IANA zone. */
  readonly timeZone: string;
  /** An RRULE without its name. */
  readonly recurrence: string;
}

/** When an occurrence takes place. */
export interface OccurrenceTime {
  /** The wall time by the rule: `2026-03-02T09:30:00`. */
  readonly localStart: string;
  /** Epoch milliseconds. */
  readonly start: number;
}

/** The times of a series as events keep them, and its occurrences in order: 1 to `MAX_OCCURRENCES`. */
export type Expansion =
  | { readonly times: SeriesTimes; readonly occurrences: readonly OccurrenceTime[] }
  | { readonly broken: readonly BrokenField[] };

/**
 * Expands a series. Each occurrence begins at the same wall time; `instantOf` says what that means where clocks change.
 * Pure: the rules of zones are data. For any text at most 1.5 million days are looked at, about 25 ms of work.
 */
export function expandSeries(given: SeriesTimes, rules: ZoneRules): Expansion {
  const zone = rules.zone(given.timeZone);
  const parsed = parseRule(given.recurrence);
  const wrong = [
    ...broken('series.local_start', brokenWallTime(given.localStart)),
    ...broken('series.time_zone', brokenZone(given.timeZone, rules)),
    ...broken('series.recurrence', 'broken' in parsed ? parsed.broken : undefined),
  ];
  if ('broken' in parsed || !zone || wrong.length > 0) return { broken: wrong };

  const { rule } = parsed;
  const start = wallTime(given.localStart);
  const localStart = wallTimeText(start);
  const wallTimes = wallTimesOf(rule, start, rule.count ?? MAX_OCCURRENCES + 1);
  if (!wallTimes?.length) {
    const startsInTime = isInTime({ localStart, start: instantOf(start, zone) }, rule);
    const none = startsInTime ? 'must have an occurrence up to UNTIL' : wrongNumber(0, rule);
    const wrongRule = neverReason(rule, start) ?? (wallTimes ? none : TOO_SELDOM);
    return { broken: broken('series.recurrence', wrongRule) };
  }

  const [first] = wallTimes;
  if (first && !first.equals(start)) {
    const description = `must be an occurrence of the series; the first one from then on is ${wallTimeText(first)}`;
    return { broken: broken('series.local_start', description) };
  }
  const occurrences = wallTimes
    .map((time) => ({ localStart: wallTimeText(time), start: instantOf(time, zone) }))
    .filter((occurrence) => isInTime(occurrence, rule));
  const wrongRule = wrongNumber(occurrences.length, rule);
  if (wrongRule) return { broken: broken('series.recurrence', wrongRule) };
  return { times: { localStart, timeZone: zone.name, recurrence: inUpperCase(given.recurrence) }, occurrences };
}

function isInTime({ localStart, start }: OccurrenceTime, { until }: Rule): boolean {
  if (!until) return true;
  return 'date' in until ? localStart.slice(0, until.date.length) <= until.date : start <= until.instant;
}

function wrongNumber(found: number, { count = 1, until }: Rule): string | undefined {
  if (found > MAX_OCCURRENCES) return `must have at most ${MAX_OCCURRENCES} occurrences up to UNTIL`;
  if (found >= count) return undefined;
  return until ? 'must not have an UNTIL before the start' : `must have its ${count} occurrences by the year 9999`;
}
