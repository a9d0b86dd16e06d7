import type { Snapshots } from '../../src/application/snapshots/snapshots.js';
import { createMemorySnapshots } from '../support/memory-snapshots.js';
import type { Random } from './random.js';

/** Snapshots in memory. Some get lost, or a part of one, and some requests fail. @param rate the part that does */
export function createSnapshots(random: Random, rate: number): Snapshots {
  const { kept, find, readSegments, save } = createMemorySnapshots();

  async function mayFail(): Promise<void> {
    if (random.chance(rate)) throw new Error('injected: no snapshots');
  }

  return {
    async find(stream, form) {
      await mayFail();
      return find(stream, form);
    },
    async readSegments(snapshot, ids) {
      await mayFail();
      const segments = await readSegments(snapshot, ids);
      return new Map([...segments].filter(() => !random.chance(rate)));
    },
    async save(stream, base, head, write) {
      await mayFail();
      const id = await save(stream, base, head, write);
      if (random.chance(rate)) kept.delete(stream);
      return id;
    },
  };
}
