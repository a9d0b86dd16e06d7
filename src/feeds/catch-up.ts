import type { LimitFunction } from 'p-limit';
import type { ChangeFilter } from '../application/change-feed.js';
import { COACH_STREAM_PREFIX } from '../domain/coach/coach.js';
import type { Batch, EventStore, Position } from '../event-store/event-store.js';
import { linkedSignal } from '../waiting.js';

/** What lies between a follower and the newest changes. */
export interface CatchUp {
  /** What comes next, in order, and how far it reaches. */
  next(): Promise<Batch>;
  /** To be called at the end, however often. */
  stop(): void;
}

/**
 * Reads the log after a position (exclusive) for one follower, page by page, as the follower asks for them.
 * @param filter of whom: it may answer others too
 * @param limit bounds how many followers read at once
 * @param signal ends the reading
 */
export function startCatchUp(
  store: Pick<EventStore, 'subscribe'>,
  after: Position,
  { coachHashId = '' }: ChangeFilter,
  limit: LimitFunction,
  signal: AbortSignal,
): CatchUp {
  const until = linkedSignal(signal);
  // The log leaves other coaches out, but for those whose ids begin so too.
  const ofCoach = { prefixes: [`${COACH_STREAM_PREFIX}${coachHashId}`] };
  const batches = store.subscribe(after, ofCoach, until.signal, 'in turns')[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await limit(() => batches.next());
      signal.throwIfAborted();
      if (done) throw new Error('the subscription ended unexpectedly');
      return value;
    },
    stop: () => until.end(),
  };
}

/** The streams whose events make changes. */
export const COACHES = { prefixes: [COACH_STREAM_PREFIX] };
