import { LRUCache } from 'lru-cache';
import { orNotFound } from '../answer/errors.js';
import type { ReadYourWrites } from './read-your-writes.js';

/**
 * The coach whose stream has the session, series or hold of an id. Throws NOT_FOUND when there is none,
 * `StoreUnavailable`, `ReadModelUnavailable`.
 * @param id a UUID in lower case
 */
export type CoachOf = (id: string, signal: AbortSignal) => Promise<string>;

const REMEMBERED = 20_000;

/**
 * Finds coaches by what the read model has of them. What was found is remembered: it never changes.
 * @param what for people: `session`
 * @param get looks an id up
 */
export function createCoachOf(
  what: string,
  get: (id: string) => Promise<{ readonly coachHashId: string } | undefined>,
  reads: ReadYourWrites,
): CoachOf {
  const known = new LRUCache<string, string>({ max: REMEMBERED });

  async function getLate(id: string, signal: AbortSignal) {
    await reads.waitForNow(signal);
    return orNotFound(what, id, await get(id));
  }

  return async (id, signal) => {
    const remembered = known.get(id);
    if (remembered !== undefined) return remembered;

    const { coachHashId } = (await get(id)) ?? (await getLate(id, signal));
    known.set(id, coachHashId);
    return coachHashId;
  };
}
