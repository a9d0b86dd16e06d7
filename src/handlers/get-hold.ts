import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { HoldQueries } from '../read-model/read-model.js';
import { notFound } from './coach-of.js';
import type { Handler } from './endpoints.js';
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
    await seen.upToToken(consistencyToken, signal);

    let row = await queries.get(id);
    if (!row) {
      await seen.upToNow(signal);
      row = await queries.get(id);
    }
    if (!row) throw notFound('hold', id);
    return { hold: holdOf(row, now()) };
  };
}
