import { timestampMs } from '@bufbuild/protobuf/wkt';
import { DAY } from '../../domain/dates.js';
import { endOf, isInCalendar } from '../../domain/slot.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { ENDS_TOO_LATE } from '../answer/errors.js';
import { firstOfEachRule, obstacleMessage } from '../answer/obstacle-message.js';
import type { Call } from '../call.js';
import type { Handler } from '../endpoints.js';
import { check, duration, hashId, optionalHashId, optionalUuid, required, time } from '../request/fields.js';
import { coachRevision, offeredSlot } from './find-slots.js';
import { MAX_DAYS, optionalZone, zoneAsked } from './search-request.js';
import { type AskedCoach, askCoaches, type FreeStart, type SlotSearchParts, startsOf, take } from './slot-search.js';

/** The most obstacles of one rule: a day may have 1,440 sessions, and each takes a sentence. */
const MAX_TOLD_OF_A_RULE = 100;

/** Says whether and why a slot can be booked or not; see the rpc's comment. */
export function explainSlotHandler(parts: SlotSearchParts): Handler<typeof AvailabilityService.method.explainSlot> {
  return async (request, call) => {
    const { coachHashId, clientHashId, timeZone } = request;
    check(
      hashId('coach_hash_id', coachHashId),
      required('start', request.start),
      time('start', request.start),
      duration('duration', request.duration),
      optionalHashId('client_hash_id', clientHashId),
      optionalUuid('session_id', request.sessionId),
      optionalZone('time_zone', timeZone, parts.zoneRules),
    );
    if (!request.start) throw new Error('checked above');
    const slot = { start: timestampMs(request.start), duration: request.duration };
    if (!isInCalendar(slot)) check({ field: 'start', description: ENDS_TOO_LATE });

    const within = { start: slot.start - MAX_DAYS * DAY, end: endOf(slot) + MAX_DAYS * DAY };
    const sessionId = request.sessionId.toLowerCase();
    const [coach] = await askCoaches(parts, call, { coachHashIds: [coachHashId], within, clientHashId, sessionId });
    if (!coach) throw new Error('one coach was asked');
    const zone = zoneAsked(timeZone, parts.zoneRules);
    const obstacles = coach.rules.obstacles(slot);
    const told = firstOfEachRule(obstacles, MAX_TOLD_OF_A_RULE);
    const before = await lastBefore(parts, call, coach, slot);
    const after = await firstAfter(parts, call, coach, slot);
    return {
      bookable: obstacles.length === 0,
      obstacles: told.map((one) => obstacleMessage(one, zone ?? coach.terms.zone)),
      ...(before && { before: offeredSlot(coach, { ...slot, start: before.start }, zone) }),
      ...(after && { after: offeredSlot(coach, { ...slot, start: after.start }, zone) }),
      revision: coachRevision(coachHashId, coach.schedule.revision),
    };
  };
}

interface Around {
  readonly start: number;
  readonly duration: number;
}

/** How many days before the slot each piece of the search begins: most slots have another one near. */
const PIECES = [0, 1, 8, MAX_DAYS];

async function lastBefore(parts: SlotSearchParts, call: Call, coach: AskedCoach, { start, duration }: Around) {
  for (const [index, days] of PIECES.entries()) {
    const previous = PIECES[index - 1];
    if (previous === undefined) continue;
    const [from, until] = [start - days * DAY, start - previous * DAY];
    const to = endOf({ start: until - 1, duration });
    const found = await take<FreeStart>(
      parts.turns,
      call,
      startsOf([coach], () => from, to, duration),
      Number.POSITIVE_INFINITY,
    );
    if (found.length > 0) return found.at(-1);
  }
  return undefined;
}

async function firstAfter(parts: SlotSearchParts, call: Call, coach: AskedCoach, { start, duration }: Around) {
  const to = endOf({ start: start + MAX_DAYS * DAY, duration });
  const [first] = await take(
    parts.turns,
    call,
    startsOf([coach], () => start + 1, to, duration),
    1,
  );
  return first;
}
