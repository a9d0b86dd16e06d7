import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { brokenWallTime } from '../../domain/recurrence/wall-time.js';
import { endOf, LAST_END, MAX_DURATION } from '../../domain/slot.js';
import { Party } from '../../gen/aceup/scheduler/v1/session_pb.js';
import { invalidArgument, type Violation } from '../answer/errors.js';

/**
 * The rules for fields, each with the sentence that a caller gets. Limits are those that the comments in proto/ state.
 * A rule answers the violation of one field, or undefined.
 */
export type Broken = Violation | undefined;

const HASH_ID = /^[A-Za-z0-9._~:-]{1,128}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_PAGE_SIZE = 1000;
const MAX_HOLD_SECONDS = 1800;
const MAX_REASON = 1000;
const MAX_ETAG = 64;

// 0001-01-01T00:00:00Z and the last millisecond of 9999, the range of google.protobuf.Timestamp.
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = LAST_END;

/** Throws INVALID_ARGUMENT with all violations, if there are any. */
export function check(...broken: Broken[]): void {
  const violations = broken.filter((one) => one !== undefined);
  if (violations.length > 0) throw invalidArgument(...violations);
}

/** Any message field that must be there. */
export function required(field: string, value: unknown): Broken {
  return value === undefined ? { field, description: 'is required' } : undefined;
}

/** The id of a coach or a client. */
export function hashId(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  if (HASH_ID.test(value)) return undefined;
  return { field, description: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : -' };
}

/** As `hashId`, where empty means any. */
export function optionalHashId(field: string, value: string): Broken {
  return value === '' ? undefined : hashId(field, value);
}

/** The idempotency key of a command; empty means none. */
export function requestId(field: string, value: string): Broken {
  if (value === '' || REQUEST_ID.test(value)) return undefined;
  return { field, description: 'must be 1 to 128 printable ASCII characters without spaces' };
}

/** The id of a session, a hold or a series. */
export function uuid(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  return isUuid(value) ? undefined : { field, description: 'must be a UUID' };
}

/** As `uuid`, where empty means any. */
export function optionalUuid(field: string, value: string): Broken {
  return value === '' ? undefined : uuid(field, value);
}

/** Whether a text is a UUID, in lower or upper case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Whether a number is a time that a session can begin at, in epoch milliseconds. */
export function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= FIRST_MS && ms <= LAST_MS;
}

/** A session's length in minutes. */
export function duration(field: string, value: number): Broken {
  if (value >= 1 && value <= MAX_DURATION) return undefined;
  return { field, description: `must be whole minutes, 1 to ${MAX_DURATION}` };
}

/** As `duration`, where 0 means that it stays as it is. */
export function optionalDuration(field: string, value: number): Broken {
  return value === 0 ? undefined : duration(field, value);
}

/** How long a hold is to last, in seconds; 0 means the default. */
export function holdTtl(field: string, value: number): Broken {
  if (value >= 0 && value <= MAX_HOLD_SECONDS) return undefined;
  return { field, description: `must be 1 to ${MAX_HOLD_SECONDS} seconds, or 0 for the default` };
}

/** The place of an occurrence in its series; 0 means the first. */
export function fromOccurrence(field: string, value: number): Broken {
  return value >= 0 ? undefined : { field, description: 'must be 1 or more, or 0 for the first' };
}

/** The version of a session; empty means any. */
export function etag(field: string, value: string): Broken {
  return value.length <= MAX_ETAG ? undefined : { field, description: 'must be an etag that this service gave' };
}

/** Why something is done; empty when that is not said. */
export function reason(field: string, value: string): Broken {
  if (value.length > MAX_REASON) return { field, description: `must be at most ${MAX_REASON} characters` };
  return value.includes('\0') ? { field, description: 'must not contain U+0000' } : undefined;
}

/** Any text that must be there. */
export function requiredText(field: string, value: string): Broken {
  return value === '' ? { field, description: 'is required' } : undefined;
}

/** Who does something. */
export function party(field: string, value: Party): Broken {
  if (value === Party.UNSPECIFIED) return { field, description: 'is required' };
  return knownEnum(field, value, Party);
}

/** Who did not come. */
export function absentParty(field: string, value: Party): Broken {
  if (value === Party.COACH || value === Party.CLIENT) return undefined;
  return { field, description: 'must be PARTY_COACH or PARTY_CLIENT' };
}

/** A time in the years 1 to 9999 to the millisecond; absent is fine. */
export function time(field: string, value: Timestamp | undefined): Broken {
  if (!value) return undefined;
  const { seconds, nanos } = value;
  if (seconds < FIRST_MS / 1000 || seconds > LAST_MS / 1000 || nanos < 0 || nanos > 999_999_999) {
    return { field, description: 'must be in the years 1 to 9999' };
  }
  if (nanos % 1_000_000 !== 0) return { field, description: 'must not be finer than a millisecond' };
  return undefined;
}

/** A place in the stream of a coach; absent is fine. */
export function revision(field: string, value: bigint | undefined): Broken {
  if (value === undefined || (value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return undefined;
  return { field, description: `must be 0 to ${Number.MAX_SAFE_INTEGER}` };
}

/** A time that clocks show in a zone that is told elsewhere. */
export function localTime(field: string, value: string): Broken {
  const description = brokenWallTime(value);
  return description === undefined ? undefined : { field, description };
}

/** The end of a session, in epoch milliseconds, told of by the field of its start. */
export function endsInTime(field: string, end: number): Broken {
  return end > LAST_MS ? { field, description: 'the session must end by the year 9999' } : undefined;
}

/** The starts of a series, in epoch milliseconds, and how long each session lasts at most, in minutes. */
export function allInTime(field: string, starts: readonly number[], duration: number): Broken {
  const fits = starts.every((start) => isTime(start) && endOf({ start, duration }) <= LAST_MS);
  return fits ? undefined : { field, description: 'all sessions must be in the years 1 to 9999' };
}

/** Two times in order; either may be absent. */
export function notAfter(field: string, value: number | undefined, other: string, limit: number | undefined): Broken {
  if (value === undefined || limit === undefined || value <= limit) return undefined;
  return { field, description: `must not be after ${other}` };
}

/** A number that proto enums allow and this version does not know. */
export function knownEnum(field: string, value: number, names: Readonly<Record<number, string>>): Broken {
  return names[value] === undefined ? { field, description: `has no value ${value}` } : undefined;
}

/** How many are answered when the caller does not say. */
export const DEFAULT_PAGE_SIZE = 100;

/** How many to answer; 0 means the default. */
export function pageSize(field: string, value: number): Broken {
  if (value >= 0 && value <= MAX_PAGE_SIZE) return undefined;
  return { field, description: `must be 1 to ${MAX_PAGE_SIZE}, or 0 for the default` };
}
