import type { HoldQueries } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { holdOf } from '../answer/hold-message.js';
import { found } from '../answer/not-found.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';
import type { Seen } from '../request/read-your-writes.js';

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
