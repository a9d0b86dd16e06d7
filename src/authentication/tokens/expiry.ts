const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: 60 * MINUTE, d: 1_440 * MINUTE };

/**
 * The longest that a token can be good for, in days: a token that nobody has replaced for a year is one that nobody can
 * replace any more when they must.
 */
export const MAX_DAYS = 366;

/**
 * How long a token is good for when nobody says: long enough not to be a nuisance, short enough to be replaced by
 * habit.
 */
export const DEFAULT_EXPIRY = '90d';

export const EXPIRY_RULE =
  'must be a time from now on, such as 90d, 12h or 30m, or a date such as 2030-01-31 (00:00 UTC); ' +
  `it must be ahead, by at most ${MAX_DAYS} days`;

/**
 * When a token expires, in epoch milliseconds; undefined when the text breaks `EXPIRY_RULE`. A date may have a time and
 * an offset: `2030-01-31T12:00:00+01:00`.
 * @param now epoch milliseconds
 */
export function expiryOf(text: string, now: number): number | undefined {
  const [, count, unit] = /^(\d{1,6})([dhm])$/.exec(text) ?? [];
  const expiry = unit === undefined ? instantOf(text) : now + Number(count) * UNITS[unit]!;
  return expiry > now && expiry <= now + MAX_DAYS * UNITS['d']! ? expiry : undefined;
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/;

/** NaN when the text is no date. */
function instantOf(text: string): number {
  const [day] = DATE.exec(text) ?? [];
  const instant = day === undefined ? Number.NaN : Date.parse(text);
  // Date.parse takes the 31st of February for a day in March.
  return isDay(text.slice(0, 10)) ? instant : Number.NaN;
}

function isDay(text: string): boolean {
  const day = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(text);
}
