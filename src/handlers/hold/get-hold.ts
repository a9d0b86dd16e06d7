import type { HoldQueries } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import { holdOf } from '../answer/hold-message.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers one hold; see the rpc's comment. */
export function getHoldHandler(
  queries: HoldQueries,
  reads: ReadYourWrites,
  now: () => number,
): Handler<typeof SessionService.method.getHold> {
  return async ({ id: idGiven, consistencyToken }, { cancellation, scope }) => {
    check(uuid('id', idGiven));
    const id = idGiven.toLowerCase();
    await reads.waitFor(consistencyToken, cancellation);
    return { hold: holdOf(orNotFound('hold', id, visible(scope, await queries.get(id))), now()) };
  };
}
