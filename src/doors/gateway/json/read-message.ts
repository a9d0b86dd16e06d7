import { isUtf8 } from 'node:buffer';
import { type DescField, type DescMessage, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { requestReaders } from '../../../gen/methods_json.js';
import { invalidArgument, MAX_VIOLATIONS, type Violation } from '../../../handlers/answer/errors.js';
import { isObject } from '../../../json/request-fields.js';
import { bufferOf } from '../../../wire/bytes.js';
import { brokenTime, enumRule, type Rule, scalarRule } from './value-rules.js';

// A request full of mistakes must not get an answer many times its size.
const MAX_FIELD_LENGTH = 128;

const BYTE_ORDER_MARK = '\ufeff';

/** The JSON value in a body. Throws INVALID_ARGUMENT when the body is empty or not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw invalidBody('the body is empty: send a JSON object');
  if (!isUtf8(bytes)) throw invalidBody('the body is not UTF-8');
  const text = bufferOf(bytes).toString();
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    throw invalidBody('the body is not JSON');
  }
}

/**
 * The message that a JSON value stands for. Throws INVALID_ARGUMENT with all mistakes, or the first 50.
 *
 * Generated code reads the common forms in a fraction of the time. What it does not know, right or wrong, is checked
 * and read by reflection.
 * @param alsoBroken mistakes that were found in the request before; they come first
 */
export function messageFromJson<Desc extends DescMessage>(
  desc: Desc,
  json: unknown,
  alsoBroken: readonly Violation[] = [],
): MessageShape<Desc> {
  const message = alsoBroken.length === 0 && requestReaders.get(desc)?.(json);
  if (message) return message as MessageShape<Desc>;
  try {
    const violations = [...alsoBroken, ...violationsIn(desc, json)];
    if (violations.length > 0) throw invalidArgument(...violations.map(shortened));
    return fromJson(desc, json as JsonValue);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    // What the check does not foresee, such as very deep nesting, is still the caller's mistake.
    throw invalidBody(`the JSON is not a valid ${desc.typeName}`);
  }
}

/** Names come from the caller, and may have any length, which may be cut amid a character. */
function shortened({ field, description }: Violation): Violation {
  return { field: field.slice(0, MAX_FIELD_LENGTH).toWellFormed(), description };
}

/** INVALID_ARGUMENT for the body as a whole. */
export function invalidBody(description: string): ConnectError {
  return invalidArgument({ field: '', description });
}

/**
 * All mistakes in a JSON value that should be the message, or the first 50, by the protobuf JSON mapping, in the order of
 * the JSON. Fields may be spelled as in the proto or in lowerCamelCase; null counts as absent.
 */
export function violationsIn(message: DescMessage, json: unknown): Violation[] {
  const violations: Violation[] = [];
  try {
    messageCheck(message)(json, '', (field, description) => {
      violations.push({ field, description });
      if (violations.length === MAX_VIOLATIONS) throw ENOUGH;
    });
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
  return violations;
}

/** Ends the check: a list may have a hundred thousand mistakes. */
const ENOUGH = Symbol('enough violations');

type Report = (field: string, description: string) => unknown;
type Check = (json: unknown, path: string, report: Report) => void;

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
  // Before the fields get their checks: a message may contain itself.
  checks.set(message, check);
  for (const field of message.fields) {
    const known = { field, check: fieldCheck(field) };
    fields.set(field.name, known).set(field.jsonName, known);
  }
  return check;
}

function below(path: string, name: string): string {
  if (path === '' || name === '') return path + name;
  return `${path}.${name}`;
}

function fieldCheck(field: DescField): Check {
  const element = elementCheck(field);
  const unlessNull: Check = (json, path, report) =>
    json === null ? report(path, 'must not be null') : element(json, path, report);
  switch (field.fieldKind) {
    case 'list':
      return (json, path, report) => {
        if (!Array.isArray(json)) return report(path, 'must be a list');
        let index = 0;
        // The path of an item is made for mistakes only: a list may be very long.
        const ofItem: Report = (field, description) => report(below(`${path}[${index}]`, field), description);
        for (; index < json.length; index += 1) unlessNull(json[index], '', ofItem);
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

/** The types of google.protobuf have JSON forms of their own. Only times are common enough for exact messages. */
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
