import type { Segment } from '../../src/application/snapshots/segments.js';
import type { Snapshot, Snapshots } from '../../src/application/snapshots/snapshots.js';

/** Snapshots in memory. */
export interface MemorySnapshots extends Snapshots {
  /** The last snapshots by their streams, with their segments by id. A test may take some away. */
  readonly kept: Map<
    string,
    Snapshot & { readonly replaced: readonly string[]; readonly segments: Map<string, Buffer> }
  >;
  /** The segments put so far. */
  readonly put: readonly Segment[];
}

/** An empty store of snapshots, all in one form. */
export function createMemorySnapshots(): MemorySnapshots {
  const kept: MemorySnapshots['kept'] = new Map();
  const put: Segment[] = [];
  let ids = 0n;

  return {
    kept,
    put,
    find: async (stream, form) => {
      const snapshot = kept.get(stream);
      return snapshot?.form === form ? snapshot : undefined;
    },
    async readSegments(snapshot, ids) {
      const { segments } = [...kept.values()].find(({ id }) => id === snapshot) ?? {};
      return new Map(ids.flatMap((id) => (segments?.has(id) ? [[id, segments.get(id) as Buffer]] : [])));
    },
    async save(stream, base, head, write) {
      const last = kept.get(stream);
      if (base && (last?.id !== base.id || last.revision !== base.revision)) return undefined;
      const segments = new Map(base && last ? last.segments : []);
      for (const id of (base && last?.replaced) ?? []) segments.delete(id);
      const written = await write(async (some) => {
        put.push(...some);
        for (const { id, bytes } of some) segments.set(id, bytes);
      });
      const id = base?.id ?? ++ids;
      kept.set(stream, { ...head, ...written, id, segments });
      return id;
    },
  };
}
