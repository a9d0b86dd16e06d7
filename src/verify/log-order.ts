import { type RecordedEvent, START } from '../event-store/event-store.js';
import type { Faults } from './faults.js';
import { createIdSet } from './id-set.js';

/** Checks that the log is whole: nothing is missing, twice, or in another place. */
export interface LogOrder {
  readonly events: number;
  readonly streams: number;
  check(event: RecordedEvent): void;
}

/** @param hasGaps whether the store leaves gaps between positions */
export function checkLogOrder(hasGaps: boolean, faults: Faults): LogOrder {
  const ids = createIdSet();
  const lastRevisions = new Map<string, bigint>();
  let lastPosition = START;
  let events = 0;

  return {
    get events() {
      return events;
    },
    get streams() {
      return lastRevisions.size;
    },
    check({ id, stream, revision, position }) {
      events += 1;
      const at = { position, stream, revision: Number(revision) };
      if (position <= lastPosition) {
        faults.add({ ...at, what: `the position does not follow position ${lastPosition}` });
      } else if (!hasGaps && position !== lastPosition + 1n) {
        const missing = position - lastPosition - 1n;
        faults.add({ ...at, what: `${missing} events are missing before it: the position before is ${lastPosition}` });
      }
      const expected = (lastRevisions.get(stream) ?? -1n) + 1n;
      if (revision !== expected) faults.add({ ...at, what: `the stream's next revision is ${expected}` });
      if (!ids.add(id)) faults.add({ ...at, what: `the id of the event, ${id}, is that of an earlier event` });
      lastPosition = position;
      lastRevisions.set(stream, revision);
    },
  };
}
