import { LRUCache } from 'lru-cache';
import { NotLoaded, type SortedList } from '../../domain/sorted-list.js';
import { decodeMetadata, type EventCodec } from '../../event-store/event-codec.js';
import {
  type EventStore,
  NO_STREAM,
  type Position,
  type RecordedEvent,
  type Revision,
} from '../../event-store/event-store.js';
import { requestKeyOf } from '../../event-store/request-key.js';
import type { EventMetadata } from '../../gen/aceup/scheduler/v1/events_pb.js';
import { RecentRequests } from './recent-requests.js';

/** What makes an aggregate of events: pure functions of the domain, and the stream that has its events. */
export interface AggregateKind<State, Event> {
  readonly streamOf: (id: string) => string;
  readonly events: EventCodec<Event>;
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
  /** An estimate of the memory that a state takes. */
  readonly bytesOf: (state: State) => number;
  /**
   * Whether most aggregates that are not in memory have no event yet. The first decision about one is then made against
   * the initial state, and its stream is read only if the append finds events there, or if nothing is appended.
   */
  readonly isOftenNew?: boolean;
}

/** An aggregate as of a revision of its stream. Only `Aggregates` changes it. */
export interface Aggregate<State> {
  readonly id: string;
  state: State;
  revision: Revision;
  readonly recentRequests: RecentRequests;
}

/** An event with its metadata, to append or just read. */
export interface Fact<Event> {
  readonly event: Event;
  readonly metadata: EventMetadata;
}

/** A decision about an aggregate. */
export interface Decided<State, Event> {
  /** The facts to append together, after the revision that was decided against. None: nothing changes. */
  readonly facts: readonly Fact<Event>[];
  /** The state that follows the facts. */
  readonly state: State;
  /** Without facts: whether the decision holds whatever other processes have appended since. */
  readonly isFinal: boolean;
}

/** What became of a decision. */
export type Transacted<State, Decision> =
  | {
      readonly kind: 'done';
      readonly decision: Decision;
      /** As the decision left it. */
      readonly aggregate: Aggregate<State>;
      /** The position of the last fact; undefined when there was none. */
      readonly position: Position | undefined;
    }
  /** Other processes were faster every time. Nothing was written. */
  | { readonly kind: 'contended' };

/** The aggregates of a kind: held in memory within a bound, or read from their streams. */
export interface Aggregates<State, Event> {
  /**
   * Decides about an aggregate and makes the facts durable. When another process has appended to the stream since, the
   * new events are read and `decide` is asked again: each attempt counts, and a decision that changes nothing is
   * answered only against the latest state. When `decide` throws `NotLoaded`, it is asked again with the parts of the
   * state that it needs. One call at a time for each aggregate; see `createInbox`.
   *
   * Throws what `decide` throws, and `StoreUnavailable`; then the facts may have been written, or yet be.
   */
  transact<Decision extends Decided<State, Event>>(
    id: string,
    decide: (aggregate: Aggregate<State>) => Decision | Promise<Decision>,
  ): Promise<Transacted<State, Decision>>;
}

/** Keeps states of aggregates, so that not every stream must be read from its first event on. */
export interface StateSource<State> {
  /** The aggregate as it once was, if the source has it. Parts of it may be absent from memory. Never rejects. */
  find(id: string): Promise<EarlierState<State> | undefined>;
  /** Loads absent parts of the aggregate's state. Answers false when one of them is lost. Never rejects. */
  load(aggregate: Aggregate<State>, absent: readonly SortedList<unknown>[]): Promise<boolean>;
  /**
   * Called with an aggregate while its events are being read, between two commands: a chance to keep its state before
   * it takes too much memory. Never rejects.
   */
  relieve(aggregate: Aggregate<State>): Promise<void>;
  /**
   * Called with an aggregate whenever it has changed: a chance to keep its state, and to take parts of it out of memory.
   * @param forget has the aggregate loaded anew when it is wanted next
   */
  consider(aggregate: Aggregate<State>, forget: (aggregate: Aggregate<State>) => void): void;
}

