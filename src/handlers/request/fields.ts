import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { isHoldTime, MAX_HOLD_SECONDS } from '../../domain/coach/hold.js';
import { CAN_BE_ABSENT, MAX_REASON } from '../../domain/coach/session.js';
import { brokenWallTime } from '../../domain/recurrence/wall-time.js';
import { FIRST_TIME, isDuration, isInCalendar, LAST_TIME, MAX_DURATION, MIN_DURATION } from '../../domain/slot.js';
import { isLongerThan, isUuid } from '../../domain/text.js';
import { Party } from '../../gen/aceup/scheduler/v1/session_pb.js';
import { ENDS_TOO_LATE, invalidArgument, type Violation } from '../answer/errors.js';
import { partyName } from '../answer/session-message.js';

// The checks of request fields, each with the sentence that the caller gets. The limits of sessions and holds stand in
// the domain; those of ids, pages and request ids stand here.

/** What a check answers: the violation of one field, or undefined when the field is as it should be. */
export type Broken = Violation | undefined;

// Ids of coaches and clients are opaque to the service. Identity providers make some: `auth0|1f`, `spiffe://a/b`.
const HASH_ID = /^[A-Za-z0-9._~:@|=+/-]{1,128}$/;
const ACTOR = /^[ -~]{1,256}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const MAX_ETAG = 64;

/** The number of items on a page, when the caller does not say, and at most. */
const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

/** Throws INVALID_ARGUMENT with all violations, if there are any. */
export function check(...broken: Broken[]): void {
  const violations = broken.filter((one) => one !== undefined);
  if (violations.length > 0) throw invalidArgument(...violations);
}

/** A message field that must be present. */
export function required(field: string, value: unknown): Broken {
  return value === undefined ? { field, description: 'is required' } : undefined;
}

/** A text that must not be empty. */
export function requiredText(field: string, value: string): Broken {
  return value === '' ? { field, description: 'is required' } : undefined;
}

