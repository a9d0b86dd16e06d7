import { type DescEnum, type DescField, type DescMessage, getOption, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { FIRST_TIME, LAST_TIME } from '../../src/domain/slot.js';
import type { Json, JsonObject } from '../../src/event-store/event-store.js';
import { may_be_absent } from '../../src/gen/aceup/scheduler/v1/stored_pb.js';

/**
 * Does by reflection what the generated code for stored events does, which is held against it: writes the fields of a
 * message as protobuf JSON, and reads them. In memory a time is a number of epoch milliseconds, an enum a word in lower
 * case, undefined when unspecified: `PARTY_COACH` of the enum `Party` is `coach`.
 */
export interface MessageJson {
  /** Writes what `toJson` of protobuf-es writes. Throws for a value that its field cannot have. */
  write(values: object): JsonObject;
  /**
   * Adds the message's fields to the object. Reads what `write` writes and ignores unknown fields; throws for any other
   * value of a known field, and for a time that is absent and not optional.
   */
  read(json: unknown, into: Record<string, unknown>): Record<string, unknown>;
}

/** How one field is written and read. Absent in JSON is undefined, and stands for the default value. */
interface FieldJson {
  write(value: unknown): Json | undefined;
  read(json: unknown): unknown;
}

/** Looks the fields up once for all events. Throws for a message with a kind of field that no event has had yet. */
export function messageJson({ fields, typeName }: DescMessage): MessageJson {
  const known = fields.map((field) => ({
    name: field.localName,
    key: field.jsonName,
    ...fieldJson(field, getOption(field, may_be_absent)),
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

function fieldJson(field: DescField, isOptional: boolean): FieldJson {
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING) return textJson(field, isOptional);
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.INT32) return integerJson(field, isOptional);
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.BOOL) return flagJson(field, isOptional);
  if (field.fieldKind === 'enum') return wordJson(field, field.enum);
  if (field.fieldKind === 'list') return listJson(field, itemJson(field));
  if (field.message?.typeName === 'google.protobuf.Timestamp') return timeJson(field, isOptional);
  if (field.message)
    return isOptional ? optionalPart(messageJson(field.message)) : partJson(messageJson(field.message));
  throw new Error(`${field} is of a kind that the codec does not support`);
}

function textJson(field: DescField, isOptional: boolean): FieldJson {
  const absent = isOptional ? undefined : '';
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (typeof value !== 'string') throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return absent;
      if (typeof json !== 'string') throw unfit(field, json);
      return json;
    },
  };
}

function integerJson(field: DescField, mayBeAbsent: boolean): FieldJson {
  const hasPresence = field.presence === FeatureSet_FieldPresence.EXPLICIT;
  const isOptional = mayBeAbsent || hasPresence;
  const absent = isOptional ? undefined : 0;
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (!isInt32(value)) throw unfit(field, value);
      return hasPresence ? value : value || undefined;
    },
    read(json) {
      if (json === undefined) return absent;
      if (!isInt32(json)) throw unfit(field, json);
      return json;
    },
  };
}

function flagJson(field: DescField, isOptional: boolean): FieldJson {
  const absent = isOptional ? undefined : false;
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (typeof value !== 'boolean') throw unfit(field, value);
      return value || undefined;
    },
    read(json) {
      if (json === undefined) return absent;
      if (typeof json !== 'boolean') throw unfit(field, json);
      return json;
    },
  };
}

/** A part of an event, which it always has. */
function partJson({ write, read }: MessageJson): FieldJson {
  return { write: (value) => write(value as object), read: (json) => read(json, {}) };
}

function optionalPart(message: MessageJson): FieldJson {
  const { write, read } = partJson(message);
  return {
    write: (value) => (value === undefined ? undefined : write(value)),
    read: (json) => (json === undefined ? undefined : read(json)),
  };
}

/** An item of a list. Those that are no messages have errors that name no field. */
function itemJson(field: DescField & { fieldKind: 'list' }): FieldJson {
  if (field.message) return partJson(messageJson(field.message));
  if (field.enum) return wordJson(field, field.enum);
  const isFit = (value: unknown) => (field.scalar === ScalarType.STRING ? typeof value === 'string' : isInt32(value));
  const same = (value: unknown) => {
    if (!isFit(value)) throw new TypeError(`field of a list cannot be ${JSON.stringify(value)}`);
    return value as Json;
  };
  return { write: same, read: same };
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

function listJson(field: DescField, { write, read }: FieldJson): FieldJson {
  return {
    write(value) {
      if (!Array.isArray(value)) throw unfit(field, value);
      return value.length > 0 ? value.map((item) => write(item) ?? null) : undefined;
    },
    read(json) {
      if (json === undefined) return [];
      if (!Array.isArray(json)) throw unfit(field, json);
      return json.map((item) => read(item));
    },
  };
}

function timeJson(field: DescField, isOptional: boolean): FieldJson {
  return {
    write(value) {
      if (value === undefined && isOptional) return undefined;
      if (typeof value !== 'number' || !(value >= FIRST_TIME && value <= LAST_TIME)) throw unfit(field, value);
      return new Date(value).toISOString().replace('.000Z', 'Z');
    },
    read(json) {
      if (json === undefined && isOptional) return undefined;
      const time = typeof json === 'string' && TIME.test(json) ? Date.parse(json) : Number.NaN;
      // NaN is in no range.
      if (!(time >= FIRST_TIME)) throw unfit(field, json);
      return time;
    },
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

function unfit(field: DescField, value: unknown): TypeError {
  return new TypeError(`${field} cannot be ${JSON.stringify(value)}`);
}
