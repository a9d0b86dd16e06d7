const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;
const MAX_FRACTION_DIGITS = 9;

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59Z');

const FORM = 'must be an RFC 3339 time with a zone, such as 2022-12-01T14:30:00Z';
const RANGE = 'must be in the years 1 to 9999';

/** What is wrong with a JSON value that should be a google.protobuf.Timestamp, or undefined. */
export function brokenTime(json: unknown): string | undefined {
  if (typeof json !== 'string') return FORM;
  const parts = RFC_3339.exec(json);
  if (!parts) return brokenForm(json);

  const [, year, month, day, hour, minute, second, fraction = '', zone] = parts;
  if (!zone) return 'has no zone: end it with Z or with an offset such as +02:00';
  if (second === '60') return 'must not be a leap second: seconds go from 00 to 59';
  if (fraction.length > MAX_FRACTION_DIGITS)
    return `must not have more than ${MAX_FRACTION_DIGITS} digits after the second`;

  // Date.parse takes 30 February for 2 March and hour 24 for the next day's 0.
  if (
    !isDate(Number(year), Number(month), Number(day)) ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59
  )
    return 'is not in the calendar, or is no time of day';
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(instant)) return 'has an offset that is none: it goes from -23:59 to +23:59';
  return instant < FIRST || instant > LAST ? RANGE : undefined;
}

function brokenForm(json: string): string {
  if (/^[+-]?\d{5,}-\d\d-\d\dT/.test(json)) return RANGE;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:\d\d$/.test(json))
    return 'has a space where its offset has a +: write + as %2B in a URL';
  return FORM;
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(year: number, month: number, day: number): boolean {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeapYear ? 29 : DAYS_OF_MONTH[month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
