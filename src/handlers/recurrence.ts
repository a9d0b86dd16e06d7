import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { invalidArgument } from './errors.js';
import type { Broken } from './rules.js';
import { toSecond, type WallTime, wallTimeAt } from './wall-time.js';

/** The most occurrences of a series: two years of weeks. */
export const MAX_OCCURRENCES = 104;

/** The parts of an RRULE that may be given, each with the values that it takes. RFC 5545, section 3.3.10. */
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  COUNT: /^[1-9]\d{0,8}$/,
  UNTIL: /^\d{8}(T\d{6}Z)?$/,
  INTERVAL: /^[1-9]\d{0,3}$/,
  BYDAY: /^([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*$/,
  BYMONTHDAY: /^-?[1-9]\d?(,-?[1-9]\d?)*$/,
  BYMONTH: /^[1-9]\d?(,[1-9]\d?)*$/,
  BYSETPOS: /^-?[1-9]\d{0,2}(,-?[1-9]\d{0,2})*$/,
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
};

// How many days, weeks, months or years are looked at: a rule that seldom or never has a day must not take long.
const MAX_PERIODS = 1_500;

const MAX_LENGTH = 500;

/** The form of a recurrence. Whether it leads to occurrences, `occurrencesOf` finds out. */
export function recurrence(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  if (value.length > MAX_LENGTH) return { field, description: `must be at most ${MAX_LENGTH} characters` };

  const parts = value.split(';').map((part) => part.split('=', 2) as [string, string | undefined]);
  const names = parts.map(([name]) => name);
  for (const [name, given = ''] of parts) {
    const form = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (!form) return { field, description: `${name || 'an empty part'} is none of ${Object.keys(PARTS).join(', ')}` };
    if (!form.test(given)) return { field, description: `${name} has a value that is not allowed` };
    if (names.filter((other) => other === name).length > 1) return { field, description: `${name} is given twice` };
  }
  if (!names.includes('FREQ')) return { field, description: 'needs FREQ' };
  if (names.includes('COUNT') === names.includes('UNTIL'))
    return { field, description: 'needs one of COUNT and UNTIL' };
  return undefined;
}

/**
 * The wall times at which a series recurs, in order: 1 to 104. Throws INVALID_ARGUMENT when there are none or more, or
 * when the first is not the given one.
 * @param rule well-formed, as are the others
 */
export function occurrencesOf(field: string, rule: string, localStart: WallTime, zone: string): WallTime[] {
  const occurrences = expand(field, rule, localStart, zone);
  if (occurrences.length > MAX_OCCURRENCES) {
    throw invalidArgument({ field, description: `leads to more than ${MAX_OCCURRENCES} occurrences` });
  }
  if (occurrences[0] !== toSecond(localStart)) {
    throw invalidArgument({ field, description: 'must have the local start for its first occurrence' });
  }
  return occurrences;
}

function expand(field: string, rule: string, localStart: WallTime, zone: string): WallTime[] {
  try {
    // Days recur, not instants: the rule is worked out on wall times alone, as if they were those of UTC.
    const series = new RRuleTemporal({
      rruleString: onWallTimes(rule, zone),
      dtstart: Temporal.PlainDateTime.from(localStart).toZonedDateTime('UTC'),
      temporal: Temporal,
      maxIterations: MAX_PERIODS,
      strict: true,
    });
    const found: WallTime[] = [];
    series.all((time) => {
      found.push(wallTimeAt(time.toInstant(), 'UTC'));
      return found.length <= MAX_OCCURRENCES;
    });
    return found;
  } catch {
    throw invalidArgument({ field, description: 'has parts that do not go together, or hardly ever recurs' });
  }
}

/** The rule with the end of UNTIL, which is an instant or a day, as a wall time. */
function onWallTimes(rule: string, zone: string): string {
  return rule.replace(/UNTIL=(\d{8})(T\d{6}Z)?/, (_, day: string, time?: string) => {
    if (!time) return `UNTIL=${day}T235959Z`;
    const instant = Temporal.Instant.from(`${day}${time}`);
    return `UNTIL=${wallTimeAt(instant, zone).replaceAll(/[-:]/g, '')}Z`;
  });
}
