import { LRUCache } from 'lru-cache';
import { decodeMetadata, type EventCodec } from '../../event-store/event-codec.js';
import {
  type EventStore,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  type Revision,
} from '../../event-store/event-store.js';
import type { EventMetadata } from '../../gen/aceup/scheduler/v1/events_pb.js';
import { RecentRequests } from './recent-requests.js';
import type { SnapshotKeeper } from '../snapshots/snapshot-keeper.js';

/** What makes an aggregate of events: pure functions of the domain, and where its events are. */
export interface AggregateKind<State, Event> {
  readonly streamOf: (id: string) => string;
  readonly events: EventCodec<Event>;
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  /** An estimate of the memory that a state takes. */
  readonly bytesOf: (state: State) => number;
}

/**
 * An aggregate as of a revision of its stream. Changes in place, under the aggregate's inbox, which handles one batch at
 * a time.
 */
export interface Aggregate<State> {
  readonly id: string;
  state: State;
  revision: Revision;
  readonly recentRequests: RecentRequests;
}

/** An event with its metadata, ready to append or just read. */
export interface Fact<Event> {
  readonly event: Event;
  readonly metadata: EventMetadata;
}

/** The aggregates in use, held in memory within a bound, or read from their streams. */
export interface Aggregates<State, Event> {
  /**
   * The aggregate, with every event that it has now when `current`; else as last seen, and other processes may have
   * added events.
   */
  load(id: string): Promise<{ readonly aggregate: Aggregate<State>; readonly current: boolean }>;
  /** Reads what has been added to the aggregate's stream. Answers whether there was anything. */
  catchUp(aggregate: Aggregate<State>): Promise<boolean>;
  /** Takes in facts just appended at the aggregate's revision; the last of them is at the position. */
  advance(aggregate: Aggregate<State>, facts: readonly Fact<Event>[], position: Position): void;
}

/**
 * @param maxBytes bound on the memory of all aggregates held, by an estimate
 * @param keeper what spares reading long streams from their first event on; without it they are read so
 */
export function createAggregates<State, Event>(
  kind: AggregateKind<State, Event>,
  store: EventStore,
  maxBytes: number,
  keeper?: SnapshotKeeper<State>,
): Aggregates<State, Event> {
  const cache = new LRUCache<string, Aggregate<State>>({ maxSize: maxBytes, sizeCalculation: bytesOf });

  function take(aggregate: Aggregate<State>, { event, metadata }: Fact<Event>, position: Position): void {
    aggregate.state = kind.evolve(aggregate.state, event);
    aggregate.revision += 1n;
    if (metadata.requestId) {
      const request = { fingerprint: metadata.requestFingerprint, revision: aggregate.revision };
      aggregate.recentRequests.add(metadata.requestId, request, position);
    }
  }

  function takeRecorded(aggregate: Aggregate<State>, recorded: RecordedEvent): void {
    if (recorded.revision !== aggregate.revision + 1n)
      throw new Error(`${recorded.stream} skips to ${recorded.revision}`);
    take(aggregate, { event: kind.events.decode(recorded), metadata: decodeMetadata(recorded) }, recorded.position);
  }

  function bytesOf({ state, recentRequests }: Aggregate<State>): number {
    return AGGREGATE_BYTES + kind.bytesOf(state) + REQUEST_BYTES * recentRequests.size;
  }

  /** An aggregate that grew must be measured again, or the bound would not hold. */
  function measure(aggregate: Aggregate<State>): void {
    cache.set(aggregate.id, aggregate);
    keeper?.consider(aggregate);
  }

  async function catchUp(aggregate: Aggregate<State>): Promise<boolean> {
    const before = aggregate.revision;
    for await (const page of store.read(kind.streamOf(aggregate.id), aggregate.revision + 1n)) {
      for (const recorded of page) takeRecorded(aggregate, recorded);
    }
    if (aggregate.revision === before) return false;
    measure(aggregate);
    return true;
  }

  /** The aggregate by its snapshot and the events after it; undefined when there is none that the log bears out. */
  async function resume(id: string): Promise<Aggregate<State> | undefined> {
    const kept = await keeper?.find(id);
    if (!kept) return undefined;

    const { aggregate, isAt } = kept;
    let borneOut = false;
    for await (const page of store.read(kind.streamOf(id), aggregate.revision)) {
      for (const recorded of page) {
        if (borneOut) takeRecorded(aggregate, recorded);
        else if (!isAt(recorded)) return undefined;
        borneOut = true;
      }
    }
    if (borneOut) measure(aggregate);
    return borneOut ? aggregate : undefined;
  }

  return {
    async load(id) {
      const cached = cache.get(id);
      if (cached) return { aggregate: cached, current: false };
      const resumed = await resume(id);
      if (resumed) return { aggregate: resumed, current: true };

      const aggregate = { id, state: kind.initial, revision: NO_STREAM, recentRequests: new RecentRequests() };
      await catchUp(aggregate);
      return { aggregate, current: true };
    },

    catchUp,

    advance(aggregate, facts, position) {
      for (const fact of facts) take(aggregate, fact, position);
      measure(aggregate);
    },
  };
}

// Rough sizes of V8 objects on a 64-bit machine: a request with its strings, an aggregate without its state.
const REQUEST_BYTES = 300;
const AGGREGATE_BYTES = 800;
