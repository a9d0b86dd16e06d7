import { setImmediate } from 'node:timers/promises';
import { type EventStore, NO_STREAM, type RecordedEvent, type Revision } from '../../event-store/event-store.js';
import { createTimeLimits } from '../../waiting.js';
import type { Aggregate, StateSource } from '../streams/aggregates.js';
import { RecentRequests } from '../streams/recent-requests.js';
import {
  type AnyList,
  createPacking,
  loadRecent,
  readManifest,
  type Segment,
  segmentsNotMet,
  unpackSegment,
} from './segments.js';
import type { Snapshot, SnapshotBase, SnapshotCodec, Snapshots } from './snapshots.js';

/** What a keeper needs. */
export interface SnapshotKeeperParts<State> {
  readonly snapshots: Snapshots;
  readonly codec: SnapshotCodec<State>;
  readonly store: EventStore;
  readonly streamOf: (id: string) => string;
  /** Called with the error when a snapshot failed: the first time, and the first time after a success. */
  readonly onFailed: (error: unknown) => void;
  /** How many events of an aggregate may be in no snapshot. Default 1,000. */
  readonly maxTail?: number;
  /** The least time between two snapshots of an aggregate, in milliseconds. Default a minute. */
  readonly minInterval?: number;
  /** How many events of an aggregate may be in memory only while its stream is being read. Default 50,000. */
  readonly maxUnsaved?: number;
  /** How many stored parts with items an aggregate may have in memory. Default 128. */
  readonly maxLoaded?: number;
}

// To read a thousand events takes longer than to load a snapshot of any size.
const MAX_TAIL = 1_000;

// A coach who is booked a thousand times a second would be packed again and again.
const MIN_INTERVAL = 60_000;

// They take up to 25 MB.
const MAX_UNSAVED = 50_000;

// They have up to 16,384 sessions, which take 8 MB.
const MAX_LOADED = 128;

/** What the keeper knows of an aggregate. */
interface Kept {
  /**
   * The snapshot saved or found last, and its lists. A part that has changed since was loaded for the change, so the
   * segments that the next snapshot replaces are found without loading any.
   */
  base: { readonly snapshot: SnapshotBase; readonly lists: readonly AnyList[] } | undefined;
  /** The revision of the last attempt to save a snapshot. */
  revision: Revision;
  /** Whether the last attempt in the background began less than the least time ago. */
  isResting: boolean;
  /** Whether another process has saved a snapshot since: the aggregate is then loaded anew. */
  isOutdated: boolean;
  /** The parts with items that are stored and in memory, in the order in which they were loaded. */
  readonly loaded: AnyList[];
}

/**
 * Keeps snapshots of aggregates with many events. Saves them in the background, one at a time: what changed since the
 * last one. What is stored need not stay in memory. Nothing depends on a snapshot: when one fails, the events are read
 * instead.
 */
