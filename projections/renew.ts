import { setTimeout as sleep } from 'node:timers/promises';
import type { Projection } from './projection.js';
import { type RebuildParts, rebuildProjection } from './rebuild.js';

/** Milliseconds until a rebuild that failed is tried again. It begins at the beginning. */
const PAUSE = 10_000;

/**
 * Rebuilds a projection whose tables another version has written. Tries until it succeeds or the signal aborts; never
 * rejects.
 */
export async function renewProjection(projection: Projection, parts: RebuildParts): Promise<void> {
  const { signal } = parts;
  const log = parts.log.child({ projection: projection.name });
  log.info('another version has written the projection: it is made anew');
  while (!signal.aborted) {
    try {
      await rebuildProjection(projection, parts);
      return;
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'the rebuild failed and will be tried again');
      await sleep(PAUSE, undefined, { signal }).catch(() => {});
    }
  }
}
