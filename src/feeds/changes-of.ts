import { type Change, isTold } from '../application/change-feed.js';
import { coachEvents, decodeMetadata } from '../event-store/event-codec.js';
import type { RecordedEvent } from '../event-store/event-store.js';

/** The changes that events of coaches' streams make. Throws for an event that this version cannot read. */
export function changesOf(events: readonly RecordedEvent[]): Change[] {
  return events.flatMap((recorded) => {
    const event = coachEvents.decode(recorded);
    if (!isTold(event)) return [];
    const { id, type: name, position, revision } = recorded;
    return { id, name, position, revision: Number(revision), event, metadata: decodeMetadata(recorded) };
  });
}
