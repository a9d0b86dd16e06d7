import type { Position } from '../event-store/event-store.js';

/** A row of `read_model.sessions`. Times are epoch milliseconds; `duration` is in minutes. */
export interface SessionRow {
  readonly id: string;
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly start: number;
  readonly duration: number;
  readonly state: 'scheduled';
  readonly createdAt: number;
  readonly updatedAt: number;
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
}

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
