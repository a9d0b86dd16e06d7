import { LRUCache } from 'lru-cache';
import { type CoachEvent, type CoachState, coachStream, evolve, initialState } from '../domain/coach.js';
import { decodeEvent, decodeMetadata } from '../event-store/event-codec.js';
import { type EventStore, NO_STREAM, type Position, type Revision } from '../event-store/event-store.js';
import type { EventMetadata } from '../gen/aceup/scheduler/v1/events_pb.js';
import { RecentRequests } from './recent-requests.js';

/**
 * A coach as of a revision of its stream. Changes in place, under the coach's inbox, which handles one batch at a time.
 */
export interface Coach {
  readonly id: string;
  state: CoachState;
  revision: Revision;
  readonly recentRequests: RecentRequests;
}

/** An event with its metadata, ready to append or just read. */
export interface CoachFact {
  readonly event: CoachEvent;
  readonly metadata: EventMetadata;
}

/** The coaches in use, held in memory within a bound, or read from their streams. */
export interface CoachStates {
  /**
   * The coach, with every event that it has now when `current`; else as last seen, and other processes may have added
   * events.
   */
  load(coachHashId: string): Promise<{ readonly coach: Coach; readonly current: boolean }>;
  /** Reads what has been added to the coach's stream. Answers whether there was anything. */
  catchUp(coach: Coach): Promise<boolean>;
  /** Takes in facts just appended at the coach's revision; the last of them is at the position. */
  advance(coach: Coach, facts: readonly CoachFact[], position: Position): void;
}

/** @param maxBytes bound on the memory of all coaches held, by an estimate (see `bytesOf`) */
export function createCoachStates(store: EventStore, maxBytes: number): CoachStates {
  const cache = new LRUCache<string, Coach>({ maxSize: maxBytes, sizeCalculation: bytesOf });

  function take(coach: Coach, { event, metadata }: CoachFact, position: Position): void {
    coach.state = evolve(coach.state, event);
    coach.revision += 1n;
    if (metadata.requestId) {
      const request = { fingerprint: metadata.requestFingerprint, revision: coach.revision };
      coach.recentRequests.add(metadata.requestId, request, position);
    }
  }

  /** A coach that grew must be measured again, or the bound would not hold. */
  function measure(coach: Coach): void {
    cache.set(coach.id, coach);
  }

  async function catchUp(coach: Coach): Promise<boolean> {
    const before = coach.revision;
    for await (const page of store.read(coachStream(coach.id), coach.revision + 1n)) {
      for (const recorded of page) {
        if (recorded.revision !== coach.revision + 1n)
          throw new Error(`${recorded.stream} skips to ${recorded.revision}`);
        take(coach, { event: decodeEvent(recorded), metadata: decodeMetadata(recorded) }, recorded.position);
      }
    }
    if (coach.revision === before) return false;
    measure(coach);
    return true;
  }

  return {
    async load(coachHashId) {
      const cached = cache.get(coachHashId);
      if (cached) return { coach: cached, current: false };

      const coach = { id: coachHashId, state: initialState, revision: NO_STREAM, recentRequests: new RecentRequests() };
      await catchUp(coach);
      return { coach, current: true };
    },

    catchUp,

    advance(coach, facts, position) {
      for (const fact of facts) take(coach, fact, position);
      measure(coach);
    },
  };
}

// Rough sizes of V8 objects on a 64-bit machine: an interval with two boxed doubles and its reference; a request with
// its strings.
const INTERVAL_BYTES = 80;
const REQUEST_BYTES = 300;
const COACH_BYTES = 1_000;

function bytesOf({ state, recentRequests }: Coach): number {
  return COACH_BYTES + INTERVAL_BYTES * state.calendar.size + REQUEST_BYTES * recentRequests.size;
}
