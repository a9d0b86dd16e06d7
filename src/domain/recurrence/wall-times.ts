import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import type { Rule } from './rule.js';

// What is looked at for a rule, whatever it says: some 50 ms of work at most. A rule that hits no day in that is refused.
const MAX_PERIODS = 4_000;
const MAX_CANDIDATES = 100_000;

/** What is wrong with a rule that is not worth looking on. */
export const TOO_SELDOM = `must have its occurrences in the first ${MAX_PERIODS} days, weeks, months or years of FREQ and INTERVAL`;

const LAST = Temporal.PlainDateTime.from('9999-12-31T23:59:59');

/**
 * The wall times of a rule from a start on, in order, up to the year 9999. The rule's COUNT does not count here, and its
 * UNTIL may be overshot by some days. Undefined when it hits days too seldom, or never.
 * @param limit how many at most
 */
export function wallTimesOf(rule: Rule, start: Temporal.PlainDateTime, limit: number) {
  const { count: _, until, ...parts } = rule;
  const found: Temporal.PlainDateTime[] = [];
  const recurrence = new RRuleTemporal({
    ...parts,
    // Clocks of UTC never change: the days are those of the rule, and no wall time is skipped.
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
    // What it throws has no type of its own, and once the rule is parsed there is nothing else to throw for.
    return undefined;
  }
  return found;
}

function inUtc(time: Temporal.PlainDateTime): Temporal.ZonedDateTime {
  return time.toZonedDateTime('UTC');
}

/** A time after which no occurrence can be before `until`, in whatever zone. */
function lastOf(until: Rule['until'], start: Temporal.PlainDateTime): Temporal.PlainDateTime {
  if (!until) return LAST;
  const end = 'date' in until ? Date.parse(until.date) : until.instant;
  const last = Temporal.Instant.fromEpochMilliseconds(end).toZonedDateTimeISO('UTC').toPlainDateTime().add({ days: 2 });
  return [start, last, LAST].sort(Temporal.PlainDateTime.compare)[1] as Temporal.PlainDateTime;
}
