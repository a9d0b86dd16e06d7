import type { Position } from '../event-store/event-store.js';

/** A row of `read_model.sessions`. Times are epoch milliseconds; `duration` is in minutes. */
export interface SessionRow {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly state: 'scheduled' | 'completed' | 'cancelled' | 'no_show';
  readonly scheduledAt: number;
  readonly updatedAt: number;
  /** Empty when it is of no series. */
  readonly seriesId: string;
  /** 0 when it is of no series. */
  readonly occurrence: number;
  readonly cancelledBy: PartyName | null;
  readonly absent: PartyName | null;
  /** Empty when that was not said. */
  readonly reason: string;
  /** Of the event that changed it last, in the stream of its coach. */
  readonly revision: number;
}

/** Somebody who has to do with a session. */
export type PartyName = 'coach' | 'client' | 'organization';

/** A row of `read_model.session_history`. */
export interface SessionChangeRow {
  /** The name of the event. */
  readonly type: string;
  /** These are empty when they are not known. */
  readonly actor: string;
  readonly requestId: string;
  readonly correlationId: string;
  /** The session as the change left it; its `updatedAt` says when, its `reason` why. */
  readonly session: SessionRow;
}

/** A row of `read_model.holds`. Times are epoch milliseconds; `duration` is in minutes. */
export interface HoldRow {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  /** That its time ran out is known of a hold only when its slot was wanted since. */
  readonly state: 'open' | 'confirmed' | 'released' | 'expired';
  readonly heldAt: number;
  readonly expiresAt: number;
}

/** A row of `read_model.series`. */
export interface SeriesRow {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  /** An IANA zone. */
  readonly timeZone: string;
  /** In order of the occurrences. */
  readonly sessions: readonly SeriesSession[];
}

/** A session of a series. */
export interface SeriesSession {
  readonly id: string;
  readonly occurrence: number;
  /** The wall time at which the series has it begin: `2026-03-02T09:30:00`. */
  readonly localStart: string;
}

/** Which sessions to list; what is given must all hold. */
export interface SessionFilter {
  readonly coachHashId?: string;
  readonly clientHashId?: string;
  /** Epoch milliseconds: only sessions that end after it. */
  readonly from?: number;
  /** Epoch milliseconds: only sessions that start before it. */
  readonly to?: number;
  readonly state?: SessionRow['state'];
  /** A UUID in lower case. */
  readonly seriesId?: string;
}

/**
 * Which past is meant: with the changes decided at or before a time, in epoch milliseconds, or with those of a coach's
 * stream up to a revision. A time or a revision to come is as good as now.
 */
export type AsOf = { readonly time: number } | { readonly revision: number };

/** The place of a session in a list: lists are ordered by start, then id. */
export interface SessionKey {
  readonly start: number;
  readonly id: string;
}

/** Answers questions from what the projections wrote. All methods throw `ReadModelUnavailable` when it is away. */
export interface SessionQueries {
  /** The session of an id, if there is one. The id is a UUID as Postgres writes it: in lower case, with hyphens. */
  get(id: string): Promise<SessionRow | undefined>;
  /** At most `limit` sessions after the key (exclusive), in order. */
  list(filter: SessionFilter, after: SessionKey | undefined, limit: number): Promise<readonly SessionRow[]>;
}

/**
 * Answers what was. All methods throw `ReadModelUnavailable` when it is away, and while the history is not whole, since
 * an older version of the service has written the read model. Ids are UUIDs in lower case.
 */
export interface HistoryQueries {
  /** The session of an id as it was, if it was there. */
  get(id: string, asOf: AsOf): Promise<SessionRow | undefined>;
  /**
   * As `SessionQueries.list`, of the sessions as they were. It looks at every session that meets the filter of coach,
   * client and series, so one of them should be given; a revision means something for one coach only.
   */
  list(filter: SessionFilter, asOf: AsOf, after: SessionKey | undefined, limit: number): Promise<readonly SessionRow[]>;
  /** At most `limit` changes of a session, in order, those after a revision (exclusive) when it is given. */
  changes(id: string, after: number | undefined, limit: number): Promise<readonly SessionChangeRow[]>;
}

/** Answers questions about holds. Throws `ReadModelUnavailable`. */
export interface HoldQueries {
  /** The hold of an id, if there is one. The id is a UUID in lower case. */
  get(id: string): Promise<HoldRow | undefined>;
}

/** Answers questions about series. Throws `ReadModelUnavailable`. */
export interface SeriesQueries {
  /** The series of an id with all its sessions, if there is one. The id is a UUID in lower case. */
  get(id: string): Promise<SeriesRow | undefined>;
}

/** Knows how far the `sessions` projection has come. */
export interface Freshness {
  /**
   * Resolves when the read model has every event at or before the position. Rejects with `ReadModelUnavailable` after
   * the time limit (given at construction), or with the signal's reason when `signal` aborts first.
   */
  reached(position: Position, signal: AbortSignal): Promise<void>;
}

/** The read model could not be asked, or lags behind: the caller may try again. */
export class ReadModelUnavailable extends Error {
  override readonly name = 'ReadModelUnavailable';
}
