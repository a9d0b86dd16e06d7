import { DAY } from '../../domain/dates.js';
import { endOf, type Interval } from '../../domain/slot.js';
import { byText } from '../../domain/text.js';
import type { Zone } from '../../domain/zones/zone-rules.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import type { OfferedSlot } from '../../gen/aceup/scheduler/v1/slot_pb.js';
import { timestampOf } from '../../json/times.js';
import { localTimeText } from '../answer/obstacle-message.js';
import { parseSlotToken, type SlotKey, slotToken } from '../answer/tokens.js';
import type { Call } from '../call.js';
import type { Handler } from '../endpoints.js';
import { type Broken, check, hashId } from '../request/fields.js';
import {
  intervalSearched,
  MAX_COACHES,
  MAX_DAYS,
  MAX_SLOTS,
  type SearchRequest,
  searchViolations,
  zoneAsked,
} from './search-request.js';
import {
  type Asked,
  type AskedCoach,
  askCoaches,
  type FreeStart,
  type SlotSearchParts,
  startsOf,
  take,
} from './slot-search.js';

/** Lists the slots of a coach; see the rpc's comment. */
export function findSlotsHandler(parts: SlotSearchParts): Handler<typeof AvailabilityService.method.findSlots> {
  return async (request, call) => {
    check(hashId('coach_hash_id', request.coachHashId), ...searchViolations(request, parts.zoneRules));
    const { slots, revisions, nextPageToken } = await find(parts, call, [request.coachHashId], request);
    const [revision] = revisions;
    return { slots, ...(revision && { revision }), nextPageToken };
  };
}

/** Lists the slots of several coaches; see the rpc's comment. */
export function findSlotsOfCoachesHandler(
  parts: SlotSearchParts,
): Handler<typeof AvailabilityService.method.findSlotsOfCoaches> {
  return async (request, call) => {
    check(...brokenCoaches(request.coachHashIds), ...searchViolations(request, parts.zoneRules));
    return find(parts, call, request.coachHashIds, request);
  };
}

function brokenCoaches(ids: readonly string[]): Broken[] {
  const field = 'coach_hash_ids';
  if (ids.length === 0) return [{ field, description: 'is required' }];
  if (ids.length > MAX_COACHES) return [{ field, description: `must have at most ${MAX_COACHES} ids` }];
  if (new Set(ids).size < ids.length) return [{ field, description: 'must have each id once' }];
  return ids.map((id, index) => hashId(`${field}[${index}]`, id));
}

interface FindRequest extends SearchRequest {
  readonly clientHashId: string;
  readonly timeZone: string;
  readonly limit: number;
  readonly pageToken: string;
}

async function find(parts: SlotSearchParts, call: Call, coachHashIds: readonly string[], request: FindRequest) {
  const { clientHashId, duration, timeZone } = request;
  const sessionId = request.sessionId?.toLowerCase() ?? '';
  const within = intervalSearched(request);
  const inOrder = coachHashIds.toSorted(byText);
  const query = { inOrder, within, clientHashId, duration, sessionId, timeZone };
  const after = parseSlotToken(request.pageToken, query);
  const limit = request.limit || MAX_SLOTS;

  const asked = { coachHashIds: inOrder, clientHashId, sessionId };
  const found = await search(parts, call, asked, within, { duration, after, limit });
  const { coaches, starts } = found;
  const zone = zoneAsked(timeZone, parts.zoneRules);
  const last = starts.at(-1);
  const byId = new Map(coaches.map((coach) => [coach.coachHashId, coach.schedule.revision]));
  return {
    slots: starts.map(({ coach, start }) => offeredSlot(coach, { start, duration }, zone)),
    revisions: coachHashIds.map((coachHashId) => coachRevision(coachHashId, byId.get(coachHashId) ?? -1)),
    nextPageToken: last && found.mayHaveMore ? slotToken(keyOf(last), query) : '',
  };
}

interface Wanted {
  readonly duration: number;
  readonly after: SlotKey | undefined;
  readonly limit: number;
}

/**
 * The first free starts after a key. Long times are searched piece by piece: most searches end in the first, and coaches'
 * calendars are long.
 */
async function search(
  parts: SlotSearchParts,
  call: Call,
  asked: Omit<Asked, 'within'>,
  within: Interval,
  { duration, after, limit }: Wanted,
) {
  const starts: FreeStart[] = [];
  let coaches: AskedCoach[] = [];
  // One more than asked for tells whether there is a next page.
  const begin = after && after.start >= within.start ? after.start : within.start;
  for (let from = begin; from < within.end && starts.length <= limit; ) {
    const to = Math.min(endOf({ start: from + MAX_DAYS * DAY, duration }), within.end);
    const looked = await askCoaches(parts, call, { ...asked, within: { start: from, end: to } });
    // The answer holds for the coaches as they were when its slots were found: all in one piece, or a single one.
    if (starts.length === 0) coaches = looked;
    const { coachHashIds } = asked;
    const first = (place: number) =>
      after && from === after.start && coachHashIds[place]! <= after.coachHashId ? from + 1 : from;
    starts.push(...(await take(parts.turns, call, startsOf(looked, first, to, duration), limit + 1 - starts.length)));
    from += MAX_DAYS * DAY + 1;
  }
  return { coaches, starts: starts.slice(0, limit), mayHaveMore: starts.length > limit };
}

/** A slot as callers get it. */
export function offeredSlot(
  { coachHashId, terms }: AskedCoach,
  slot: { readonly start: number; readonly duration: number },
  zone: Zone | undefined,
): OfferedSlot {
  return {
    $typeName: 'aceup.scheduler.v1.OfferedSlot',
    coachHashId,
    start: timestampOf(slot.start),
    end: timestampOf(endOf(slot)),
    localStart: localTimeText(slot.start, zone ?? terms.zone),
  };
}

/** The version of a coach that an answer holds for. */
export function coachRevision(coachHashId: string, revision: number) {
  return { coachHashId, revision: BigInt(revision) };
}

function keyOf({ coach: { coachHashId }, start }: FreeStart): SlotKey {
  return { start, coachHashId };
}