/** The id of a coach or a client. */
export function hashId(field: string, value: string): Broken {
  if (value === '') return { field, description: 'is required' };
  if (HASH_ID.test(value)) return undefined;
  return { field, description: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -' };
}

/** As `hashId`; empty means any. */
export function optionalHashId(field: string, value: string): Broken {
  return value === '' ? undefined : hashId(field, value);
}

/** On whose behalf a caller acts, in whatever form the caller names people; empty means that it does not say. */
export function actor(field: string, value: string): Broken {
  if (value === '' || ACTOR.test(value)) return undefined;
  return { field, description: 'must be 1 to 256 printable ASCII characters' };
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

/** As `uuid`; empty means any. */
export function optionalUuid(field: string, value: string): Broken {
  return value === '' ? undefined : uuid(field, value);
}

/** The length of a session in minutes. */
export function duration(field: string, value: number): Broken {
  if (isDuration(value)) return undefined;
  return { field, description: `must be whole minutes, ${MIN_DURATION} to ${MAX_DURATION}` };
}

/** As `duration`; 0 means that it stays as it is. */
export function optionalDuration(field: string, value: number): Broken {
  return value === 0 ? undefined : duration(field, value);
}

/** How long a hold lasts, in seconds; 0 means the default. */
export function holdTtl(field: string, value: number): Broken {
  if (value === 0 || isHoldTime(value)) return undefined;
  return { field, description: `must be 1 to ${MAX_HOLD_SECONDS} seconds, or 0 for the default` };
}

/** The place of an occurrence in its series; 0 means the first. */
export function fromOccurrence(field: string, value: number): Broken {
  return value >= 0 ? undefined : { field, description: 'must be 1 or more, or 0 for the first' };
}

/** The version of a session; empty means any. */
export function etag(field: string, value: string): Broken {
  return isLongerThan(value, MAX_ETAG) ? { field, description: 'must be an etag that this service gave' } : undefined;
}

/** Why something is done; empty when no reason is given. */
export function reason(field: string, value: string): Broken {
  if (isLongerThan(value, MAX_REASON)) return { field, description: `must be at most ${MAX_REASON} characters` };
  return value.includes('\0') ? { field, description: 'must not contain U+0000' } : undefined;
}

/** Who does something. */
export function party(field: string, value: Party): Broken {
  if (value === Party.UNSPECIFIED) return { field, description: 'is required' };
  return knownEnum(field, value, Party);
}

/** Who did not come. */
export function absentParty(field: string, value: Party): Broken {
  const name = partyName(value);
  if (name && CAN_BE_ABSENT.includes(name)) return undefined;
  return { field, description: 'must be PARTY_COACH or PARTY_CLIENT' };
}

/** A time that is stored: in the years 1 to 9999, to the millisecond. It may be absent. */
export function time(field: string, value: Timestamp | undefined): Broken {
  const broken = timeOfAnyFineness(field, value);
  if (broken || !value || value.nanos % 1_000_000 === 0) return broken;
  return { field, description: 'must not be finer than a millisecond' };
}

/** A time that stored times are compared with: in the years 1 to 9999. It may be absent. */
export function timeOfAnyFineness(field: string, value: Timestamp | undefined): Broken {
  if (!value) return undefined;
  const { seconds, nanos } = value;
  if (seconds >= FIRST_TIME / 1000 && seconds <= LAST_TIME / 1000 && nanos >= 0 && nanos <= 999_999_999)
    return undefined;
  return { field, description: 'must be in the years 1 to 9999' };
}

/**
 * The last millisecond that is not after a time, in epoch milliseconds. Stored times have whole milliseconds: those that
 * are after it, or not after it, are so also by the exact time.
 */
export function floorMs({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
}

/** The first millisecond that is not before a time, in epoch milliseconds. Stored times before it are before the time. */
export function ceilMs({ seconds, nanos }: Timestamp): number {
  return Math.min(Number(seconds) * 1_000 + Math.ceil(nanos / 1_000_000), LAST_TIME);
}

/** The wall time in the time zone of a series. */
export function localTime(field: string, value: string): Broken {
  const description = brokenWallTime(value);
  return description === undefined ? undefined : { field, description };
}

/** A revision of the stream of a coach. It may be absent. */
export function revision(field: string, value: bigint | undefined): Broken {
  if (value === undefined || (value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return undefined;
  return { field, description: `must be 0 to ${Number.MAX_SAFE_INTEGER}` };
}

/**
 * The times of a series.
 * @param starts epoch milliseconds
 * @param duration the longest of its sessions, in minutes
 */
export function allInCalendar(field: string, starts: readonly number[], duration: number): Broken {
  if (starts.every((start) => isInCalendar({ start, duration }))) return undefined;
  return { field, description: 'all sessions must be in the years 1 to 9999' };
}

/** Two times in order. Either may be absent. */
export function notAfter(
  field: string,
  value: Timestamp | undefined,
  other: string,
  limit: Timestamp | undefined,
): Broken {
  if (!value || !limit || value.seconds < limit.seconds) return undefined;
  if (value.seconds === limit.seconds && value.nanos <= limit.nanos) return undefined;
  return { field, description: `must not be after ${other}` };
}

/** An enum value that this version knows. Protobuf allows any number. */
export function knownEnum(field: string, value: number, names: Readonly<Record<number, string>>): Broken {
  return names[value] === undefined ? { field, description: `has no value ${value}` } : undefined;
}

/** Values of an enum that this version knows, none of them unspecified. Reports the first that is not. */
export function knownEnums(field: string, values: readonly number[], names: Readonly<Record<number, string>>): Broken {
  const index = values.findIndex((value) => value === 0 || names[value] === undefined);
  if (index === -1) return undefined;
  const at = `${field}[${index}]`;
  return knownEnum(at, values[index]!, names) ?? { field: at, description: 'must not be unspecified' };
}

/** How many items a page may have; 0 means the default. */
export function pageSize(field: string, value: number): Broken {
  return value >= 0 ? undefined : { field, description: 'must be 1 or more, or 0 for the default' };
}

/** How many items a page has at most. More than the limit counts as the limit, as AIP-158 has it. */
export function pageSizeOf(value: number): number {
  return Math.min(value || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
}

/** Who is to meet, and when. Sessions and holds have these fields. */
interface SlotMessage {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start?: Timestamp | undefined;
  readonly duration: number;
}

/**
 * Who is to meet, and when: `start` in epoch milliseconds. Throws INVALID_ARGUMENT with all violations.
 * @param field the path of the message in the request
 * @param others the violations of the request's other fields
 */
export function wantedSlot(field: string, slot: SlotMessage | undefined, ...others: Broken[]) {
  const timeGiven = slot?.start;
  check(
    ...others,
    ...(slot
      ? [
          hashId(`${field}.coach_hash_id`, slot.coachHashId),
          hashId(`${field}.client_hash_id`, slot.clientHashId),
          required(`${field}.start`, timeGiven),
          time(`${field}.start`, timeGiven),
          duration(`${field}.duration`, slot.duration),
        ]
      : [required(field, slot)]),
  );
  if (!slot || !timeGiven) throw new Error('checked above');

  const { coachHashId, clientHashId } = slot;
  const wanted = { coachHashId, clientHashId, start: timestampMs(timeGiven), duration: slot.duration };
  if (!isInCalendar(wanted)) check({ field: `${field}.start`, description: ENDS_TOO_LATE });
  return wanted;
}
