import type { LookAtCoach } from '../../application/coach/look.js';
import { type Schedule, scheduleWithin } from '../../application/coach/schedule.js';
import { freeStarts } from '../../domain/availability/find-slots.js';
import { type Rules, rulesOf } from '../../domain/availability/obstacles.js';
import type { Terms } from '../../domain/availability/terms.js';
import { REASON_OF_STATE } from '../../domain/coach/decision.js';
import type { Interval } from '../../domain/slot.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';
import { isWithin } from '../access/scope.js';
import { rejected } from '../answer/outcome.js';
import type { Call } from '../call.js';
import type { Turns } from '../request/turns.js';
import { busyElsewhere, type ClientBusy, type Taken } from './client-busy.js';

/** What searches for slots need. */
export interface SlotSearchParts {
  readonly look: LookAtCoach;
  readonly clientBusy: ClientBusy;
  readonly zoneRules: ZoneRules;
  readonly turns: Turns;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Which coaches are asked, and about what. */
export interface Asked {
  readonly coachHashIds: readonly string[];
  /** Epoch milliseconds. */
  readonly within: Interval;
  /** Empty: any client. */
  readonly clientHashId: string;
  /** The session that is to be moved, in lower case; empty: none. Its client is the client. */
  readonly sessionId: string;
}

/** A coach at a moment, ready to be asked about slots. */
export interface AskedCoach {
  readonly coachHashId: string;
  readonly schedule: Schedule;
  readonly terms: Terms;
  readonly rules: Rules;
}

/**
 * Looks at coaches, all at the same moment. Throws NOT_FOUND for a session that the coach does not have, or that the call
 * may not touch, and FAILED_PRECONDITION for one that cannot be moved, `Overloaded`, `StoreUnavailable`,
 * `ReadModelUnavailable`.
 */
export async function askCoaches(parts: SlotSearchParts, call: Call, asked: Asked): Promise<AskedCoach[]> {
  const { look, zoneRules, clientBusy } = parts;
  const { coachHashIds, within, sessionId } = asked;
  const now = parts.now();
  const schedules = await Promise.all(
    coachHashIds.map((id) =>
      look(id, (state) => scheduleWithin(state, within, zoneRules, sessionId), call.cancellation),
    ),
  );
  const client = sessionId === '' ? asked.clientHashId : clientOf(schedules, coachHashIds, call);
  const taken: readonly Taken[] = client === '' ? [] : await clientBusy(client, within, now, call);
  const busyOf = busyElsewhere(taken, sessionId);
  return schedules.map((schedule, index) => {
    const coachHashId = coachHashIds[index]!;
    const { terms } = schedule;
    const rules = rulesOf({ terms, calendar: schedule.calendar, now, clientBusy: busyOf(coachHashId) });
    return { coachHashId, schedule, terms, rules };
  });
}

/** The client of the session that is to be moved. */
function clientOf([schedule]: readonly Schedule[], [coachHashId = '']: readonly string[], { scope }: Call): string {
  const session = schedule?.moving;
  if (!session || !isWithin(scope, { coachHashId, clientHashId: session.clientHashId }))
    throw rejected('SESSION_NOT_FOUND');
  if (session.state !== 'scheduled') throw rejected(REASON_OF_STATE[session.state]);
  return session.clientHashId;
}

/** A start at which a coach can be booked. */
export interface FreeStart {
  readonly coach: AskedCoach;
  /** Epoch milliseconds. */
  readonly start: number;
}

/** In milliseconds. A search goes on for so long until others have a turn. */
const LONGEST_SEARCH = 4;

/** How many starts are found between two looks at the clock. */
const STARTS_AT_ONCE = 16;

/**
 * Takes what a search yields, in turns with other callers' work; undefined is a chance for them, and not taken. Rejects
 * with the reason of the call's cancellation.
 * @param limit the most starts
 */
export async function take<Found>(
  turns: Turns,
  call: Call,
  search: Iterator<Found | undefined>,
  limit: number,
): Promise<Found[]> {
  const found: Found[] = [];

  /** Answers whether there is more to look for. */
  function goOn(): boolean {
    const began = performance.now();
    for (let looked = 1; found.length < limit; looked += 1) {
      const { value, done } = search.next();
      if (done) return false;
      if (value !== undefined) found.push(value);
      const looksAtClock = value === undefined || looked % STARTS_AT_ONCE === 0;
      if (looksAtClock && performance.now() - began > LONGEST_SEARCH) return true;
    }
    return false;
  }

  while (await turns.take(call, goOn));
  return found;
}

/**
 * The free starts of coaches, by start, then in the order of the coaches. Yields undefined now and then.
 * @param from the first start of each coach, by the place of the coach
 */
export function* startsOf(
  coaches: readonly AskedCoach[],
  from: (place: number) => number,
  to: number,
  duration: number,
): Generator<FreeStart | undefined> {
  const searches = coaches.map(({ terms, rules }, place) => {
    return { starts: freeStarts(terms, rules, { from: from(place), to, duration }), next: Number.POSITIVE_INFINITY };
  });

  function* advance(search: (typeof searches)[number]): Generator<undefined> {
    for (;;) {
      const { value, done } = search.starts.next();
      search.next = done ? Number.POSITIVE_INFINITY : (value ?? search.next);
      if (done || value !== undefined) return;
      yield undefined;
    }
  }

  for (const search of searches) {
    yield* advance(search);
    yield undefined;
  }
  for (;;) {
    let place = 0;
    for (let other = 1; other < searches.length; other += 1) {
      if (searches[other]!.next < searches[place]!.next) place = other;
    }
    const search = searches[place];
    const coach = coaches[place];
    if (!search || !coach || search.next === Number.POSITIVE_INFINITY) return;
    yield { coach, start: search.next };
    yield* advance(search);
  }
}
