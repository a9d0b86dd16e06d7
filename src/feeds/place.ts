import type { Change } from '../application/change-feed.js';
import { coachStream } from '../domain/coach/coach.js';
import type { EventStore, Position } from '../event-store/event-store.js';

/**
 * Where a feed has come to, by a change that it had last. A position belongs to one log; the id of the event, and its
 * place in the coach's stream, are the same in a copy.
 */
export interface Place {
  readonly position: Position;
  /** The id of the event. */
  readonly id: string;
  readonly coachHashId: string;
  readonly revision: number;
}

/** The place of a change. */
export function placeOf({ position, id, revision, event: { coachHashId } }: Change): Place {
  return { position, id, coachHashId, revision };
}

/** The log has no such change: it is another log, or an earlier state of the one that had it. */
export class NotInThisLog extends Error {
  override readonly name = 'NotInThisLog';

  constructor({ id, coachHashId, revision }: Place) {
    super(
      `the log has no event ${id} at revision ${revision} of coach ${coachHashId}: it is another log than the one that was ` +
        'told before, or was restored to an earlier state; see docs/feeds.md',
    );
  }
}

/**
 * The position that a change has in this log, whichever log its place is of. Throws `NotInThisLog`, and
 * `StoreUnavailable`.
 */
export async function positionOf(place: Place, store: Pick<EventStore, 'read'>): Promise<Position> {
  for await (const [event] of store.read(coachStream(place.coachHashId), BigInt(place.revision))) {
    if (event?.id === place.id) return event.position;
    break;
  }
  throw new NotInThisLog(place);
}
