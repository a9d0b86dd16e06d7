import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSnapshots } from '../../../projections/snapshots/snapshot-store.js';
import type { Segment } from '../../../src/application/snapshots/segments.js';
import type { SnapshotHead, Snapshots, WrittenSnapshot } from '../../../src/application/snapshots/snapshots.js';
import { openWorld, type World } from '../support.js';

let world: World;
let snapshots: Snapshots;
beforeAll(async () => {
  world = await openWorld();
  snapshots = createSnapshots(world.pool);
});
afterAll(() => world.close());

const headAt = (revision: bigint, form = 1): SnapshotHead => ({ revision, eventId: randomUUID(), position: 9n, form });
const segment = (bytes = 10): Segment => ({ id: randomUUID(), bytes: randomBytes(bytes) });

/** Writes segments, one after the other. */
function writing(segments: readonly Segment[], written: Partial<WrittenSnapshot> = {}) {
  return async (put: (some: readonly Segment[]) => Promise<void>) => {
    for (const one of segments) await put([one]);
    return { manifest: Buffer.from('manifest'), replaced: [], ...written };
  };
}

/** A stream with a snapshot at revision 7. */
async function saved(segments: readonly Segment[] = [], written: Partial<WrittenSnapshot> = {}) {
  const stream = randomUUID();
  const id = await snapshots.save(stream, undefined, headAt(7n), writing(segments, written));
  return { stream, base: { id: id as bigint, revision: 7n } };
}

/** The ids of the segments that there are. */
async function there(snapshot: bigint, segments: readonly Segment[]): Promise<string[]> {
  const ids = segments.map(({ id }) => id);
  const found = await snapshots.readSegments(snapshot, ids);
  return ids.filter((id) => found.has(id));
}

test('a snapshot is found as it was saved, and its segments', async () => {
  const [stream, head, segments] = [randomUUID(), headAt(7n), [segment(0), segment(1), segment(100_000)]];
  const manifest = randomBytes(1_000);
  const id = (await snapshots.save(stream, undefined, head, writing(segments, { manifest }))) as bigint;
  expect(await snapshots.find(stream, 1)).toEqual({ ...head, id, manifest });
  const found = await snapshots.readSegments(
    id,
    segments.map(({ id }) => id),
  );
  for (const { id, bytes } of segments) expect(found.get(id)?.equals(bytes)).toBe(true);
});

test('finds no snapshot of another stream or in another form', async () => {
  const { stream } = await saved();
  expect(await snapshots.find(stream, 2)).toBeUndefined();
  expect(await snapshots.find(randomUUID(), 1)).toBeUndefined();
});

test('snapshots that are asked for at the same time are told apart', async () => {
  const [one, other] = [await saved(), await saved()];
  const found = await Promise.all(
    [one, other].flatMap(({ stream }) => [1, 2].map((form) => snapshots.find(stream, form))),
  );
  expect(found.map((snapshot) => snapshot?.id)).toEqual([one.base.id, undefined, other.base.id, undefined]);
});

test('one that follows another has its segments, and those that it replaces until the next', async () => {
  const [kept, old, added, last] = [segment(), segment(), segment(), segment()];
  const all = [kept, old, added, last];
  const { stream, base } = await saved([kept, old]);
  const { id } = base;
  expect(await snapshots.save(stream, base, headAt(8n), writing([added], { replaced: [old.id] }))).toBe(id);
  expect(await there(id, all)).toEqual([kept.id, old.id, added.id]);

  await snapshots.save(stream, { id, revision: 8n }, headAt(9n), writing([last]));
  expect(await there(id, all)).toEqual([kept.id, added.id, last.id]);
  expect(await snapshots.find(stream, 1)).toMatchObject({ id, revision: 9n });
});

test('a segment that was replaced and is there again stays', async () => {
  const again = segment();
  const { stream, base } = await saved([again]);
  const { id } = base;
  await snapshots.save(stream, base, headAt(8n), writing([], { replaced: [again.id] }));
  await snapshots.save(stream, { id, revision: 8n }, headAt(9n), writing([again]));
  await snapshots.save(stream, { id, revision: 9n }, headAt(10n), writing([again]));
  expect(await there(id, [again])).toEqual([again.id]);
});

test('of two that follow the same one the first is kept', async () => {
  const { stream, base } = await saved();
  await snapshots.save(stream, base, headAt(8n), writing([]));
  const late = segment();
  expect(await snapshots.save(stream, base, headAt(9n), writing([late]))).toBeUndefined();
  expect(await snapshots.find(stream, 1)).toMatchObject({ revision: 8n });
  expect(await there(base.id, [late])).toEqual([]);
});

test('of two that follow the same one at the same time one is kept', async () => {
  const { stream, base } = await saved();
  const both = [8n, 9n].map((revision) => snapshots.save(stream, base, headAt(revision), writing([segment()])));
  expect((await Promise.all(both)).sort()).toEqual([base.id, undefined]);
});

test('of two that follow none, at the same time, one is kept', async () => {
  const stream = randomUUID();
  const both = [7n, 8n].map((revision) => snapshots.save(stream, undefined, headAt(revision), writing([segment()])));
  const ids = (await Promise.all(both)).filter((id) => id !== undefined);
  expect(ids).toContain((await snapshots.find(stream, 1))?.id);
});

test('one that follows none takes the place of whatever there is, also in an earlier form', async () => {
  const gone = segment();
  const { stream, base } = await saved([gone]);
  await snapshots.save(stream, undefined, headAt(3n, 2), writing([]));
  expect(await snapshots.find(stream, 1)).toBeUndefined();
  expect(await snapshots.find(stream, 2)).toMatchObject({ revision: 3n });
  expect(await there(base.id, [gone])).toEqual([]);
  expect(await snapshots.save(stream, base, headAt(8n), writing([]))).toBeUndefined();
});

test('one in an earlier form takes the place of none: a process of the last release has its own', async () => {
  const stream = randomUUID();
  for (const form of [2, 1]) await snapshots.save(stream, undefined, headAt(7n, form), writing([]));
  for (const form of [1, 2]) expect(await snapshots.find(stream, form)).toMatchObject({ form });
});

test('when writing fails, everything is as it was', async () => {
  const [kept, late] = [segment(), segment()];
  const { stream, base } = await saved([kept]);
  const failing = async (put: (some: readonly Segment[]) => Promise<void>) => {
    await put([late]);
    throw new Error('packing failed');
  };
  await expect(snapshots.save(stream, base, headAt(8n), failing)).rejects.toThrow('packing failed');
  expect(await snapshots.find(stream, 1)).toMatchObject({ revision: 7n });
  expect(await there(base.id, [kept, late])).toEqual([kept.id]);
});
