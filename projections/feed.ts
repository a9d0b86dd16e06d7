import type { EventStore, Position, RecordedEvent } from '../src/event-store/event-store.js';
import type { Change, Changes, Projection } from './projection.js';
import type { AnyRow, Table } from './table.js';

/** What has arrived for a projection since it asked last. */
export interface Arrival {
  /** Empty when nothing concerned the projection. */
  readonly changes: Changes;
  /** The changes of all events at or before it have been delivered. */
  readonly position: Position;
}

/** Gathers what a subscription brings while the projection is busy writing. */
export interface Feed {
  /**
   * What has arrived since the last call, as soon as there is something; undefined when nothing has come within the
   * time given. What comes before an event that cannot be read is delivered first; then this throws `UnreadableEvent`.
   * Throws the signal's reason once it has aborted. One call at a time.
   * @param patience milliseconds; for ever when undefined
   */
  next(patience?: number): Promise<Arrival | undefined>;
}

/** An event that the projection cannot read. It is not skipped: the projection stands still before it. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';

  constructor({ id, type, stream, position }: RecordedEvent, cause: unknown) {
    super(`cannot read event ${id} (${type}) at position ${position} of the log, in stream ${stream}`, { cause });
  }
}

/**
 * Follows the log for a projection from a position (exclusive) until the signal aborts, which it must in the end.
 * @param limit changes that may wait, more or less: then the subscription waits too
 */
export function openFeed(
  store: Pick<EventStore, 'subscribe'>,
  projection: Projection,
  from: Position,
  limit: number,
  signal: AbortSignal,
): Feed {
  let changes = new Map<Table, AnyRow[]>();
  let waiting = 0;
  let position = from;
  let delivered = from;
  let failure: { readonly reason: unknown } | undefined;
  let wakeReader = () => {};
  let goOn = () => {};

  async function gather(): Promise<void> {
    for await (const batch of store.subscribe(from, projection.streams, signal)) {
      for (const event of batch.events) {
        for (const change of read(projection, event)) add(change);
        position = event.position;
      }
      position = batch.position;
      wakeReader();
      if (waiting >= limit) {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
    }
    signal.throwIfAborted();
    throw new Error('the subscription ended by itself');
  }

  function add({ table, row }: Change): void {
    const ofTable = changes.get(table);
    if (ofTable) ofTable.push(row);
    else changes.set(table, [row]);
    waiting += 1;
  }

  function fail(reason: unknown): void {
    failure ??= { reason };
    wakeReader();
    goOn();
  }

  gather().catch(fail);
  signal.addEventListener('abort', () => fail(signal.reason), { once: true });

  function arrival(patience: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = patience === undefined ? undefined : setTimeout(() => wakeReader(), patience);
      wakeReader = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    async next(patience) {
      signal.throwIfAborted();
      if (position === delivered && !failure) await arrival(patience);
      if (position === delivered && failure) throw failure.reason;
      if (position === delivered) return undefined;

      const arrived = { changes, position };
      changes = new Map();
      waiting = 0;
      delivered = position;
      goOn();
      return arrived;
    },
  };
}

/** What the event changes: all of it, or an error. */
function read(projection: Projection, event: RecordedEvent): readonly Change[] {
  try {
    return projection.changesOf(event);
  } catch (error) {
    throw new UnreadableEvent(event, error);
  }
}
