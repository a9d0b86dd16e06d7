import type { Availability } from './availability.js';
import type { BookingPolicy } from './booking-policy.js';
import type { CalendarReading } from './calendar-reading.js';
import type { TimeOff } from './time-off.js';

interface OfCoach {
  readonly coachHashId: string;
}

export interface AvailabilitySet extends OfCoach, Availability {
  readonly type: 'AvailabilitySet';
  /** In order of start. */
  readonly outside: readonly SessionOutsideHours[];
  readonly outsideCount: number;
  readonly setAt: number;
}

/** A session that lies outside its coach's hours. */
export interface SessionOutsideHours {
  readonly sessionId: string;
  readonly start: number;
  readonly duration: number;
}

export interface AvailabilityDeleted extends OfCoach {
  readonly type: 'AvailabilityDeleted';
  readonly deletedAt: number;
}

export interface BookingPolicySet extends OfCoach, BookingPolicy {
  readonly type: 'BookingPolicySet';
  readonly setAt: number;
}

export interface BookingPolicyDeleted extends OfCoach {
  readonly type: 'BookingPolicyDeleted';
  readonly deletedAt: number;
}

export interface TimeOffAdded extends OfCoach {
  readonly type: 'TimeOffAdded';
  readonly timeOff: TimeOff;
  readonly addedAt: number;
}

export interface TimeOffRemoved extends OfCoach {
  readonly type: 'TimeOffRemoved';
  readonly timeOff: TimeOff;
  readonly removedAt: number;
}

export interface TimeOffSynced extends OfCoach {
  readonly type: 'TimeOffSynced';
  readonly source: string;
  readonly added: readonly TimeOff[];
  readonly removed: readonly TimeOff[];
  readonly total: number;
  /** Of a sync with an iCalendar document: what else was read in it. */
  readonly calendar: CalendarReading | undefined;
  readonly syncedAt: number;
}

/** What can happen to the times that a coach offers. */
export type OfferingEvent =
  | AvailabilitySet
  | AvailabilityDeleted
  | BookingPolicySet
  | BookingPolicyDeleted
  | TimeOffAdded
  | TimeOffRemoved
  | TimeOffSynced;
