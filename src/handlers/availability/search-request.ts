import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { brokenZone } from '../../domain/broken-field.js';
import { DAY } from '../../domain/dates.js';
import { type Interval, LAST_TIME } from '../../domain/slot.js';
import type { Zone, ZoneRules } from '../../domain/zones/zone-rules.js';
import { type Broken, duration, optionalHashId, optionalUuid, required, time } from '../request/fields.js';

/** The longest time that is searched, in days: when an end is given, and when only the next slot is wanted. */
export const MAX_DAYS = 62;
export const MAX_DAYS_AHEAD = 400;

/** The most coaches of a search. */
export const MAX_COACHES = 100;

/** The most slots of an answer. */
export const MAX_SLOTS = 5_000;

/** The fields of requests that search slots. */
export interface SearchRequest {
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
  readonly duration: number;
  readonly clientHashId?: string;
  readonly sessionId?: string;
  readonly timeZone?: string;
  /** Undefined: the search cannot be for the next slot alone. */
  readonly limit?: number;
}

/** The violations of the fields of a search. */
export function searchViolations(request: SearchRequest, rules: ZoneRules): Broken[] {
  const { from, to, clientHashId = '', sessionId = '', timeZone = '', limit = 0 } = request;
  const missing = request.limit === undefined ? 'is required' : 'is required, unless `limit` is 1';
  return [
    required('from', from),
    time('from', from),
    to || limit === 1 ? time('to', to) : { field: 'to', description: missing },
    ...brokenRange(from, to),
    duration('duration', request.duration),
    optionalHashId('client_hash_id', clientHashId),
    optionalUuid('session_id', sessionId),
    optionalZone('time_zone', timeZone, rules),
    limit >= 0 && limit <= MAX_SLOTS
      ? undefined
      : { field: 'limit', description: `must be 1 to ${MAX_SLOTS}, or 0 for ${MAX_SLOTS}` },
  ];
}

function brokenRange(from: Timestamp | undefined, to: Timestamp | undefined): Broken[] {
  if (!from || !to) return [];
  const length = timestampMs(to) - timestampMs(from);
  if (length <= 0) return [{ field: 'to', description: 'must be after `from`' }];
  if (length > MAX_DAYS * DAY) return [{ field: 'to', description: `must be at most ${MAX_DAYS} days after \`from\`` }];
  return [];
}

/** The name of a time zone; empty means that of the coach. */
export function optionalZone(field: string, value: string, rules: ZoneRules): Broken {
  const description = value === '' ? undefined : brokenZone(value, rules);
  return description === undefined ? undefined : { field, description };
}

/** The time that is searched, which ends with the calendar. The fields must have been checked. */
export function intervalSearched({ from, to }: SearchRequest): Interval {
  if (!from) throw new Error('checked above');
  const start = timestampMs(from);
  return { start, end: Math.min(to ? timestampMs(to) : start + MAX_DAYS_AHEAD * DAY, LAST_TIME) };
}

/** The zone asked for; undefined: that of the coach. */
export function zoneAsked(timeZone: string, rules: ZoneRules): Zone | undefined {
  return timeZone === '' ? undefined : rules.zone(timeZone);
}
