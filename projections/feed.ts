import type { EventStore, Position, RecordedEvent } from '../src/event-store/event-store.js';
import { createBell } from '../src/waiting.js';
import type { Change, Changes, Projection } from './projection.js';
import type { Table } from './table.js';

/** The part of the event store that a projection follows. */
export type EventLog = Pick<EventStore, 'subscribe'>;

/** What has arrived for a projection since its last call. */
export interface Arrival {
  /** Empty when no event concerned the projection. */
  readonly changes: Changes;
  /** The changes of all events up to here (inclusive) have been delivered. */
  readonly position: Position;
}

/** Gathers what a subscription delivers while the projection is busy writing. */
export interface Feed {
  /**
   * What has arrived since the last call, as soon as there is something; undefined when nothing arrives in time. The
   * changes before an event that cannot be read are delivered first; then every call throws `UnreadableEvent`. Throws
   * the signal's reason after the signal has aborted. Make one call at a time.
   * @param patience milliseconds to wait; undefined: for ever
   */
  next(patience?: number): Promise<Arrival | undefined>;
}

/** An event that the projection cannot read. The projection does not skip it, but stops before it. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';

  constructor({ id, type, stream, position }: RecordedEvent, cause: unknown) {
    super(`cannot read event ${id} (${type}) at position ${position} of the log, in stream ${stream}`, { cause });
  }
}

/**
 * Follows the log for a projection from a position (exclusive) until the signal aborts, which it must in the end.
 * @param limit about how many changes may wait: from there on the subscription waits too
 */
export function openFeed(
  eventLog: EventLog,
  projection: Projection,
  from: Position,
  limit: number,
  signal: AbortSignal,
): Feed {
  let changes = new Map<Table, Change[]>();
  let waiting = 0;
  let position = from;
  let delivered = from;
  let failure: { readonly reason: unknown } | undefined;
  const arrived = createBell();
  const taken = createBell();

  async function gather(): Promise<void> {
    for await (const batch of eventLog.subscribe(from, projection.streams, signal)) {
      for (const event of batch.events) {
        for (const change of changesOf(projection, event)) add(change);
        position = event.position;
      }
      position = batch.position;
      arrived.ring();
      if (waiting >= limit) await taken.wait();
    }
    signal.throwIfAborted();
    throw new Error('the subscription ended unexpectedly');
  }

  function add(change: Change): void {
    const ofTable = changes.get(change.table);
    if (ofTable) ofTable.push(change);
    else changes.set(change.table, [change]);
    waiting += 1;
  }

  function fail(reason: unknown): void {
    failure ??= { reason };
    arrived.ring();
    taken.ring();
  }

  gather().catch(fail);
  signal.addEventListener('abort', () => fail(signal.reason), { once: true });

  return {
    async next(patience) {
      signal.throwIfAborted();
      if (position === delivered && !failure) await arrived.wait(patience);
      if (position === delivered && failure) throw failure.reason;
      if (position === delivered) return undefined;

      const arrival = { changes, position };
      changes = new Map();
      waiting = 0;
      delivered = position;
      taken.ring();
      return arrival;
    },
  };
}

/** All that the event changes. Throws `UnreadableEvent`. */
export function changesOf(projection: Projection, event: RecordedEvent): readonly Change[] {
  try {
    return projection.changesOf(event);
  } catch (error) {
    throw new UnreadableEvent(event, error);
  }
}

/** After a batch of at least so many events there is no rest: the log is far ahead, and its batches are large. */
const LARGE = 250;

/**
 * The same log with a rest after each small batch, so that the events that come meanwhile are read and written
 * together.
 * @param rest resolves when the next batch may be read, and at once when the signal aborts
 */
export function paced(eventLog: EventLog, rest: (signal: AbortSignal) => Promise<void>): EventLog {
  return {
    async *subscribe(from, filter, signal) {
      for await (const batch of eventLog.subscribe(from, filter, signal)) {
        yield batch;
        if (batch.events.length < LARGE) await rest(signal);
      }
    },
  };
}