export function createSnapshotKeeper<State>(parts: SnapshotKeeperParts<State>): StateSource<State> {
  const { snapshots, codec, store, streamOf, onFailed } = parts;
  const { maxTail = MAX_TAIL, minInterval = MIN_INTERVAL, maxUnsaved = MAX_UNSAVED, maxLoaded = MAX_LOADED } = parts;
  const { formats } = codec;
  const known = new WeakMap<Aggregate<State>, Kept>();
  /** Saved in order of arrival. It stays short: a snapshot is saved sooner than a thousand events are appended. */
  const waiting = new Set<Aggregate<State>>();
  const loading = reportingOnce(onFailed);
  const saving = reportingOnce(onFailed);

  function keptOf(aggregate: Aggregate<State>, base?: Kept['base']): Kept {
    let kept = known.get(aggregate);
    if (!kept) {
      const revision = base?.snapshot.revision ?? NO_STREAM;
      kept = { base, revision, isResting: false, isOutdated: false, loaded: [] };
      known.set(aggregate, kept);
    }
    return kept;
  }

  // The last of many appends in a short time comes within the rest: perhaps none comes afterwards.
  const rests = createTimeLimits<Aggregate<State>>(minInterval, (aggregate) => {
    keptOf(aggregate).isResting = false;
    saveIfDue(aggregate);
  });
  let isSaving = false;

  function saveIfDue(aggregate: Aggregate<State>): void {
    const kept = keptOf(aggregate);
    if (kept.isResting || aggregate.revision - kept.revision <= maxTail) return;
    waiting.add(aggregate);
    if (!isSaving) void saveWaiting();
  }

  async function saveWaiting(): Promise<void> {
    isSaving = true;
    for (const aggregate of waiting) {
      const kept = keptOf(aggregate);
      kept.isResting = true;
      rests.begin(aggregate);
      await saving(() => save(aggregate, kept));
      waiting.delete(aggregate);
    }
    isSaving = false;
  }

  /** Saves a snapshot. Answers the parts that were not stored before. */
  async function save(aggregate: Aggregate<State>, kept: Kept): Promise<Iterable<AnyList>> {
    // The aggregate changes in place meanwhile; its state is a value.
    const { state, revision } = aggregate;
    kept.revision = revision;
    const stream = streamOf(aggregate.id);
    const { id: eventId, position } = await eventAt(store, stream, revision);
    const { lists, rest } = codec.takeApart(state);
    const { packed, met, segmentsOf, manifestOf } = createPacking(formats);
    const head = { revision, eventId, position, form: codec.form };
    const id = await snapshots.save(stream, kept.base?.snapshot, head, async (put) => {
      for (const [place, list] of lists.entries()) await inBatches(segmentsOf(list, place), put);
      return { manifest: manifestOf(lists, rest), replaced: segmentsNotMet(kept.base?.lists ?? [], met) };
    });
    if (id === undefined) {
      kept.isOutdated = true;
      return [];
    }
    for (const [part, stored] of packed) part.stored = stored;
    kept.base = { snapshot: { id, revision }, lists };
    noteLoaded(kept, packed.keys());
    trim(kept);
    return packed.keys();
  }

  async function load(aggregate: Aggregate<State>, absent: readonly AnyList[]): Promise<boolean> {
    const kept = keptOf(aggregate);
    // Two commands may need the same part.
    const byId = new Map(absent.map((part) => [part.stored as string, part]));
    const segments = kept.base && (await snapshots.readSegments(kept.base.snapshot.id, [...byId.keys()]));
    for (const [id, part] of byId) {
      const bytes = segments?.get(id);
      if (!bytes) return false;
      part.content = unpackSegment(id, bytes, formats);
      noteLoaded(kept, [part]);
      if (kept.loaded.length % SLICE === 0) await setImmediate();
    }
    return true;
  }

  /** The snapshot in the form of this version, else in an earlier one. */
  async function lastSnapshot(stream: string): Promise<Snapshot | undefined> {
    for (const form of [codec.form, ...codec.olderForms]) {
      const found = await snapshots.find(stream, form);
      if (found) return found;
    }
    return undefined;
  }

  function noteLoaded({ loaded }: Kept, parts: Iterable<AnyList>): void {
    for (const part of parts) if (part.content && 'items' in part.content) loaded.push(part);
  }

  function trim({ loaded }: Kept): void {
    if (loaded.length <= maxLoaded) return;
    for (const part of loaded.splice(0, loaded.length - maxLoaded)) part.content = undefined;
  }

  return {
    find: (id) =>
      loading(async () => {
        const snapshot = await lastSnapshot(streamOf(id));
        if (!snapshot) return undefined;
        const { revision, eventId, position, manifest } = snapshot;
        const { lists, rest, recent } = readManifest(manifest);
        loadRecent(lists, await snapshots.readSegments(snapshot.id, recent), formats);
        // Earlier requests are in the request index.
        const recentRequests = RecentRequests.after(position);
        const aggregate = { id, state: codec.putTogether({ lists, rest }), revision, recentRequests };
        keptOf(aggregate, { snapshot, lists });
        return { aggregate, isAt: (recorded) => recorded.id === eventId && recorded.position === position };
      }),

    async load(aggregate, absent) {
      return (await loading(() => load(aggregate, absent))) ?? false;
    },

    async relieve(aggregate) {
      const kept = keptOf(aggregate);
      if (aggregate.revision - kept.revision < maxUnsaved) return;
      await saving(async () => {
        for (const part of await save(aggregate, kept)) part.content = undefined;
      });
    },

    consider(aggregate, forget) {
      const kept = keptOf(aggregate);
      trim(kept);
      if (kept.isOutdated) return forget(aggregate);
      saveIfDue(aggregate);
    },
  };
}

async function eventAt(store: EventStore, stream: string, revision: Revision): Promise<RecordedEvent> {
  for await (const [first] of store.read(stream, revision)) if (first?.revision === revision) return first;
  throw new Error(`${stream} has no revision ${revision}`);
}

// To unpack so many segments takes two milliseconds.
const SLICE = 10;

// To pack and to send so many bytes takes two milliseconds.
const BATCH_BYTES = 64_000;

/** Puts segments, some at a time, and lets the event loop go on in between. */
async function inBatches(segments: Iterable<Segment>, put: (some: readonly Segment[]) => Promise<void>): Promise<void> {
  let batch: Segment[] = [];
  let size = 0;
  for (const segment of segments) {
    batch.push(segment);
    size += segment.bytes.length;
    if (size < BATCH_BYTES) continue;
    await put(batch);
    // A store in memory answers at once.
    await setImmediate();
    [batch, size] = [[], 0];
  }
  if (batch.length > 0) await put(batch);
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
