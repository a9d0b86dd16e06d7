/**
 * The event store port: what the application needs of a store of events, and what every adapter promises.
 * test/contract/event-store.contract.ts states the same promises as tests.
 */

/** A stream's last revision, counted from 0; `NO_STREAM` when it has no event. */
export type Revision = bigint;

/** The revision of a stream that has no event. */
export const NO_STREAM: Revision = -1n;

/**
 * Where an event stands in the whole log. Grows with every event of the log, in the order in which events became
 * visible; adapters may leave gaps. `START` is before the first event.
 */
export type Position = bigint;

/** The position before the first event. */
export const START: Position = 0n;

/** The revision that the stream must have for the append to happen; `'any'`: whatever it has. */
export type ExpectedRevision = Revision | 'any';

/** A value that JSON can carry. Text must not contain U+0000: a store may refuse it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** An event to append. */
export interface NewEvent {
  /** A UUID in lower case. The same id appended again at the same revision is the same event. */
  readonly id: string;
  /** The name of the stored message with its version, such as `aceup.scheduler.v1.SessionScheduled`. */
  readonly type: string;
  /** The text of a JSON object. */
  readonly data: string;
  /** The text of a JSON object. */
  readonly metadata: string;
}

/** An event of the log. */
export interface RecordedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  readonly stream: string;
  /** Its place in its stream: the first is 0, without gaps. */
  readonly revision: Revision;
  readonly position: Position;
  /** When the store wrote it, in epoch milliseconds by the store's clock. Not a basis for decisions. */
  readonly recordedAt: number;
}

/** What became of an append: a conflict is a value, for the caller to read again and decide again. */
export type AppendResult =
  | {
      readonly outcome: 'appended';
      /** Revision and position of the last event appended. */
      readonly revision: Revision;
      readonly position: Position;
    }
  | {
      readonly outcome: 'conflict';
      /** The stream's revision when the append was refused. Nothing was written. */
      readonly actual: Revision;
    };

/** Which streams a subscription follows: those whose names begin with one of the prefixes. */
export interface StreamFilter {
  readonly prefixes: readonly string[];
}

/**
 * Whether a subscription reads on while the consumer works on what it had, so that both are sooner at the end of a long
 * log, or only when the consumer wants more, and in smaller batches, so that others are served meanwhile. An adapter may
 * ignore it.
 */
export type Pace = 'ahead' | 'in turns';

/** What a subscription delivers at a time. */
export interface Batch {
  /** In order of position, all matching the filter. May be empty. */
  readonly events: readonly RecordedEvent[];
  /**
   * Every matching event at or before this position has been delivered, with this batch or before. It never goes back,
   * and it moves on while nothing matches: a good checkpoint.
   */
  readonly position: Position;
}

/** Events for one stream, and the revision that they follow. */
export interface StreamAppend {
  readonly stream: string;
  readonly expected: Revision;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

export interface EventStore {
  /**
   * Appends the events, all or none, durable when the promise resolves.
   *
   * Sent again with the same event ids and the same exact expected revision, it answers what it answered the first
   * time, as long as those events are in the stream; with `'any'` this holds for a recent append only.
   *
   * Throws `StoreUnavailable` when the store is unavailable, or does not answer within the adapter's own time limit; the
   * events may then have been written, or yet be.
   * @param events at least one
   */
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendResult>;

  /**
   * Makes many appends at once, all or none, so that the log has their events in this order; a stream may occur again
   * and again. Answers false, and writes nothing, when one of them does not fit: then append one after the other, to
   * learn which. Throws `StoreUnavailable`, as `append` does, and what the store throws at events that it refuses.
   *
   * Undefined for a store that cannot: KurrentDB.
   */
  appendAll?: ((appends: readonly StreamAppend[]) => Promise<boolean>) | undefined;

  /**
   * Finds out whether events can be appended, and leaves none. Throws `StoreUnavailable` when they cannot. KurrentDB only
   * says whether the leader answers appends: it writes nothing to find out.
   */
  tryAppend(): Promise<void>;

  /**
   * Reads a stream forwards from a revision (inclusive) to its end as of the call, in pages. A stream that does not
   * exist has no events. Throws `StoreUnavailable`.
   */
  read(stream: string, from?: Revision): AsyncIterable<readonly RecordedEvent[]>;

  /**
   * The position of the last event of the log: everything acknowledged before the call is at or before it. Throws
   * `StoreUnavailable`.
   */
  head(): Promise<Position>;

  /**
   * Follows the log from a position (exclusive) for ever: first what is there, then what comes. No matching event is
   * skipped or comes twice, whatever writers race, and the subscription outlives lost connections: it waits for the
   * store and continues where it was. Ends when `signal` aborts, without an error.
   * @param pace default `'ahead'`
   */
  subscribe(from: Position, filter: StreamFilter, signal: AbortSignal, pace?: Pace): AsyncIterable<Batch>;

  /** Closes all connections. Calls under way may fail with `StoreUnavailable`. */
  close(): Promise<void>;
}

/** The store could not be asked, or did not answer in time: the caller may try again. */
export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable';
}

/**
 * The store answers, and refuses what is right: somebody has changed it, or it is damaged. Its cause is what the store
 * answered. The caller may try again, which may help once an operator has mended the store.
 */
export class StoreOutOfOrder extends StoreUnavailable {
  override readonly name = 'StoreOutOfOrder';
}
