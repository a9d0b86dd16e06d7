import type { Position } from '../event-store/event-store.js';

/** A reminder of a session that may be due. The coach decides. */
export interface DueReminder {
  readonly sessionId: string;
  readonly coachHashId: string;
  /** When the session begins, in epoch milliseconds. */
  readonly start: number;
  readonly offsetMinutes: number;
}

/** An offset of the setting. */
export interface Offset {
  /** Minutes before the start. */
  readonly offsetMinutes: number;
  /** When it was added to the setting, in epoch milliseconds: what was due by then (inclusive) is past. */
  readonly since: number;
}

/** How far the reminders have come. */
export interface Progress {
  /** All that were due at or before this time, in epoch milliseconds, are told, of the sessions up to the position. */
  readonly toldUpTo: number;
  /** The bookings and moves of the log up to here (inclusive) were looked at. */
  readonly position: Position;
}

/** Which reminders to find: of an offset, due in a span of time, of sessions that have not begun. */
export interface DueFilter {
  readonly offsetMinutes: number;
  /** Epoch milliseconds (exclusive). */
  readonly after: number;
  /** Epoch milliseconds (inclusive). */
  readonly upTo: number;
}

/**
 * What the one process that makes reminders has: the read model, and where it keeps how far it has come. A process that
 * stops for some seconds loses it, and can save nothing then. All methods throw when the lease is lost.
 */
export interface Lease {
  /** Aborts when the lease is lost or closed. */
  readonly lost: AbortSignal;
  /**
   * Where to go on, with the given offsets and no others.
   * @param fresh where to begin when there was no reminder before
   */
  resume(offsets: readonly number[], fresh: Progress): Promise<Progress & { readonly offsets: readonly Offset[] }>;
  /** Keeps how far the reminders have come. */
  save(offsets: readonly Offset[], progress: Progress): Promise<void>;
  /** The read model shows every event of the log up to here (inclusive). */
  readModelPosition(): Promise<Position>;
  /** The reminders, page by page, in order of the starts. */
  due(filter: DueFilter): AsyncIterable<readonly DueReminder[]>;
  /** When the next reminder is due after a time, both in epoch milliseconds. Undefined: there is none yet. */
  nextDue(offsets: readonly Offset[], after: number): Promise<number | undefined>;
  /** To be called once a second while nothing else is. */
  beat(): Promise<void>;
}
