import { COACH_STREAM_PREFIX } from '../domain/coach/coach.js';
import type { SessionRescheduled, SessionScheduled } from '../domain/coach/events.js';
import { coachEvents } from '../event-store/event-codec.js';
import type { Batch, EventStore, Position } from '../event-store/event-store.js';
import { SessionRescheduledSchema, SessionScheduledSchema } from '../gen/aceup/scheduler/v1/events_pb.js';
import { pauseQuietly, waitAtMost } from '../waiting.js';

/** A session that was booked or moved. Times are epoch milliseconds. */
export interface Placement {
  readonly sessionId: string;
  readonly coachHashId: string;
  readonly start: number;
  /** When the session was booked or moved. */
  readonly placedAt: number;
}

/** What was booked and moved since the last call. */
export interface Placements {
  readonly placed: readonly Placement[];
  /** Up to here (inclusive) of the log. */
  readonly position: Position;
}

/** Other events are not decoded. */
const PLACING: ReadonlySet<string> = new Set([SessionScheduledSchema.typeName, SessionRescheduledSchema.typeName]);

/** A batch of at least so many events is large: the log is far ahead. */
const LARGE = 250;

/**
 * Follows what is booked and moved from a position (exclusive). The function answers what came next, or undefined when
 * nothing comes within so many milliseconds. It throws what the store throws, and the signal's reason once that aborts.
 * @param rest milliseconds after a small batch: what comes meanwhile is read together
 */
export function followPlacements(
  store: Pick<EventStore, 'subscribe'>,
  from: Position,
  rest: number,
  signal: AbortSignal,
): (patience: number) => Promise<Placements | undefined> {
  const batches = store.subscribe(from, { prefixes: [COACH_STREAM_PREFIX] }, signal)[Symbol.asyncIterator]();
  let awaited: Promise<IteratorResult<Batch>> | undefined;
  let isThere = false;
  let isRare = false;

  function next(after: number): Promise<IteratorResult<Batch>> {
    const batch = pauseQuietly(after, signal)
      .then(() => batches.next())
      .finally(() => {
        isThere = true;
      });
    // It is awaited by a later call.
    batch.catch(() => {});
    return batch;
  }

  return async (patience) => {
    signal.throwIfAborted();
    awaited ??= next(isRare ? rest : 0);
    await waitAtMost(patience, awaited);
    signal.throwIfAborted();
    if (!isThere) return undefined;
    const { done, value } = await awaited;
    if (done) throw new Error('the subscription ended unexpectedly');
    awaited = undefined;
    isThere = false;
    isRare = value.events.length < LARGE;
    return placementsIn(value);
  };
}

function placementsIn({ events, position }: Batch): Placements {
  const placing = events.filter(({ type }) => PLACING.has(type)).map((recorded) => coachEvents.decode(recorded));
  return { placed: placing.map((event) => placementOf(event as SessionScheduled | SessionRescheduled)), position };
}

function placementOf(event: SessionScheduled | SessionRescheduled): Placement {
  const { sessionId, coachHashId, start } = event;
  const placedAt = event.type === 'SessionScheduled' ? event.scheduledAt : event.rescheduledAt;
  return { sessionId, coachHashId, start, placedAt };
}
