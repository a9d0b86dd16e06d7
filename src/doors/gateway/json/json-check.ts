import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import type { Violation } from '../../../handlers/answer/errors.js';
import { brokenTime } from './json-time.js';

/** Tells what is wrong with a JSON value, or answers undefined. */
type Rule = (json: unknown) => string | undefined;
type Report = (field: string, description: string) => unknown;
type Check = (json: unknown, path: string, report: Report) => void;

/**
 * All mistakes in a JSON value that should be the message, by the protobuf JSON mapping, in the order of the JSON.
 * Fields may be spelled as in the proto or in lowerCamelCase; null counts as absent.
 */
export function violationsIn(message: DescMessage, json: unknown): Violation[] {
  const violations: Violation[] = [];
  messageCheck(message)(json, '', (field, description) => violations.push({ field, description }));
  return violations;
}

/** A JSON object, and no list. */
export function isObject(json: unknown): json is Record<string, JsonValue> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

const checks = new WeakMap<DescMessage, Check>();

function messageCheck(message: DescMessage): Check {
  const made = checks.get(message) ?? wellKnownCheck(message);
  if (made) return made;

  const fields = new Map<string, { field: DescField; check: Check }>();
  const check: Check = (json, path, report) => {
    if (!isObject(json)) return report(path, 'must be a JSON object');
    for (const key of Object.keys(json)) {
      const known = fields.get(key);
      if (!known) {
        report(below(path, key), 'is an unknown field');
        continue;
      }
      const { name, jsonName } = known.field;
      const value = json[key];
      if (key === jsonName && key !== name && Object.hasOwn(json, name)) {
        report(below(path, name), `is given twice, as ${name} and as ${jsonName}`);
      } else if (value !== null) {
        known.check(value, below(path, name), report);
      }
    }
  };
  // Before its fields are looked at: a message may hold itself.
  checks.set(message, check);
  for (const field of message.fields) {
    const known = { field, check: fieldCheck(field) };
    fields.set(field.name, known).set(field.jsonName, known);
  }
  return check;
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function fieldCheck(field: DescField): Check {
  const element = elementCheck(field);
  const unlessNull: Check = (json, path, report) =>
    json === null ? report(path, 'must not be null') : element(json, path, report);
  switch (field.fieldKind) {
    case 'list':
      return (json, path, report) => {
        if (!Array.isArray(json)) return report(path, 'must be a list');
        for (const [index, item] of json.entries()) unlessNull(item, `${path}[${index}]`, report);
      };
    case 'map':
      return (json, path, report) => {
        if (!isObject(json)) return report(path, 'must be a JSON object');
        for (const [key, value] of Object.entries(json)) unlessNull(value, `${path}[${JSON.stringify(key)}]`, report);
      };
    case 'scalar':
    case 'enum':
    case 'message':
      return element;
    default:
      return field satisfies never;
  }
}

function elementCheck({ scalar, enum: values, message }: DescField): Check {
  if (scalar !== undefined) return checkBy(scalarRule(scalar));
  if (values) return checkBy(enumRule(values));
  return messageCheck(message as DescMessage);
}

function checkBy(rule: Rule): Check {
  return (json, path, report) => {
    const description = rule(json);
    if (description) report(path, description);
  };
}

/**
 * The types of google.protobuf have forms of their own; only times are common enough to be told what is wrong with
 * them.
 */
function wellKnownCheck(message: DescMessage): Check | undefined {
  if (message.typeName === 'google.protobuf.Timestamp') return checkBy(brokenTime);
  if (!message.typeName.startsWith('google.protobuf.')) return undefined;
  return checkBy((json) => {
    try {
      fromJson(message, json as JsonValue);
    } catch {
      return `must be a ${message.typeName} in its JSON form`;
    }
  });
}

function enumRule({ values }: DescEnum): Rule {
  const names = new Set(values.map(({ name }) => name));
  const inRange = wholeNumber(-(2n ** 31n), 2n ** 31n - 1n);
  return (json) => {
    const taken = typeof json === 'number' ? !inRange(json) : typeof json === 'string' && names.has(json);
    return taken ? undefined : `must be one of ${[...names].join(', ')}`;
  };
}

function scalarRule(type: ScalarType): Rule {
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
      return wholeNumber(-(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return wholeNumber(0n, 2n ** 64n - 1n);
    default:
      return type satisfies never;
  }
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
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

/** Numbers may come as text, also with an exponent, as long as their value is whole. */
function wholeNumber(min: bigint, max: bigint): Rule {
  const description = `must be a whole number from ${min} to ${max}`;
  return (json) => {
    const value = typeof json === 'string' && JSON_NUMBER.test(json) ? Number(json) : json;
    if (!Number.isInteger(value)) return description;
    return (value as number) < min || (value as number) > max ? description : undefined;
  };
}
