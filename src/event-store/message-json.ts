import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Json, JsonObject } from './event-store.js';

/**
 * Writes the fields of a message as protobuf JSON, and reads them. In memory a time is a number of epoch milliseconds,
 * an enum a word in lower case, undefined when unspecified: `PARTY_COACH` of the enum `Party` is `coach`.
 */
export interface MessageJson {
  /** What `toJson` of protobuf-es makes of the message. Throws for a value that its field cannot have. */
  write(values: object): JsonObject;
  /**
   * The object with the message's fields added. Reads what `write` writes and passes over fields that it does not know;
   * throws for any other value of a field that it knows, and for a time that is absent and may not be.
   */
  read(json: unknown, into: Record<string, unknown>): Record<string, unknown>;
}

/** What a field needs. Absent in JSON is undefined, and stands for the default value. */
interface FieldJson {
  write(value: unknown): Json | undefined;
  read(json: unknown): unknown;
}

/**
 * Looks the fields up once, since this is done for every event. Throws for a message with a kind of field that no event
 * has had yet.
 * @param mayBeAbsent times that not every message has
 */
export function messageJson({ fields, typeName }: DescMessage, mayBeAbsent: readonly string[] = []): MessageJson {
  const known = fields.map((field) => ({
    name: field.localName,
    key: field.jsonName,
    ...fieldJson(field, mayBeAbsent.includes(field.localName)),
  }));

  return {
    write(values) {
      const json: JsonObject = {};
      for (const { name, key, write } of known) {
        const value = write((values as Record<string, unknown>)[name]);
        if (value !== undefined) json[key] = value;
      }
      return json;
    },

    read(json, into) {
      if (typeof json !== 'object' || json === null) throw new TypeError(`not a ${typeName}: ${json}`);
      for (const { name, key, read } of known) into[name] = read((json as Record<string, unknown>)[key]);
      return into;
    },
  };
}

function fieldJson(field: DescField, mayBeAbsent: boolean): FieldJson {
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING) return textJson(field);
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.INT32) return integerJson(field);
  if (field.fieldKind === 'enum') return wordJson(field, field.enum);
  if (field.fieldKind === 'list' && field.message) return listJson(field, messageJson(field.message));
  if (field.message?.typeName === 'google.protobuf.Timestamp') return timeJson(field, mayBeAbsent);
  throw new Error(`${field} is of a kind that events have not had yet`);
}

function textJson(field: DescField): FieldJson {
  return {
    write(value) {
      if (typeof value !== 'string') throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return '';
      if (typeof json !== 'string') throw unfit(field, json);
      return json;
    },
  };
}

function integerJson(field: DescField): FieldJson {
  return {
    write(value) {
      if (!isInt32(value)) throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return 0;
      if (!isInt32(json)) throw unfit(field, json);
      return json;
    },
  };
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}

function wordJson(field: DescField, { values }: DescEnum): FieldJson {
  const specified = values.filter(({ number }) => number !== 0);
  const words = new Map<unknown, string>(
    specified.map(({ jsonName, localName }) => [jsonName, localName.toLowerCase()]),
  );
  const names = new Map<unknown, string>(
    specified.map(({ jsonName, localName }) => [localName.toLowerCase(), jsonName]),
  );

  function find(map: ReadonlyMap<unknown, string>, value: unknown): string | undefined {
    const found = map.get(value);
    if (found === undefined && value !== undefined) throw unfit(field, value);
    return found;
  }
  return { write: (value) => find(names, value), read: (json) => find(words, json) };
}

function listJson(field: DescField, { write, read }: MessageJson): FieldJson {
  return {
    write(value) {
      const items = value as readonly object[];
      return items.length > 0 ? items.map(write) : undefined;
    },
    read(json) {
      if (json === undefined) return [];
      if (!Array.isArray(json)) throw unfit(field, json);
      return json.map((item) => read(item, {}));
    },
  };
}

function timeJson(field: DescField, mayBeAbsent: boolean): FieldJson {
  return {
    write(value) {
      if (value === undefined && mayBeAbsent) return undefined;
      if (typeof value !== 'number' || !(value >= FIRST_TIME && value <= LAST_TIME)) throw unfit(field, value);
      return new Date(value).toISOString().replace('.000Z', 'Z');
    },
    read(json) {
      if (json === undefined && mayBeAbsent) return undefined;
      const time = typeof json === 'string' && TIME.test(json) ? Date.parse(json) : Number.NaN;
      // NaN is in no range.
      if (!(time >= FIRST_TIME)) throw unfit(field, json);
      return time;
    },
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;
const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

function unfit(field: DescField, value: unknown): TypeError {
  return new TypeError(`${field} cannot be ${JSON.stringify(value)}`);
}
