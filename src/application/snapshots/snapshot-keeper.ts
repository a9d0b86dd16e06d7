import { type EventStore, NO_STREAM, type RecordedEvent, type Revision } from '../../event-store/event-store.js';
import { RecentRequests } from '../streams/recent-requests.js';
import type { Aggregate } from '../streams/aggregates.js';
import type { SnapshotCodec, Snapshots } from './snapshots.js';

/** Sees to it that aggregates with many events have snapshots. Nothing depends on it: when it fails, it tells. */
export interface SnapshotKeeper<State> {
  /** What the snapshot of an aggregate tells, if there is one. Never rejects. */
  find(id: string): Promise<Kept<State> | undefined>;
  /** Saves a snapshot of the aggregate in the background, if many events came since the last one. */
  consider(aggregate: Aggregate<State>): void;
}

/** An aggregate as a snapshot has it. It is worth something only if the event that it was made at is in the stream. */
export interface Kept<State> {
  readonly aggregate: Aggregate<State>;
  /** Whether this is the event that the snapshot was made at. */
  isAt(recorded: RecordedEvent): boolean;
}

/** What a keeper needs. */
export interface SnapshotKeeperParts<State> {
  readonly snapshots: Snapshots;
  readonly codec: SnapshotCodec<State>;
  readonly store: EventStore;
  readonly streamOf: (id: string) => string;
  /** Told of what failed: the first time, and the first time after a success. */
  readonly onFailed: (error: unknown) => void;
  /** How many events an aggregate may have that are in no snapshot. */
  readonly maxTail?: number;
  /** Milliseconds between two snapshots of an aggregate, at least. Default a minute. */
  readonly rest?: number;
}

// Reading 2,000 events takes about as long as loading a snapshot of 100,000 sessions.
const MAX_TAIL = 2_000;

// A snapshot is written as a whole: the longer it is, the more events it must be worth.
const TAIL_SHARE = 50n;

// A coach who is booked a thousand times a second would be packed again and again.
const REST = 60_000;

/** A keeper that saves one snapshot at a time. */
export function createSnapshotKeeper<State>(parts: SnapshotKeeperParts<State>): SnapshotKeeper<State> {
  const { snapshots, codec, store, streamOf, onFailed, maxTail = MAX_TAIL, rest = REST } = parts;
  /** The revisions at which snapshots were made, or tried, and when. */
  const madeAt = new WeakMap<Aggregate<State>, { readonly revision: Revision; readonly time: number }>();
  /** To be saved one after the other, beginning with the first. It stays short: reading such a stream takes longer. */
  const waiting = new Set<Aggregate<State>>();
  const loading = tellOnce(onFailed);
  const saving = tellOnce(onFailed);

  async function saveWaiting(): Promise<void> {
    for (const aggregate of waiting) {
      await saving(() => save(aggregate));
      waiting.delete(aggregate);
    }
  }

  async function save(aggregate: Aggregate<State>): Promise<void> {
    // The aggregate changes in place meanwhile; its state is a value.
    const { state, revision } = aggregate;
    madeAt.set(aggregate, { revision, time: performance.now() });
    const stream = streamOf(aggregate.id);
    const { id: eventId, position } = await eventAt(store, stream, revision);
    await snapshots.save(stream, { revision, eventId, position, form: codec.form, state: await codec.encode(state) });
  }

  return {
    find: (id) =>
      loading(async () => {
        const snapshot = await snapshots.load(streamOf(id), codec.form);
        if (!snapshot) return undefined;
        const { revision, eventId, position, state } = snapshot;
        // What came before is found in the request index.
        const recentRequests = RecentRequests.after(position);
        const aggregate = { id, state: codec.decode(state), revision, recentRequests };
        madeAt.set(aggregate, { revision, time: Number.NEGATIVE_INFINITY });
        return { aggregate, isAt: (recorded) => recorded.id === eventId && recorded.position === position };
      }),

    consider(aggregate) {
      const { revision } = aggregate;
      const made = madeAt.get(aggregate) ?? { revision: NO_STREAM, time: Number.NEGATIVE_INFINITY };
      const tail = revision - made.revision;
      if (tail <= maxTail || tail <= revision / TAIL_SHARE || performance.now() - made.time < rest) return;
      waiting.add(aggregate);
      if (waiting.size === 1) void saveWaiting();
    },
  };
}

async function eventAt(store: EventStore, stream: string, revision: Revision): Promise<RecordedEvent> {
  for await (const [first] of store.read(stream, revision)) if (first?.revision === revision) return first;
  throw new Error(`${stream} has no revision ${revision}`);
}

/** Does something and tells of its failure, but not again while it goes on to fail: then the answer is undefined. */
function tellOnce(onFailed: (error: unknown) => void) {
  let failing = false;
  return async <Result>(work: () => Promise<Result | undefined>): Promise<Result | undefined> => {
    try {
      const result = await work();
      failing = false;
      return result;
    } catch (error) {
      if (!failing) onFailed(error);
      failing = true;
      return undefined;
    }
  };
}
