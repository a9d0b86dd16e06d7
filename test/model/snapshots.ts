import type { Snapshot, Snapshots } from '../../src/application/snapshots/snapshots.js';
import type { Random } from './random.js';

/** Snapshots in memory. Some get lost, and some requests fail. @param rate the part of requests that fail */
export function createSnapshots(random: Random, rate: number): Snapshots {
  const kept = new Map<string, Snapshot>();

  async function mayFail(): Promise<void> {
    if (random.chance(rate)) throw new Error('injected: no snapshots');
  }

  return {
    async load(stream, form) {
      await mayFail();
      const snapshot = kept.get(stream);
      return snapshot?.form === form ? snapshot : undefined;
    },
    async save(stream, snapshot) {
      await mayFail();
      if (random.chance(rate)) kept.delete(stream);
      else kept.set(stream, snapshot);
    },
  };
}
