import type { Conflict } from '../gen/aceup/scheduler/v1/series_pb.js';
import type { Head } from './append-groups.js';
import type { Place, Taken } from './clients.js';
import type { Hold } from './hold.js';
import { newOffering, type Offering } from './offering.js';
import type { Request } from './requests.js';
import { type Session, takesTime } from './session.js';
import { createTimetable, type Timetable } from './timetable.js';

/** A series as it was booked. */
export interface Series {
  readonly id: string;
  readonly coach: string;
  readonly client: string;
  readonly localStart: string;
  readonly timeZone: string;
  readonly duration: number;
  readonly recurrence: string;
  readonly disambiguation: string;
  /** Empty for series booked before there were versions. */
  readonly zoneRulesVersion: string;
  readonly skipped: readonly Conflict[];
  readonly scheduledAt: number;
  readonly revision: number;
}

/** A coach as the events so far leave it. */
export interface Coach {
  readonly sessions: Map<string, Session>;
  readonly holds: Map<string, Hold>;
  readonly series: Map<string, Series>;
  readonly requests: Map<string, Request>;
  readonly abandoned: Set<string>;
  readonly offering: Offering;
  /** The sessions that take time, and the open holds. */
  readonly taken: Timetable<Taken>;
  /** The last event of which others must follow, while they do. */
  head: Head<WaitingCheck> | undefined;
}

/** That nothing else takes the time, to be checked once all events of an append are applied. */
export interface WaitingCheck {
  readonly taken: Taken;
  readonly place: Place;
}

/** A coach to whom nothing has happened yet. */
export function newCoach(): Coach {
  return {
    sessions: new Map(),
    holds: new Map(),
    series: new Map(),
    requests: new Map(),
    abandoned: new Set(),
    offering: newOffering(),
    taken: createTimetable(),
    head: undefined,
  };
}

/** Whether a session or a hold takes time. */
export function isTaking(taken: Taken): boolean {
  return taken.kind === 'hold' ? taken.state === 'open' : takesTime(taken);
}

/** Whether a session is as the hold that it was made from. */
export function isMadeFrom(hold: Hold, session: Session): boolean {
  const same = ['client', 'start', 'duration', 'reservationId'] as const;
  return hold.state === 'confirmed' && same.every((field) => hold[field] === session[field]);
}