/** An aggregate as it once was. It can be used only if the event that it was kept at is in the stream. */
export interface EarlierState<State> {
  readonly aggregate: Aggregate<State>;
  /** Whether this is the event that the state was kept at. */
  isAt(recorded: RecordedEvent): boolean;
}

/** What aggregates are made of. */
export interface AggregatesParts<State, Event> {
  readonly kind: AggregateKind<State, Event>;
  readonly store: EventStore;
  /** Gives ids for events. */
  readonly newId: () => string;
  /** The most memory that all aggregates in the cache may take, by an estimate. */
  readonly maxBytes: number;
  /** Without it every stream is read from its first event on. */
  readonly states?: StateSource<State> | undefined;
  /** How often a decision is made before it gives up against other processes. Default 20. */
  readonly maxAttempts?: number;
}

/** Aggregates over a store of events. */
export function createAggregates<State, Event>(parts: AggregatesParts<State, Event>): Aggregates<State, Event> {
  const { kind, store, newId, maxBytes, states, maxAttempts = 20 } = parts;
  const cache = new LRUCache<string, { readonly aggregate: Aggregate<State> }>({
    maxSize: maxBytes,
    sizeCalculation: ({ aggregate }) => bytesOf(aggregate),
  });

  /** The aggregate with every event of its stream, from an earlier state when there is one that can be used. */
  async function load(id: string): Promise<Aggregate<State>> {
    try {
      return (await resume(id)) ?? (await loadFromEvents(id));
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      return loadFromEvents(id);
    }
  }

  async function loadFromEvents(id: string): Promise<Aggregate<State>> {
    const aggregate = beginning(id);
    await catchUp(aggregate);
    return aggregate;
  }

  /** The aggregate before its first event. */
  function beginning(id: string): Aggregate<State> {
    return { id, state: kind.initial, revision: NO_STREAM, recentRequests: new RecentRequests() };
  }

  /** The aggregate by an earlier state and the events after it; undefined when the stream does not have that state. */
  async function resume(id: string): Promise<Aggregate<State> | undefined> {
    const earlier = await states?.find(id);
    if (!earlier) return undefined;

    const { aggregate, isAt } = earlier;
    let isInStream = false;
    for await (const page of store.read(kind.streamOf(id), aggregate.revision)) {
      const [first] = page;
      if (!isInStream && !(first && isAt(first))) return undefined;
      await evolveAll(aggregate, isInStream ? page : page.slice(1));
      isInStream = true;
    }
    if (!isInStream) return undefined;
    changed(aggregate);
    return aggregate;
  }

  /**
   * Reads what has been appended to the aggregate's stream. Answers whether there was anything. Throws `NotLoaded` when
   * a part of the state is lost.
   */
  async function catchUp(aggregate: Aggregate<State>): Promise<boolean> {
    const before = aggregate.revision;
    for await (const page of store.read(kind.streamOf(aggregate.id), aggregate.revision + 1n)) {
      await evolveAll(aggregate, page);
    }
    if (aggregate.revision === before) return false;
    changed(aggregate);
    return true;
  }

  /** Moves the aggregate on by events, loading what they need of its state. Throws `NotLoaded` when that is lost. */
  async function evolveAll(aggregate: Aggregate<State>, events: readonly RecordedEvent[]): Promise<void> {
    if (states && events[0] && !isOfLastCommand(events[0], aggregate)) await states.relieve(aggregate);
    for (let at = 0; at < events.length; ) {
      try {
        evolve(aggregate, events[at] as RecordedEvent);
        at += 1;
      } catch (error) {
        if (!(await loadAbsent(aggregate, error))) throw error;
      }
    }
  }

  /** Loads the parts of the state that a `NotLoaded` names. Answers false when one is lost. Throws any other error. */
  async function loadAbsent(aggregate: Aggregate<State>, error: unknown): Promise<boolean> {
    if (!(error instanceof NotLoaded)) throw error;
    return (await states?.load(aggregate, error.parts)) ?? false;
  }

  function evolve(aggregate: Aggregate<State>, recorded: RecordedEvent): void {
    const { stream, revision, position } = recorded;
    if (revision !== aggregate.revision + 1n) throw new Error(`${stream} skips to ${revision}`);
    aggregate.state = kind.evolve(aggregate.state, kind.events.decode(recorded));
    aggregate.revision = revision;
    noteRequest(aggregate, decodeMetadata(recorded), position);
  }

  /** Whether an event may belong to the same command as the one before it. */
  function isOfLastCommand(recorded: RecordedEvent, { recentRequests }: Aggregate<State>): boolean {
    return recentRequests.find(requestKeyOf(decodeMetadata(recorded))) !== undefined;
  }

  function append({ id, revision }: Aggregate<State>, facts: readonly Fact<Event>[]) {
    const events = facts.map(({ event, metadata }) => kind.events.encode(newId(), event, metadata));
    return store.append(kind.streamOf(id), revision, events);
  }

  /** Moves the aggregate on by a decision whose facts were appended: the decision knows the state that follows. */
  function advance(aggregate: Aggregate<State>, { facts, state }: Decided<State, Event>, position: Position): void {
    aggregate.state = state;
    for (const { metadata } of facts) {
      aggregate.revision += 1n;
      noteRequest(aggregate, metadata, position);
    }
    changed(aggregate);
  }

  function noteRequest({ recentRequests, revision }: Aggregate<State>, metadata: EventMetadata, position: Position) {
    const key = requestKeyOf(metadata);
    if (key) recentRequests.add(key, { fingerprint: metadata.requestFingerprint, revision }, position);
  }

  /** Measures the aggregate again, which may have grown: else the bound on memory would not hold. */
  function changed(aggregate: Aggregate<State>): void {
    // In an object of its own each time: of the same one, the cache would keep the former size.
    cache.set(aggregate.id, { aggregate });
    states?.consider(aggregate, forget);
  }

  function forget({ id }: Aggregate<State>): void {
    cache.delete(id);
  }

  function bytesOf({ state, recentRequests }: Aggregate<State>): number {
    return AGGREGATE_BYTES + kind.bytesOf(state) + REQUEST_BYTES * recentRequests.size;
  }

  /**
   * Decides, and appends the facts. Undefined when another process was faster: then the aggregate has its events.
   * @param isLatest whether the aggregate has every event of its stream
   */
  async function attempt<Decision extends Decided<State, Event>>(
    aggregate: Aggregate<State>,
    decide: (aggregate: Aggregate<State>) => Decision | Promise<Decision>,
    isLatest: boolean,
  ): Promise<Transacted<State, Decision> | undefined> {
    const decided = decide(aggregate);
    const decision = decided instanceof Promise ? await decided : decided;
    if (decision.facts.length === 0) {
      const holds = isLatest || decision.isFinal || !(await catchUp(aggregate));
      return holds ? { kind: 'done', decision, aggregate, position: undefined } : undefined;
    }
    const result = await append(aggregate, decision.facts);
    if (result.outcome === 'appended') {
      advance(aggregate, decision, result.position);
      return { kind: 'done', decision, aggregate, position: result.position };
    }
    await catchUp(aggregate);
    return undefined;
  }

  return {
    async transact(id, decide) {
      const earlier = cache.get(id)?.aggregate ?? (kind.isOftenNew ? beginning(id) : undefined);
      let aggregate = earlier ?? (await load(id));
      // The stream may have events that an earlier state does not have.
      let isLatest = !earlier;
      let hasLoaded = false;
      let losses = 0;
      for (let attempts = 0; attempts < maxAttempts; ) {
        try {
          const done = await attempt(aggregate, decide, isLatest);
          // Not before: it may take out of memory what the decision needs.
          if (done && hasLoaded) changed(aggregate);
          if (done) return done;
          isLatest = true;
          attempts += 1;
        } catch (error) {
          hasLoaded = true;
          // Nothing was decided, or what was decided has conflicted already.
          if (await loadAbsent(aggregate, error)) continue;
          // What is lost once may be in the next snapshot; what is lost again is in the events.
          losses += 1;
          aggregate = losses === 1 ? await load(id) : await loadFromEvents(id);
        }
      }
      return { kind: 'contended' };
    },
  };
}

// Rough sizes of V8 objects on a 64-bit machine: a request with its strings, an aggregate without its state.
const REQUEST_BYTES = 300;
const AGGREGATE_BYTES = 800;
