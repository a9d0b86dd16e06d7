import type { Batch, EventStore, Position, RecordedEvent, StreamFilter } from '../../src/event-store/event-store.js';

/** A subscription that runs beside the test and keeps what it delivers. */
export interface Follower {
  readonly events: readonly RecordedEvent[];
  readonly batches: readonly Batch[];
  /** The position of the last batch, or where the subscription began. */
  readonly position: Position;
  /**
   * Resolves when the condition holds; it is asked after every batch. Rejects when the subscription fails or ends
   * before.
   */
  until(condition: () => boolean): Promise<void>;
  /** Aborts the subscription. Rejects when it does not end without an error. */
  stop(): Promise<void>;
}

/** Follows the log of a store from a position on. */
export function follow(store: EventStore, from: Position, ...prefixes: string[]): Follower {
  const filter: StreamFilter = { prefixes };
  const abort = new AbortController();
  const events: RecordedEvent[] = [];
  const batches: Batch[] = [];
  let position = from;
  let check = () => {};

  const running = (async () => {
    for await (const batch of store.subscribe(from, filter, abort.signal)) {
      batches.push(batch);
      events.push(...batch.events);
      position = batch.position;
      check();
    }
  })();
  // `until` and `stop` report it.
  running.catch(() => {});

  return {
    events,
    batches,
    get position() {
      return position;
    },
    until: (condition) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (condition()) resolve();
        };
        check();
        running.then(() => reject(new Error('the subscription ended')), reject);
      }),
    stop: () => {
      abort.abort();
      return running;
    },
  };
}

/** All events of a stream from a revision on, by however many pages. */
export async function readAll(store: EventStore, stream: string, from?: bigint): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.read(stream, from)) events.push(...page);
  return events;
}
