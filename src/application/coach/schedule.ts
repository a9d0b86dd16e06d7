import { type Terms, termsOf } from '../../domain/availability/terms.js';
import { removeEntry } from '../../domain/calendar.js';
import { type CoachState, findSession } from '../../domain/coach/coach.js';
import { isHold } from '../../domain/coach/hold.js';
import type { Session } from '../../domain/coach/session.js';
import { DAY } from '../../domain/dates.js';
import type { Interval } from '../../domain/slot.js';
import { emptyList, itemsBetween, listOf } from '../../domain/sorted-list.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';

/** What questions about slots need of a coach: as much of the calendar as they look at. */
export interface Schedule {
  /** The coach's revision, -1 when nothing has happened yet. */
  readonly revision: number;
  /** Worked out here: parts of the offering may leave memory once the coach is not looked at any more. */
  readonly terms: Terms;
  /** Without the session that is to be moved. */
  readonly calendar: CoachState['calendar'];
  /** The session that is to be moved; undefined when the coach does not have it, or none is to be moved. */
  readonly moving: Session | undefined;
}

/** How far from a slot rules look: to the ends of its week, and a gap and a session beyond. */
const FARTHEST = 10 * DAY;

/**
 * Takes from a coach's state what questions about slots within an interval need.
 * @param sessionId the session that is to be moved; empty: none
 */
export function scheduleWithin(
  state: CoachState,
  { start, end }: Interval,
  zoneRules: ZoneRules,
  sessionId = '',
): Schedule {
  const { revision } = state;
  const terms = termsOf(state.offering, zoneRules);
  const moving = sessionId === '' ? undefined : findSession(state, sessionId);
  const calendar = moving ? removeEntry(state.calendar, moving) : state.calendar;
  const entries = itemsBetween(
    calendar,
    (entry) => entry.start > start - FARTHEST,
    (entry) => entry.start > end + FARTHEST,
  );
  return { revision, terms, calendar: entries.length > 0 ? listOf({ items: entries }) : emptyList, moving };
}

/** A coach's scheduled sessions that start within an interval, in order. */
export function scheduledWithin(state: CoachState, { start, end }: Interval): Session[] {
  const entries = itemsBetween(
    state.calendar,
    (entry) => entry.start >= start,
    (entry) => entry.start >= end,
  );
  return entries.flatMap((entry) => {
    const session = isHold(entry) ? undefined : findSession(state, entry.id);
    return session?.state === 'scheduled' ? [session] : [];
  });
}
