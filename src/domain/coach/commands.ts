import type { OfferingCommand } from '../availability/commands.js';
import type { Slot } from '../slot.js';
import type { WantedEtag } from './etag.js';
import type { Party, SessionOutcome } from './session.js';

/**
 * What can be asked of a coach. Ids and times come from outside, so that a decision can be replayed. Times are epoch
 * milliseconds, durations whole minutes. A `reservationId` names the reservation of the client's time that the command
 * uses; without the rule for clients there is none.
 */
export type CoachCommand =
  | ScheduleSession
  | RescheduleSession
  | CancelSession
  | CompleteSession
  | MarkNoShow
  | CorrectOutcome
  | ScheduleSeries
  | RescheduleSeries
  | CancelSeries
  | HoldSlot
  | ConfirmHold
  | ReleaseHold
  | SettleReservation
  | RemindOfSession
  | OfferingCommand;

interface ForCoach {
  readonly coachHashId: string;
  /** When the command is decided. */
  readonly now: number;
}

/** A command that may take a coach's time. */
interface UnderPolicy {
  /** Whether it is carried out against the coach's hours, time off and booking policy. */
  readonly ignorePolicy?: boolean;
}

/** Book a session. */
export interface ScheduleSession extends ForCoach, UnderPolicy, Slot {
  readonly type: 'ScheduleSession';
  readonly sessionId: string;
  readonly clientHashId: string;
  readonly reservationId?: string;
}

interface ForSession extends ForCoach {
  readonly sessionId: string;
  /** The version of the session that the command is for; undefined: any. */
  readonly etag: WantedEtag;
}

/** Give a session another time. */
export interface RescheduleSession extends ForSession, UnderPolicy {
  readonly type: 'RescheduleSession';
  /** Undefined: when it begins now. */
  readonly start: number | undefined;
  /** Undefined: as long as it lasts now. */
  readonly duration: number | undefined;
  readonly reason: string | undefined;
  readonly reservationId?: string;
  /** The release of the zone rules by which the start is the session's wall time; undefined when it is another. */
  readonly zoneRulesVersion?: string;
}

/** Call a session off. */
export interface CancelSession extends ForSession {
  readonly type: 'CancelSession';
  readonly cancelledBy: Party;
  readonly reason: string | undefined;
}

/** Say that a session took place. */
export interface CompleteSession extends ForSession {
  readonly type: 'CompleteSession';
}

/** Say who did not come. */
export interface MarkNoShow extends ForSession {
  readonly type: 'MarkNoShow';
  readonly absent: Party;
}

/** Say how a session really went. */
export interface CorrectOutcome extends ForSession {
  readonly type: 'CorrectOutcome';
  readonly outcome: SessionOutcome;
  readonly absent: Party | undefined;
  readonly reason: string;
}

/** When an occurrence of a series is to take place. */
export interface Occurrence {
  readonly sessionId: string;
  readonly reservationId?: string;
  /** Its place in the series, from 1. */
  readonly occurrence: number;
  readonly localStart: string;
  readonly start: number;
}

/** Book a series. */
export interface ScheduleSeries extends ForCoach, UnderPolicy {
  readonly type: 'ScheduleSeries';
  readonly seriesId: string;
  readonly clientHashId: string;
  readonly localStart: string;
  readonly timeZone: string;
  readonly duration: number;
  readonly recurrence: string;
  readonly disambiguation: string;
  /** The release of the zone rules that the times of the occurrences follow from. */
  readonly zoneRulesVersion: string;
  /** In order; at least one. */
  readonly occurrences: readonly Occurrence[];
  readonly skipConflicts: boolean;
}

/** Move the sessions of a series that are still scheduled, from an occurrence on. */
export interface RescheduleSeries extends ForCoach, UnderPolicy {
  readonly type: 'RescheduleSeries';
  readonly seriesId: string;
  /** The version of the series that the command is for. */
  readonly etag?: WantedEtag;
  readonly fromOccurrence: number;
  readonly localStart: string;
  /** Undefined: as long as each lasts now. */
  readonly duration: number | undefined;
  readonly reason: string | undefined;
  /** The release of the zone rules that the times of the occurrences follow from. */
  readonly zoneRulesVersion: string;
  /** When each session of the series from the occurrence on is to take place, whatever its state. */
  readonly occurrences: readonly Occurrence[];
}

/** Call off the sessions of a series that are still scheduled, from an occurrence on. */
export interface CancelSeries extends ForCoach {
  readonly type: 'CancelSeries';
  readonly seriesId: string;
  /** The version of the series that the command is for. */
  readonly etag?: WantedEtag;
  readonly fromOccurrence: number;
  readonly cancelledBy: Party;
  readonly reason: string | undefined;
}

/** Keep a slot free for a client. */
export interface HoldSlot extends ForCoach, UnderPolicy, Slot {
  readonly type: 'HoldSlot';
  readonly holdId: string;
  readonly clientHashId: string;
  readonly expiresAt: number;
  readonly reservationId?: string;
}

/** Make a session of a hold. */
export interface ConfirmHold extends ForCoach {
  readonly type: 'ConfirmHold';
  readonly holdId: string;
  /** The version of the hold that the command is for. */
  readonly etag?: WantedEtag;
}

/** Give a hold up. */
export interface ReleaseHold extends ForCoach {
  readonly type: 'ReleaseHold';
  readonly holdId: string;
  /** The version of the hold that the command is for. */
  readonly etag?: WantedEtag;
}

/** Say whether the coach uses a reservation of a client's time that is in somebody's way. */
export interface SettleReservation extends ForCoach {
  readonly type: 'SettleReservation';
  readonly clientHashId: string;
  readonly reservationId: string;
  /** The session or the hold that the reservation was made for. */
  readonly sessionId: string;
  /** Nothing has used the reservation for long enough: record that nothing ever will. */
  readonly abandon: boolean;
}

/** Say that a reminder of a session is due. */
export interface RemindOfSession extends ForCoach {
  readonly type: 'RemindOfSession';
  readonly sessionId: string;
  /** How long before the start, in whole minutes. */
  readonly offsetMinutes: number;
}
