import { LRUCache } from 'lru-cache';
import type { Cancellation } from '../../waiting.js';
import { orNotFound } from '../answer/errors.js';
import type { ReadYourWrites } from './read-your-writes.js';

/**
 * The coach whose stream has the session, series or hold of an id. Throws NOT_FOUND when there is none,
 * `StoreUnavailable`, `ReadModelUnavailable`.
 * @param id a UUID in lower case
 */
export type CoachOf = (id: string, cancellation: Cancellation) => Promise<string>;

const MAX_REMEMBERED = 20_000;

/**
 * Finds coaches in the read model. Remembers what it finds: the coach of a session, series or hold never changes.
 * @param what the word for error messages: `session`
 * @param get looks an id up in the read model
 */
export function createCoachOf(
  what: string,
  get: (id: string) => Promise<{ readonly coachHashId: string } | undefined>,
  reads: Pick<ReadYourWrites, 'waitForNow'>,
): CoachOf {
  const known = new LRUCache<string, string>({ max: MAX_REMEMBERED });

  async function getOnceCaughtUp(id: string, cancellation: Cancellation) {
    await reads.waitForNow(cancellation);
    return orNotFound(what, id, await get(id));
  }

  return async (id, cancellation) => {
    const remembered = known.get(id);
    if (remembered !== undefined) return remembered;

    const { coachHashId } = (await get(id)) ?? (await getOnceCaughtUp(id, cancellation));
    known.set(id, coachHashId);
    return coachHashId;
  };
}
