import { type EventStore, NO_STREAM, type RecordedEvent, type Revision } from '../../event-store/event-store.js';
import type { Aggregate, StateSource } from '../streams/aggregates.js';
import { RecentRequests } from '../streams/recent-requests.js';
import type { SnapshotCodec, Snapshots } from './snapshots.js';

/** What a keeper needs. */
export interface SnapshotKeeperParts<State> {
  readonly snapshots: Snapshots;
  readonly codec: SnapshotCodec<State>;
  readonly store: EventStore;
  readonly streamOf: (id: string) => string;
  /** Called with the error when a snapshot failed: the first time, and the first time after a success. */
  readonly onFailed: (error: unknown) => void;
  /** How many events of an aggregate may be in no snapshot. Default 2,000. */
  readonly maxTail?: number;
  /** The least time between two snapshots of an aggregate, in milliseconds. Default a minute. */
  readonly rest?: number;
}

// To read 2,000 events takes about as long as to load a snapshot of 100,000 sessions.
const MAX_TAIL = 2_000;

// A snapshot is written as a whole: the longer it is, the more events it must save reading.
const TAIL_SHARE = 50n;

// A coach who is booked a thousand times a second would be packed again and again.
const REST = 60_000;

/**
 * Keeps snapshots of aggregates with many events. Saves them in the background, one at a time. Nothing depends on a
 * snapshot: when one fails, the events are read instead.
 */
export function createSnapshotKeeper<State>(parts: SnapshotKeeperParts<State>): StateSource<State> {
  const { snapshots, codec, store, streamOf, onFailed, maxTail = MAX_TAIL, rest = REST } = parts;
  /** The revision and the time of the last snapshot, saved or failed. */
  const madeAt = new WeakMap<Aggregate<State>, { readonly revision: Revision; readonly time: number }>();
  /** Saved in order of arrival. It stays short: to read such a stream takes longer than to save its snapshot. */
  const waiting = new Set<Aggregate<State>>();
  const loading = reportingOnce(onFailed);
  const saving = reportingOnce(onFailed);

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
        // Earlier requests are in the request index.
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

/** Runs work. When it fails, answers undefined and reports the error, but only the first of several in a row. */
function reportingOnce(onFailed: (error: unknown) => void) {
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
