import type { Availability } from '../domain/availability/availability.js';
import type { BookingPolicy } from '../domain/availability/booking-policy.js';
import type { Version } from '../domain/availability/offering.js';
import type { TimeOff } from '../domain/availability/time-off.js';
import type { Conflict } from '../domain/coach/events.js';
import type { Hold, HoldState } from '../domain/coach/hold.js';
import type { Session } from '../domain/coach/session.js';
import type { Position } from '../event-store/event-store.js';
import type { Cancellation } from '../waiting.js';

/** A session as the read model has it. */
export type SessionRow = Omit<Session, 'reservationId' | 'reminders'>;

/** A change of a session, as the history has it. */
export interface SessionChangeRow {
  /** The name of the event. */
  readonly type: string;
  /** Who asked for the change. Undefined, like the next three, when the event does not say. */
  readonly actor: string | undefined;
  /** The verified subject of the caller. */
  readonly subject: string | undefined;
  readonly requestId: string | undefined;
  readonly correlationId: string | undefined;
  readonly position: Position;
  /** The place of the change in the stream of the coach. */
  readonly revision: number;
  /** When the change was decided, in epoch milliseconds. */
  readonly decidedAt: number;
  /** Why the change was made, if a reason was given. */
  readonly reason: string | undefined;
  /** Of a reminder: in minutes before the start. */
  readonly offsetMinutes: number | undefined;
  /** The session as the change left it. */
  readonly session: SessionRow;
}

/** A hold as the read model has it. The state is `expired` only if the slot was wanted after `expiresAt`. */
export type HoldRow = Omit<Hold, 'reservationId'>;

/** A series, with all its sessions. */
export interface SeriesRow {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  /** An IANA time zone. */
  readonly timeZone: string;
  /** In order of the occurrences. */
  readonly sessions: readonly SeriesSession[];
}

/** A session of a series, in whatever state. */
export interface SeriesSession {
  readonly id: string;
  readonly occurrence: number;
  /** The wall time at which the series has it begin: `2026-03-02T09:30:00`. */
  readonly localStart: string;
  readonly state: SessionRow['state'];
  /** Whole minutes. */
  readonly duration: number;
  /** The revision of its last event in the coach's stream. */
  readonly revision: number;
}

/** A series as it was booked. */
export interface BookedSeries {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly localStart: string;
  /** An IANA time zone. */
  readonly timeZone: string;
  /** In minutes. */
  readonly duration: number;
  readonly recurrence: string;
  /** The release of the rules of time zones. Undefined: not recorded. */
  readonly zoneRulesVersion: string | undefined;
  /** Epoch milliseconds. */
  readonly scheduledAt: number;
}

/** Which items to list: those that meet every condition given. */
export interface ListFilter {
  readonly coachHashId?: string;
  readonly clientHashId?: string;
  /** Epoch milliseconds: only what ends after it. */
  readonly from?: number;
  /** Epoch milliseconds: only what starts before it. */
  readonly to?: number;
  /** Whether the list is reversed: what is last in order comes first. */
  readonly newestFirst?: boolean;
}

/** Which sessions to list. They are in order of start; with `updatedAfter`, of their last changes. */
export interface SessionFilter extends ListFilter {
  /** Only sessions in one of these states. */
  readonly states?: readonly SessionRow['state'][];
  /** A UUID in lower case. */
  readonly seriesId?: string;
  /** Epoch milliseconds: only sessions that were booked or changed after it. Lists of the past ignore it. */
  readonly updatedAfter?: number;
  /** Epoch milliseconds: of cancelled sessions, only what was cancelled then or later. Lists of the past ignore it. */
  readonly cancelledSince?: number;
}

/** Which holds to list, in order of start. */
export interface HoldFilter extends ListFilter {
  /** Only holds in one of these states, at the time of the question. */
  readonly states?: readonly HoldState[];
}

/**
 * A moment of the past: after all changes decided at or before a time, in epoch milliseconds, or after all changes up
 * to a revision (inclusive) of a coach's stream. A time or a revision in the future means now.
 */
export type AsOf = { readonly time: number } | { readonly revision: number };

/** The place of an item in a list: lists are ordered by a time, in epoch milliseconds, then id. */
export interface ListKey {
  readonly time: number;
  readonly id: string;
}

