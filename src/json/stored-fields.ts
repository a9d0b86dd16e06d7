/**
 * Writes the fields of stored events as protobuf JSON, and reads them, for the code in src/gen. In memory a time is a
 * number of epoch milliseconds.
 *
 * A function that writes a member answers `key`, which begins with a comma, and the JSON of the value; for a default
 * value, which is not stored, it answers an empty text. A function that reads a member answers the default when the
 * member is absent. Both throw a `TypeError` for a value that the field cannot have.
 */
import { FIRST_TIME, LAST_TIME } from '../domain/slot.js';
import { quoted } from './text.js';
import { timeOf, timeText } from './times.js';

/** The text of an object of such members. */
export function storedObject(members: string): string {
  return `{${members.slice(1)}}`;
}

/** The members of a stored object. Throws when the value is not an object. */
export function membersOf(json: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null) throw new TypeError(`not a ${name}: ${json}`);
  return json as Record<string, unknown>;
}

export function textMember(key: string, value: unknown, field: string): string {
  if (typeof value !== 'string') throw unfit(field, value);
  return value === '' ? '' : key + quoted(value);
}

export function optionalTextMember(key: string, value: unknown, field: string): string {
  return value === undefined ? '' : textMember(key, value, field);
}

export function readTextMember(json: unknown, field: string): string {
  if (json === undefined) return '';
  if (typeof json !== 'string') throw unfit(field, json);
  return json;
}

export function readOptionalTextMember(json: unknown, field: string): string | undefined {
  return json === undefined ? undefined : readTextMember(json, field);
}

export function int32Member(key: string, value: unknown, field: string): string {
  if (!isInt32(value)) throw unfit(field, value);
  return value === 0 ? '' : key + value;
}

export function optionalInt32Member(key: string, value: unknown, field: string): string {
  return value === undefined ? '' : int32Member(key, value, field);
}

export function readInt32Member(json: unknown, field: string): number {
  if (json === undefined) return 0;
  if (!isInt32(json)) throw unfit(field, json);
  return json;
}

export function readOptionalInt32Member(json: unknown, field: string): number | undefined {
  return json === undefined ? undefined : readInt32Member(json, field);
}

/** Of a field with presence: 0 is stored. */
export function presentInt32Member(key: string, value: unknown, field: string): string {
  if (value === undefined) return '';
  if (!isInt32(value)) throw unfit(field, value);
  return key + value;
}

export function boolMember(key: string, value: unknown, field: string): string {
  if (typeof value !== 'boolean') throw unfit(field, value);
  return value ? `${key}true` : '';
}

export function optionalBoolMember(key: string, value: unknown, field: string): string {
  return value === undefined ? '' : boolMember(key, value, field);
}

export function readBoolMember(json: unknown, field: string): boolean {
  if (json === undefined) return false;
  if (typeof json !== 'boolean') throw unfit(field, json);
  return json;
}

export function readOptionalBoolMember(json: unknown, field: string): boolean | undefined {
  return json === undefined ? undefined : readBoolMember(json, field);
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}

export function timeMember(key: string, value: unknown, field: string): string {
  if (typeof value !== 'number' || !(value >= FIRST_TIME && value <= LAST_TIME)) throw unfit(field, value);
  return `${key}"${timeText(Math.trunc(value))}"`;
}

export function optionalTimeMember(key: string, value: unknown, field: string): string {
  return value === undefined ? '' : timeMember(key, value, field);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

export function readTimeMember(json: unknown, field: string): number {
  if (typeof json !== 'string') throw unfit(field, json);
  const common = timeOf(json);
  if (!Number.isNaN(common)) return common;
  // Date.parse takes 30 February for 2 March, as earlier releases did: what they stored must keep its meaning.
  const time = TIME.test(json) ? Date.parse(json) : Number.NaN;
  // NaN is in no range.
  if (!(time >= FIRST_TIME)) throw unfit(field, json);
  return time;
}

export function readOptionalTimeMember(json: unknown, field: string): number | undefined {
  return json === undefined ? undefined : readTimeMember(json, field);
}

export function listMember<Item>(
  key: string,
  items: readonly Item[],
  write: (item: Item) => string,
  field: string,
): string {
  if (!Array.isArray(items)) throw unfit(field, items);
  return items.length === 0 ? '' : `${key}[${items.map(write).join()}]`;
}

export function readListMember<Item>(json: unknown, read: (item: unknown) => Item, field: string): Item[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw unfit(field, json);
  return json.map((item) => read(item));
}

export function writeTextItem(item: unknown): string {
  if (typeof item !== 'string') throw unfit('of a list', item);
  return quoted(item);
}

export function readTextItem(json: unknown): string {
  if (typeof json !== 'string') throw unfit('of a list', json);
  return json;
}

export function writeInt32Item(item: unknown): string {
  if (!isInt32(item)) throw unfit('of a list', item);
  return String(item);
}

export function readInt32Item(json: unknown): number {
  if (!isInt32(json)) throw unfit('of a list', json);
  return json;
}

/** The error for a value that a field cannot have. */
export function unfit(field: string, value: unknown): TypeError {
  return new TypeError(`field ${field} cannot be ${JSON.stringify(value)}`);
}
