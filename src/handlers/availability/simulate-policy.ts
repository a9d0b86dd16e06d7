import { scheduledWithin, scheduleWithin } from '../../application/coach/schedule.js';
import { freeStarts } from '../../domain/availability/find-slots.js';
import { type Obstacle, type ObstacleCode, rulesOf } from '../../domain/availability/obstacles.js';
import { type Terms, termsOf } from '../../domain/availability/terms.js';
import type { CoachState } from '../../domain/coach/coach.js';
import type { Session } from '../../domain/coach/session.js';
import type {
  AvailabilityService,
  BreakingSession,
  SimulatePolicyRequest,
} from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { timestampOf } from '../../json/times.js';
import { firstOfEachRule, obstacleMessage } from '../answer/obstacle-message.js';
import type { Handler } from '../endpoints.js';
import { check, hashId } from '../request/fields.js';
import { coachRevision } from './find-slots.js';
import { availabilityGiven, policyGiven } from './given.js';
import { intervalSearched, searchViolations } from './search-request.js';
import { type SlotSearchParts, take } from './slot-search.js';

/** The most sessions that are listed. */
const MAX_BREAKING = 1_000;

/** Rules that look at the moment of booking: what is booked cannot break them any more. */
const OF_BOOKING: ReadonlySet<ObstacleCode> = new Set(['NOTICE', 'HORIZON']);

/** Searches as if a coach had another availability or policy; see the rpc's comment. */
export function simulatePolicyHandler(
  parts: SlotSearchParts,
): Handler<typeof AvailabilityService.method.simulatePolicy> {
  const { zoneRules, look, turns } = parts;
  return async (request, call) => {
    const wanted = wantedTerms(request, parts);
    const { coachHashId, duration } = request;
    const within = intervalSearched(request);
    const now = parts.now();
    const { schedule, scheduled, terms } = await look(
      coachHashId,
      (state) => ({
        schedule: scheduleWithin(state, within, zoneRules),
        scheduled: scheduledWithin(state, within),
        terms: termsOf({ ...state.offering, ...wanted(state.revision) }, zoneRules),
      }),
      call.cancellation,
    );
    const { calendar, revision } = schedule;

    async function countSlots(under: Terms): Promise<number> {
      const search = { from: within.start, to: within.end, duration };
      const starts = freeStarts(under, rulesOf({ terms: under, calendar, now }), search);
      return (await take(turns, call, starts, Number.POSITIVE_INFINITY)).length;
    }
    const slotsNow = await countSlots(schedule.terms);
    const slotsThen = await countSlots(terms);
    const breaking = { sessions: [], count: 0 };
    await take(turns, call, collectBreaking(scheduled, terms, calendar, now, breaking), Number.POSITIVE_INFINITY);
    return {
      slotsNow,
      slotsThen,
      breaking: breaking.sessions,
      breakingCount: breaking.count,
      revision: coachRevision(coachHashId, revision),
    };
  };
}

/** The availability and the policy in the request, as a coach would have them. */
function wantedTerms(request: SimulatePolicyRequest, { zoneRules }: SlotSearchParts) {
  const { availability, bookingPolicy } = request;
  const hours = availability && availabilityGiven('availability', availability, zoneRules);
  const policy = bookingPolicy && policyGiven('booking_policy', bookingPolicy, zoneRules);
  check(
    hashId('coach_hash_id', request.coachHashId),
    ...searchViolations(request, zoneRules),
    ...(hours?.broken ?? []),
    ...(policy?.broken ?? []),
    hours || policy
      ? undefined
      : { field: 'booking_policy', description: 'is required when there is no `availability`' },
  );
  return (revision: number) => ({
    ...(hours && { availability: { ...hours.value, revision } }),
    ...(policy && { policy: { ...policy.value, revision } }),
  });
}

/** The sessions that would break rules: the first of them, and how many there are. */
interface Breaking {
  readonly sessions: BreakingSession[];
  count: number;
}

/** Asks about each session as if it were booked again, and yields after each. */
function* collectBreaking(
  sessions: readonly Session[],
  terms: Terms,
  calendar: CoachState['calendar'],
  now: number,
  breaking: Breaking,
): Generator<undefined> {
  const rules = rulesOf({ terms, calendar, now, isBooked: true });
  for (const session of sessions) {
    const obstacles = rules.againstPolicy(session).filter(({ code }) => !OF_BOOKING.has(code));
    if (obstacles.length > 0) {
      breaking.count += 1;
      if (breaking.count <= MAX_BREAKING) breaking.sessions.push(breakingMessage(session, obstacles, terms));
    }
    yield undefined;
  }
}

function breakingMessage(
  { id, start, duration }: Session,
  obstacles: readonly Obstacle[],
  { zone }: Terms,
): BreakingSession {
  return {
    $typeName: 'aceup.scheduler.v1.BreakingSession',
    sessionId: id,
    start: timestampOf(start),
    duration,
    obstacles: firstOfEachRule(obstacles).map((one) => obstacleMessage(one, zone)),
  };
}
