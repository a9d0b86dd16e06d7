/**
 * Reads the fields of requests from JSON values, for the code in src/gen. Each function knows the common forms of its
 * type and answers undefined for any other value, right or wrong: that is then read, or refused, by the protobuf JSON
 * mapping in full.
 */
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timeOf, timestampOf } from './times.js';

// Too short to be beyond the type.
const SHORT_INTEGER = /^(?:0|[1-9]\d{0,8})$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LONG_INTEGER = /^(?:0|[1-9]\d{0,17})$/;

/** Whether a JSON value is an object, and not a list. */
export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function readText(json: unknown): string | undefined {
  return typeof json === 'string' && json.isWellFormed() ? json : undefined;
}

/** Reads base64, padded. */
export function readBytes(json: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof json !== 'string' || json.length % 4 !== 0 || !BASE64.test(json)) return undefined;
  return new Uint8Array(Buffer.from(json, 'base64'));
}

export function readBool(json: unknown): boolean | undefined {
  return typeof json === 'boolean' ? json : undefined;
}

/** Reads a number, or the digits that a query or a path has. */
export function readInt32(json: unknown): number | undefined {
  if (typeof json === 'number') return json === (json | 0) ? json : undefined;
  return typeof json === 'string' && SHORT_INTEGER.test(json) ? Number(json) : undefined;
}

/** Reads a number, or the digits that protobuf JSON writes. */
export function readInt64(json: unknown): bigint | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined;
  return typeof json === 'string' && LONG_INTEGER.test(json) ? BigInt(json) : undefined;
}

/** Reads the number of an enum's value, which may be unknown here. */
export function readEnumNumber(json: unknown): number | undefined {
  return typeof json === 'number' && json === (json | 0) ? json : undefined;
}

export function readList<Item>(json: unknown, read: (json: unknown) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const items: Item[] = [];
  for (const one of json) {
    const item = read(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

export function readTime(json: unknown): Timestamp | undefined {
  const ms = typeof json === 'string' ? timeOf(json) : Number.NaN;
  return Number.isNaN(ms) ? undefined : timestampOf(ms);
}
