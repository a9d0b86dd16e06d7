import { LRUCache } from 'lru-cache';
import type { Cancellation } from '../../waiting.js';
import { type Owned, visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import type { Call } from '../call.js';
import type { ReadYourWrites } from './read-your-writes.js';

/**
 * The coach whose stream has the session or hold of an id. Throws NOT_FOUND when there is none, or none that the call may
 * touch, `StoreUnavailable`, `ReadModelUnavailable`.
 * @param id a UUID in lower case
 */
export type CoachOf = (id: string, call: Pick<Call, 'cancellation' | 'scope'>) => Promise<string>;

const MAX_REMEMBERED = 20_000;

/**
 * Finds coaches in the read model. Remembers what it finds: the coach and the client of a session or hold never change.
 * @param what the word for error messages: `session`
 * @param get looks an id up in the read model
 */
export function createCoachOf(
  what: string,
  get: (id: string) => Promise<Required<Owned> | undefined>,
  reads: Pick<ReadYourWrites, 'waitForNow'>,
): CoachOf {
  const known = new LRUCache<string, Required<Owned>>({ max: MAX_REMEMBERED });

  async function getOnceCaughtUp(id: string, cancellation: Cancellation) {
    await reads.waitForNow(cancellation);
    return orNotFound(what, id, await get(id));
  }

  async function find(id: string, cancellation: Cancellation): Promise<Required<Owned>> {
    const { coachHashId, clientHashId } = (await get(id)) ?? (await getOnceCaughtUp(id, cancellation));
    const owned = { coachHashId, clientHashId };
    known.set(id, owned);
    return owned;
  }

  return async (id, { cancellation, scope }) => {
    const owned = known.get(id) ?? (await find(id, cancellation));
    return orNotFound(what, id, visible(scope, owned)).coachHashId;
  };
}
