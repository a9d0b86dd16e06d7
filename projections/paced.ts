import type { EventStore } from '../src/event-store/event-store.js';

// More events than this are worth a transaction of their own. A log that is far ahead comes in larger batches.
const LARGE = 250;

/**
 * The same log with a rest after each batch that is not large: what comes meanwhile is read, and written, together.
 * @param rest resolves when the next batch may be read, and at once when the signal aborts
 */
export function paced(
  log: Pick<EventStore, 'subscribe'>,
  rest: (signal: AbortSignal) => Promise<void>,
): Pick<EventStore, 'subscribe'> {
  return {
    async *subscribe(from, filter, signal) {
      for await (const batch of log.subscribe(from, filter, signal)) {
        yield batch;
        if (batch.events.length < LARGE) await rest(signal);
      }
    },
  };
}
