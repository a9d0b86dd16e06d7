/**
 * The coach aggregate: its stream, its state, and how events change the state. Commands are decided in decide.ts. Pure.
 */

import { anyTime, evolveOffering, type Offering } from '../availability/offering.js';
import { addEntry, type Calendar, type Entry, overlappingInDisjoint, removeEntry } from '../calendar.js';
import type { Slot } from '../slot.js';
import { emptyList, firstWhere, type SortedList, withItem } from '../sorted-list.js';
import { byText } from '../text.js';
import type { CoachEvent, HoldEvent, HoldExpired, SessionChanged, SessionEvent, SessionReminderDue } from './events.js';
import { type Hold, hasExpired, holdAfter, holdExpired, isHold } from './hold.js';
import { withReminder } from './reminders.js';
import { type Session, sessionAfter, takesTime } from './session.js';

// Stream

/** The prefix of the names of all coach streams. */
export const COACH_STREAM_PREFIX = 'coach-';

/** The stream of everything that happened to a coach's sessions. */
export function coachStream(coachHashId: string): string {
  return COACH_STREAM_PREFIX + coachHashId;
}

// State

/** A series, as far as decisions need it. */
export interface Series {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  /** Its sessions, in order of the occurrences. */
  readonly sessionIds: readonly string[];
}

/** Anything that has an id. */
export interface Identified {
  readonly id: string;
}

/** Items by id, so in the order in which they were made. */
export type ById<Item extends Identified> = SortedList<Item, Identified>;

/** What decisions need to know of a coach's past, and no more. */
export interface CoachState {
  /** The revision of the last event; -1 when there is none. */
  readonly revision: number;
  /**
   * The time taken: by sessions that are not cancelled, and by open holds. No two entries overlap. What is known of a
   * session, beyond an entry, is in `sessions`.
   */
  readonly calendar: Calendar<Entry | Hold>;
  /** Every session ever booked. */
  readonly sessions: ById<Session>;
  readonly series: ById<Series>;
  /** Every hold ever made. */
  readonly holds: ById<Hold>;
  /** Reservations that no command may use any more. Rare: crashes leave them. */
  readonly abandoned: ReadonlySet<string>;
  /** Which times the coach offers. The same object as long as no event changes it. */
  readonly offering: Offering;
}

/** A coach to whom nothing has happened yet. */
export const initialCoach: CoachState = {
  revision: -1,
  calendar: emptyList,
  sessions: emptyList,
  series: emptyList,
  holds: emptyList,
  abandoned: new Set(),
  offering: anyTime,
};

/** The state after an event. Total: no event of the past is refused. */
export function evolveCoach(state: CoachState, event: CoachEvent): CoachState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'SessionScheduled':
      return withSession(withOccurrence(next, event), event);
    case 'SessionRescheduled':
    case 'SessionCancelled':
    case 'SessionCompleted':
    case 'SessionMarkedNoShow':
    case 'SessionOutcomeCorrected':
      return withSession(next, event);
    case 'SessionReminderDue':
      return withReminderOf(next, event);
    case 'SeriesScheduled': {
      const { seriesId: id, coachHashId, clientHashId } = event;
      return { ...next, series: withItem(next.series, { id, coachHashId, clientHashId, sessionIds: [] }, byId) };
    }
    case 'SeriesRescheduled':
    case 'SeriesCancelled':
      return next;
    case 'SlotHeld':
    case 'HoldConfirmed':
    case 'HoldReleased':
    case 'HoldExpired':
      return withHold(next, event);
    case 'ReservationAbandoned':
      return { ...next, abandoned: new Set([...next.abandoned, event.reservationId]) };
    case 'AvailabilitySet':
    case 'AvailabilityDeleted':
    case 'BookingPolicySet':
    case 'BookingPolicyDeleted':
    case 'TimeOffAdded':
    case 'TimeOffRemoved':
    case 'TimeOffSynced':
      return { ...next, offering: evolveOffering(state.offering, event, next.revision) };
    default:
      return event satisfies never;
  }
}

// What decisions ask of the state

/** The session of this id, if the coach ever had it. */
export function findSession({ sessions }: CoachState, id: string): Session | undefined {
  return find(sessions, id);
}

/** The series of this id, if the coach ever had it. */
export function findSeries({ series }: CoachState, id: string): Series | undefined {
  return find(series, id);
}

/** The hold of this id, if the coach ever had it. */
export function findHold({ holds }: CoachState, id: string): Hold | undefined {
  return find(holds, id);
}

/** What there is at a time that is wanted. */
export interface Way {
  /** The sessions and open holds in the way, the earliest first; none when the time is free. */
  readonly inTheWay: readonly (Entry | Hold)[];
  /** The end of holds whose time has run out. They give way, and the append that takes their time records it. */
  readonly expiry: readonly HoldExpired[];
}

/** Looks whether a time is free. A hold is in the way until it expires, whether or not anybody has recorded its end. */
export function wayOf(calendar: CoachState['calendar'], slot: Slot, now: number): Way {
  const inTheWay: (Entry | Hold)[] = [];
  const expiry: HoldExpired[] = [];
  for (const entry of overlappingInDisjoint(calendar, slot)) {
    if (isHold(entry) && hasExpired(entry, now)) expiry.push(holdExpired(entry, now));
    else inTheWay.push(entry);
  }
  return { inTheWay, expiry };
}

/** Whether a reservation may not be used any more. */
export function isAbandoned({ abandoned }: CoachState, reservationId: string | undefined): boolean {
  return reservationId !== undefined && abandoned.has(reservationId);
}

function withSession(state: CoachState, event: SessionChanged): CoachState {
  const before = event.type === 'SessionScheduled' ? undefined : findSession(state, event.sessionId);
  const session = sessionAfter(event, state.revision);
  const calendar = before && takesTime(before) ? removeEntry(state.calendar, before) : state.calendar;
  return {
    ...state,
    calendar: takesTime(session) ? addEntry(calendar, session) : calendar,
    sessions: withItem(state.sessions, session, byId),
  };
}

function withReminderOf(state: CoachState, event: SessionReminderDue): CoachState {
  const session = findSession(state, event.sessionId);
  if (!session) return state;
  const reminded = { ...session, reminders: withReminder(session.reminders, event) };
  return { ...state, sessions: withItem(state.sessions, reminded, byId) };
}

function withOccurrence(state: CoachState, { seriesId, sessionId }: SessionEvent): CoachState {
  const series = seriesId === undefined ? undefined : findSeries(state, seriesId);
  if (!series) return state;
  const grown = { ...series, sessionIds: [...series.sessionIds, sessionId] };
  return { ...state, series: withItem(state.series, grown, byId) };
}

function withHold(state: CoachState, event: HoldEvent): CoachState {
  const hold = holdAfter(event);
  return {
    ...state,
    calendar: hold.state === 'open' ? addEntry(state.calendar, hold) : removeEntry(state.calendar, hold),
    holds: withItem(state.holds, hold, byId),
  };
}

function byId(one: Identified, other: Identified): number {
  return byText(one.id, other.id);
}

function find<Item extends Identified>(list: ById<Item>, id: string): Item | undefined {
  const found = firstWhere(list, (item) => item.id >= id);
  return found?.id === id ? found : undefined;
}
