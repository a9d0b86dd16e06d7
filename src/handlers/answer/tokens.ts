import { createHash } from 'node:crypto';
import type { ListKey } from '../../application/read-model.js';
import { isTime } from '../../domain/slot.js';
import { isUuid } from '../../domain/text.js';
import type { Position } from '../../event-store/event-store.js';
import { invalidArgument } from './errors.js';

/** An opaque token for a position. A read with the token sees everything up to the position. */
export function consistencyToken(position: Position): string {
  return encode([`p${position}`]);
}

/** The position of a consistency token; undefined for an empty text. Throws INVALID_ARGUMENT for any other text. */
export function parseConsistencyToken(token: string): Position | undefined {
  if (token === '') return undefined;
  const [text] = decode(token) ?? [];
  if (typeof text === 'string' && /^p\d{1,19}$/.test(text)) return BigInt(text.slice(1));
  throw invalidArgument({ field: 'consistency_token', description: 'must be a token that this service gave' });
}

/**
 * An opaque token for the page after a key.
 * @param query what the list was asked for: the token is valid for the same query only
 */
export function pageToken({ time, id }: ListKey, query: unknown): string {
  return encode([time, id, digest(query)]);
}

/**
 * The key of a page token; undefined for an empty text. Throws INVALID_ARGUMENT for any other text, or when the query
 * differs.
 */
export function parsePageToken(token: string, query: unknown): ListKey | undefined {
  if (token === '') return undefined;
  const [time, id, queryDigest] = decode(token) ?? [];
  if (typeof time !== 'number' || !isTime(time) || typeof id !== 'string' || !isUuid(id)) {
    throw invalidArgument(NOT_OURS);
  }
  checkQuery(queryDigest, query);
  return { time, id };
}

/** As `pageToken`, for a history, whose pages are ordered by revision. */
export function historyToken(revision: number, query: unknown): string {
  return encode([revision, digest(query)]);
}

/** The revision of a history's page token. Throws as `parsePageToken` does. */
export function parseHistoryToken(token: string, query: unknown): number | undefined {
  if (token === '') return undefined;
  const [revision, queryDigest] = decode(token) ?? [];
  if (!Number.isSafeInteger(revision)) throw invalidArgument(NOT_OURS);
  checkQuery(queryDigest, query);
  return revision as number;
}

/** The place of a slot among those of several coaches. */
export interface SlotKey {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly coachHashId: string;
}

/** As `pageToken`, for slots, which are ordered by start, then coach. */
export function slotToken({ start, coachHashId }: SlotKey, query: unknown): string {
  return encode([start, coachHashId, digest(query)]);
}

/** The key of a slots' page token. Throws as `parsePageToken` does. */
export function parseSlotToken(token: string, query: unknown): SlotKey | undefined {
  if (token === '') return undefined;
  const [start, coachHashId, queryDigest] = decode(token) ?? [];
  if (typeof start !== 'number' || !isTime(start) || typeof coachHashId !== 'string') throw invalidArgument(NOT_OURS);
  checkQuery(queryDigest, query);
  return { start, coachHashId };
}

/** A short digest of a value that JSON can carry, the same for equal values. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

const NOT_OURS = { field: 'page_token', description: 'must be a next_page_token that this service gave' };

function checkQuery(queryDigest: unknown, query: unknown): void {
  if (queryDigest === digest(query)) return;
  throw invalidArgument({ field: 'page_token', description: 'is from a request with other arguments' });
}

function encode(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function decode(token: string): unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}
