import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import type { Rule } from './rule.js';

// The most that is searched for a rule: about 50 ms of work. A rule that matches no day within that is refused.
const MAX_PERIODS = 4_000;
const MAX_CANDIDATES = 100_000;

/** Why a rule is refused that matches too seldom. */
export const TOO_SELDOM = `must have its occurrences in the first ${MAX_PERIODS} days, weeks, months or years of FREQ and INTERVAL`;

const LAST = Temporal.PlainDateTime.from('9999-12-31T23:59:59');

/**
 * The wall times of a rule from a start on, in order, up to the year 9999. COUNT is ignored, and UNTIL may be exceeded
 * by up to two days. Undefined when the rule matches days too seldom, or never.
 * @param limit the most wall times
 */
export function wallTimesOf(rule: Rule, start: Temporal.PlainDateTime, limit: number) {
  const { count: _, until, ...parts } = rule;
  const found: Temporal.PlainDateTime[] = [];
  const recurrence = new RRuleTemporal({
    ...parts,
    // The clocks of UTC never change: the days are those of the rule, and no wall time is skipped.
    dtstart: inUtc(start),
    tzid: 'UTC',
    until: inUtc(lastOf(until, start)),
    temporal: Temporal,
    strict: true,
    cache: false,
    maxIterations: MAX_PERIODS,
    maxCandidateEvaluations: MAX_CANDIDATES,
  });
  try {
    recurrence.all((time) => found.push(time.toPlainDateTime()) < limit);
  } catch {
    // The library's error has no type of its own; a parsed rule gives it no other reason to throw.
    return undefined;
  }
  return found;
}

function inUtc(time: Temporal.PlainDateTime): Temporal.ZonedDateTime {
  return time.toZonedDateTime('UTC');
}

/** A time after which no occurrence can be before `until`, whatever the zone. */
function lastOf(until: Rule['until'], start: Temporal.PlainDateTime): Temporal.PlainDateTime {
  if (!until) return LAST;
  const end = 'date' in until ? Date.parse(until.date) : until.instant;
  const last = Temporal.Instant.fromEpochMilliseconds(end).toZonedDateTimeISO('UTC').toPlainDateTime().add({ days: 2 });
  return [start, last, LAST].sort(Temporal.PlainDateTime.compare)[1] as Temporal.PlainDateTime;
}
