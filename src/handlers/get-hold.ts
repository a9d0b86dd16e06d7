import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { HoldQueries } from '../read-model/read-model.js';
import type { Handler } from './endpoints.js';
import { found } from './found.js';
import { holdOf } from './hold-message.js';
import { check, uuid } from './rules.js';
import type { Seen } from './seen.js';

/** Answers one hold; see the rpc's comment. */
export function getHoldHandler(
  queries: HoldQueries,
  seen: Seen,
  now: () => number,
): Handler<typeof SessionService.method.getHold> {
  return async ({ id: idGiven, consistencyToken }, { signal }) => {
    check(uuid('id', idGiven));
    const id = idGiven.toLowerCase();
    await seen.upTo(consistencyToken, signal);
    return { hold: holdOf(found('hold', id, await queries.get(id)), now()) };
  };
}
