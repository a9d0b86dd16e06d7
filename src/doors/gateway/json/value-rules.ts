import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { isDate } from '../../../json/times.js';

/** Says what is wrong with a JSON value and which rule it broke, or answers undefined. */
export type Rule = (json: unknown) => string | undefined;

/** The rule for the values of an enum: a name, or any number that fits. */
export function enumRule({ values }: DescEnum): Rule {
  const names = new Set(values.map(({ name }) => name));
  const inRange = wholeNumber(-(2n ** 31n), 2n ** 31n - 1n);
  return (json) => {
    const taken = typeof json === 'number' ? !inRange(json) : typeof json === 'string' && names.has(json);
    return taken ? undefined : `must be one of ${[...names].join(', ')}`;
  };
}

/** The rule for a scalar, by the protobuf JSON mapping. */
export function scalarRule(type: ScalarType): Rule {
  switch (type) {
    case ScalarType.STRING:
      return brokenString;
    case ScalarType.BOOL:
      return (json) => (typeof json === 'boolean' ? undefined : 'must be true or false');
    case ScalarType.BYTES:
      return (json) => (typeof json === 'string' && BASE64.test(json) ? undefined : 'must be a base64 string');
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return (json) => (isNumber(json) ? undefined : 'must be a number');
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return wholeNumber(-(2n ** 31n), 2n ** 31n - 1n);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return wholeNumber(0n, 2n ** 32n - 1n);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return wholeNumber64(-(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return wholeNumber64(0n, 2n ** 64n - 1n);
    default:
      return type satisfies never;
  }
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const WHOLE_NUMBER = /^-?(0|[1-9]\d{0,19})$/;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function brokenString(json: unknown): string | undefined {
  if (typeof json !== 'string') return 'must be a string';
  return LONE_SURROGATE.test(json) ? 'must be well-formed Unicode' : undefined;
}

function isNumber(json: unknown): boolean {
  if (typeof json === 'number') return Number.isFinite(json);
  if (typeof json !== 'string') return false;
  return JSON_NUMBER.test(json) ? Number.isFinite(Number(json)) : ['NaN', 'Infinity', '-Infinity'].includes(json);
}

/** Numbers may come as text, and with an exponent, as long as their value is whole. */
function wholeNumber(min: bigint, max: bigint): Rule {
  const description = `must be a whole number from ${min} to ${max}`;
  return (json) => {
    const value = typeof json === 'string' && JSON_NUMBER.test(json) ? Number(json) : json;
    if (!Number.isInteger(value)) return description;
    return (value as number) < min || (value as number) > max ? description : undefined;
  };
}

/** The same with 64 bits, of which a number keeps 53: text has digits alone, and no exponent. */
function wholeNumber64(min: bigint, max: bigint): Rule {
  const ofNumber = wholeNumber(min, max);
  return (json) => {
    if (typeof json !== 'string') return ofNumber(json);
    const isWithin = WHOLE_NUMBER.test(json) && BigInt(json) >= min && BigInt(json) <= max;
    return isWithin ? undefined : `must be a whole number from ${min} to ${max}`;
  };
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;
const MAX_FRACTION_DIGITS = 9;

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59Z');

const FORM = 'must be an RFC 3339 time with a zone, such as 2022-12-01T14:30:00Z';
const RANGE = 'must be in the years 1 to 9999';

/** The rule for a google.protobuf.Timestamp. */
export const brokenTime: Rule = (json) => {
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
    return 'is not a valid date and time';
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(instant)) return `${zone} is not a valid UTC offset: offsets go from -23:59 to +23:59`;
  return instant < FIRST || instant > LAST ? RANGE : undefined;
};

function brokenForm(json: string): string {
  if (/^[+-]?\d{5,}-\d\d-\d\dT/.test(json)) return RANGE;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:\d\d$/.test(json))
    return 'has a space in place of the + of its offset: write + as %2B in a URL';
  return FORM;
}
