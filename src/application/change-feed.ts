import type { OfferingEvent } from '../domain/availability/events.js';
import type { CoachEvent, HoldEvent, SessionEvent } from '../domain/coach/events.js';
import type { Position } from '../event-store/event-store.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';

/** What feeds tell: what happens to sessions, to holds, and to the times that coaches offer. */
export type ChangeEvent = SessionEvent | HoldEvent | OfferingEvent;

/** What each type of change happens to. What happens to a series is told as what happens to its sessions. */
export const CHANGES: Readonly<Record<ChangeEvent['type'], 'session' | 'hold' | 'offering'>> = {
  SessionScheduled: 'session',
  SessionRescheduled: 'session',
  SessionCancelled: 'session',
  SessionCompleted: 'session',
  SessionMarkedNoShow: 'session',
  SessionOutcomeCorrected: 'session',
  SessionReminderDue: 'session',
  SlotHeld: 'hold',
  HoldConfirmed: 'hold',
  HoldReleased: 'hold',
  HoldExpired: 'hold',
  AvailabilitySet: 'offering',
  AvailabilityDeleted: 'offering',
  BookingPolicySet: 'offering',
  BookingPolicyDeleted: 'offering',
  TimeOffAdded: 'offering',
  TimeOffRemoved: 'offering',
  TimeOffSynced: 'offering',
};

/** The types of changes of sessions: what is told when nobody says what to tell. */
export const SESSION_CHANGES: ReadonlySet<ChangeEvent['type']> = new Set(
  (Object.keys(CHANGES) as ChangeEvent['type'][]).filter((type) => CHANGES[type] === 'session'),
);

/** Whether feeds tell an event of a coach's stream. */
export function isTold(event: CoachEvent): event is ChangeEvent {
  return Object.hasOwn(CHANGES, event.type);
}

/** A change, as the log has it. */
export interface Change {
  /** The id of the event: a UUID in lower case. It stays when the log is copied. */
  readonly id: string;
  /** The full name of the stored message, which carries a version: `aceup.scheduler.v1.SessionScheduled`. */
  readonly name: string;
  readonly position: Position;
  /** Its place in the coach's stream, from 0. */
  readonly revision: number;
  readonly event: ChangeEvent;
  readonly metadata: EventMetadata;
}

/** Which changes to tell: those that meet every condition given. */
export interface ChangeFilter {
  readonly coachHashId?: string;
  readonly clientHashId?: string;
  /** The types of the events. Undefined: all. */
  readonly types?: ReadonlySet<ChangeEvent['type']>;
}

/** What has come for a follower since its last call. */
export interface Arrival {
  /** In order of position; at least one. */
  readonly changes: readonly Change[];
  /** Everything that meets the filter, up to here (inclusive), has been told. */
  readonly position: Position;
}

/** Follows the changes for one reader. */
export interface Follower {
  /** Everything that meets the filter, up to here (inclusive), was told by `next`. It moves on while nothing comes. */
  position(): Position;
  /**
   * What has come since the last call, as soon as there is something; undefined when nothing comes in time. Throws the
   * reason of the signal once that has aborted, and `FeedEnded` once the feed has. Make one call at a time.
   * @param patience milliseconds to wait; undefined: for ever
   */
  next(patience?: number): Promise<Arrival | undefined>;
}

/** Whom to tell what. */
export interface FollowerParts {
  /** Where to begin (exclusive). */
  readonly after: Position;
  readonly filter: ChangeFilter;
  /** Ends the follower: it leaves nothing behind, whether its reader comes back or not. */
  readonly signal: AbortSignal;
  /**
   * Called once when the reader takes too long for what it got, or when too much waits for it: the follower has ended
   * then. Undefined: a slow reader gets from the log what it has missed.
   */
  readonly onTooSlow?: () => void;
}

/**
 * Tells changes as soon as a read shows them, and not before. All followers of a process share one reader of the log:
 * who is behind reads for itself until it has come up.
 */
export interface ChangeFeed {
  /**
   * How far the feed has come: it has told everything up to here (inclusive). Rejects with the reason of the signal,
   * with `FeedEnded`, and with `ReadModelUnavailable`.
   */
  position(signal: AbortSignal): Promise<Position>;
  /** Begins to follow. Rejects as `position` does. */
  follow(parts: FollowerParts): Promise<Follower>;
}

/** The feed ends, since the service stops. */
export class FeedEnded extends Error {
  override readonly name = 'FeedEnded';
}
