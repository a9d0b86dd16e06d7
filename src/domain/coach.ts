/**
 * The coach aggregate: everything that decides whether a coach's time may be taken. Pure: no clock, no ids, no I/O.
 * Times are epoch milliseconds, durations are whole minutes.
 */
import { addInterval, type Calendar, emptyCalendar, firstOverlap, type Interval } from './calendar.js';

// Stream

/** What the names of all coach streams begin with. */
export const COACH_STREAM_PREFIX = 'coach-';

/** The stream that holds everything that happened to a coach's sessions. */
export function coachStream(coachHashId: string): string {
  return COACH_STREAM_PREFIX + coachHashId;
}

// Events

/** A session was booked. */
export interface SessionScheduled {
  readonly type: 'SessionScheduled';
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly scheduledAt: number;
}

/** Everything that can happen to a coach's sessions. */
export type CoachEvent = SessionScheduled;

// State

/** What decisions need to know of a coach's past, and no more. */
export interface CoachState {
  /** The time taken by active sessions. */
  readonly calendar: Calendar;
}

/** A coach to whom nothing has happened yet. */
export const initialState: CoachState = { calendar: emptyCalendar };

/** The state after an event. Total: history is never refused. */
export function evolve(state: CoachState, event: CoachEvent): CoachState {
  switch (event.type) {
    case 'SessionScheduled':
      return { ...state, calendar: addInterval(state.calendar, intervalOf(event)) };
    default:
      return event.type satisfies never;
  }
}

// Decisions

/** Book a session. Ids and times come from outside, so that the decision can be replayed. */
export interface ScheduleSession {
  readonly type: 'ScheduleSession';
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  /** When the command is decided. */
  readonly now: number;
}

/** Everything that can be asked of a coach. */
export type CoachCommand = ScheduleSession;

/** Why a command was refused. A refusal changes nothing. */
export interface Rejection {
  readonly reason: 'COACH_OVERLAP';
  /** The earliest active session in the way. */
  readonly inTheWay: Interval;
}

/** What a command leads to: events to append, or a rejection. */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly CoachEvent[] }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** Decides a command against a state. */
export function decide(command: CoachCommand, state: CoachState): Decision {
  switch (command.type) {
    case 'ScheduleSession':
      return scheduleSession(command, state);
    default:
      return command.type satisfies never;
  }
}

function scheduleSession(command: ScheduleSession, { calendar }: CoachState): Decision {
  const inTheWay = firstOverlap(calendar, intervalOf(command));
  if (inTheWay) return { kind: 'rejected', rejection: { reason: 'COACH_OVERLAP', inTheWay } };

  const { type: _, now, ...session } = command;
  return { kind: 'accepted', events: [{ type: 'SessionScheduled', ...session, scheduledAt: now }] };
}

/** The time that a session occupies. */
export function intervalOf({ start, duration }: { readonly start: number; readonly duration: number }): Interval {
  return { start, end: start + duration * 60_000 };
}
