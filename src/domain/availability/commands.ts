import type { WantedEtag } from '../coach/etag.js';
import type { Availability } from './availability.js';
import type { BookingPolicy } from './booking-policy.js';
import type { CalendarReading } from './calendar-reading.js';
import type { TimeOff } from './time-off.js';

interface ForCoach {
  readonly coachHashId: string;
  /** When the command is decided. */
  readonly now: number;
}

/** Say when a coach can be booked. */
export interface SetAvailability extends ForCoach {
  readonly type: 'SetAvailability';
  /** Its fields break no rule. */
  readonly availability: Availability;
  /** The version that the command is for. */
  readonly etag: WantedEtag;
}

/** Go back to any time. */
export interface DeleteAvailability extends ForCoach {
  readonly type: 'DeleteAvailability';
  readonly etag: WantedEtag;
}

/** Say which times may be booked. */
export interface SetBookingPolicy extends ForCoach {
  readonly type: 'SetBookingPolicy';
  /** Its fields break no rule. */
  readonly policy: BookingPolicy;
  readonly etag: WantedEtag;
}

/** Limit nothing any more. */
export interface DeleteBookingPolicy extends ForCoach {
  readonly type: 'DeleteBookingPolicy';
  readonly etag: WantedEtag;
}

/** Take time off. */
export interface AddTimeOff extends ForCoach {
  readonly type: 'AddTimeOff';
  readonly timeOff: TimeOff;
}

/** Give time off up. */
export interface RemoveTimeOff extends ForCoach {
  readonly type: 'RemoveTimeOff';
  readonly timeOffId: string;
}

/** Replace all time off of a source. */
export interface SyncTimeOff extends ForCoach {
  readonly type: 'SyncTimeOff';
  readonly source: string;
  /** All of the source, each with an id that nothing has yet. */
  readonly timeOff: readonly TimeOff[];
  /**
   * What else was read in the iCalendar document that they are from, as far as they are not over: what of the source is
   * over stays. Undefined: they are from no document.
   */
  readonly calendar?: CalendarReading;
}

/** What can be asked about the times that a coach offers. */
export type OfferingCommand =
  | SetAvailability
  | DeleteAvailability
  | SetBookingPolicy
  | DeleteBookingPolicy
  | AddTimeOff
  | RemoveTimeOff
  | SyncTimeOff;