/** Who reads, in reads that may take long: readers share the connections for them. */
export interface Reader {
  readonly caller: string;
  /** Tells when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
}

/** How far the read model is behind the events. */
export interface Lag {
  /** Milliseconds for which an event has been waiting, at least; 0 when none is. */
  readonly behind: number;
  /** Whether every event that was there at the start has been applied. */
  readonly hasCaughtUp: boolean;
}

/** Reads sessions as they are now. All methods throw `ReadModelUnavailable`. */
export interface SessionQueries {
  /** The session with the id, if there is one. The id is a UUID in lower case, with hyphens. */
  get(id: string): Promise<SessionRow | undefined>;
  /** At most `limit` sessions after the key (exclusive), in order. */
  list(
    filter: SessionFilter,
    after: ListKey | undefined,
    limit: number,
    reader: Reader,
  ): Promise<readonly SessionRow[]>;
}

/**
 * Reads sessions as they were. All methods throw `ReadModelUnavailable`, also while the history is incomplete because
 * an older version of the service wrote the read model. Ids are UUIDs in lower case.
 */
export interface HistoryQueries {
  /** The session with the id as it was then, if it was booked by then. */
  get(id: string, asOf: AsOf): Promise<SessionRow | undefined>;
  /**
   * Like `SessionQueries.list`, with sessions as they were. Name the coach or the client, of whose sessions it may look
   * at every one; with a revision, name the coach.
   */
  list(filter: SessionFilter, asOf: AsOf, after: ListKey | undefined, limit: number): Promise<readonly SessionRow[]>;
  /** At most `limit` changes of a session, oldest first, beginning after a revision (exclusive) if it is given. */
  changes(id: string, after: number | undefined, limit: number): Promise<readonly SessionChangeRow[]>;
}

/** The history for a reader. */
export type HistoryOf = (reader: Reader) => HistoryQueries;

/** Reads holds. All methods throw `ReadModelUnavailable`. */
export interface HoldQueries {
  /** The hold with the id, if there is one. The id is a UUID in lower case. */
  get(id: string): Promise<HoldRow | undefined>;
  /**
   * At most `limit` holds after the key (exclusive), in order.
   * @param now by which open holds have expired, in epoch milliseconds
   */
  list(
    filter: HoldFilter,
    now: number,
    after: ListKey | undefined,
    limit: number,
    reader: Reader,
  ): Promise<readonly HoldRow[]>;
}

/** Reads series. All methods throw `ReadModelUnavailable`. Ids are UUIDs in lower case. */
export interface SeriesQueries {
  /** The series with the id, if there is one. */
  get(id: string): Promise<SeriesRow | undefined>;
  /**
   * The series with the id as it was booked, if there is one, with the occurrences that were skipped. Throws
   * `ReadModelUnavailable` also while an older version of the service has written its row.
   */
  booked(id: string): Promise<(BookedSeries & { readonly skipped: readonly Conflict[] }) | undefined>;
  /**
   * At most `limit` series after the key (exclusive), in order of their booking. `from` and `to` are met by a session of
   * the series that is not cancelled.
   */
  list(filter: ListFilter, after: ListKey | undefined, limit: number, reader: Reader): Promise<readonly BookedSeries[]>;
}

/** An availability as the read model has it. */
export interface AvailabilityRow extends Availability, Version {
  /** When it was set, in epoch milliseconds. */
  readonly updatedAt: number;
}

/** Reads when coaches can be booked. All methods throw `ReadModelUnavailable`. */
export interface AvailabilityQueries {
  /** The availability of a coach, if one is set. */
  get(coachHashId: string): Promise<AvailabilityRow | undefined>;
  /** The availability of a coach as it was then, if one was set. */
  getAsOf(coachHashId: string, asOf: AsOf): Promise<AvailabilityRow | undefined>;
}

/** A booking policy as the read model has it. */
export interface BookingPolicyRow extends BookingPolicy, Version {
  /** When it was set, in epoch milliseconds. */
  readonly updatedAt: number;
}

/** Reads booking policies. */
export interface BookingPolicyQueries {
  /** The booking policy of a coach, if one is set. Throws `ReadModelUnavailable`. */
  get(coachHashId: string): Promise<BookingPolicyRow | undefined>;
}

/** A time off as the read model has it. */
export interface TimeOffRow extends TimeOff {
  /** When it begins, in epoch milliseconds; of whole dates, when the first one begins in UTC. */
  readonly startsAt: number;
  /** When it was added, in epoch milliseconds. */
  readonly createdAt: number;
}

/** Which time off to list, in order of `startsAt`. */
export interface TimeOffFilter {
  readonly coachHashId: string;
  /** Epoch milliseconds: only what ends after it. Dates count in UTC, and a day longer at each end. */
  readonly from?: number;
  /** Epoch milliseconds: only what starts before it. */
  readonly to?: number;
  /** Only what is of this source. */
  readonly source?: string;
}

/** Reads time off. What was removed is not there. All methods throw `ReadModelUnavailable`. */
export interface TimeOffQueries {
  /** The time off of a coach with the id, a UUID in lower case, if there is one. */
  get(coachHashId: string, id: string): Promise<TimeOffRow | undefined>;
  /** At most `limit` times off after the key (exclusive), in order. */
  list(
    filter: TimeOffFilter,
    after: ListKey | undefined,
    limit: number,
    reader: Reader,
  ): Promise<readonly TimeOffRow[]>;
}

/** Reads which ids are those of sessions and holds, in whatever state. */
export interface BookedIds {
  /** Those of the ids, UUIDs in lower case, that a session or a hold has. Throws `ReadModelUnavailable`. */
  among(ids: readonly string[]): Promise<readonly string[]>;
}

/** Waits for the `sessions` projection. */
export interface Freshness {
  /**
   * Resolves when the read model has every event at or before the position. Rejects with `ReadModelUnavailable` after
   * the time limit (given at construction), or with the cancellation's reason when nobody waits any more.
   */
  reached(position: Position, cancellation: Cancellation): Promise<void>;
}

/** The read model does not answer, or lags behind: the caller may try again. */
export class ReadModelUnavailable extends Error {
  override readonly name = 'ReadModelUnavailable';
}
