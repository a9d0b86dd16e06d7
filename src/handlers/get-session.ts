import { Code, ConnectError } from '@connectrpc/connect';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { SessionQueries } from '../read-model/read-model.js';
import type { Handler } from './endpoints.js';
import { check, uuid } from './rules.js';
import type { Seen } from './seen.js';
import { sessionOf } from './session-message.js';

/** Answers one session; see the rpc's comment. */
export function getSessionHandler(
  queries: SessionQueries,
  seen: Seen,
): Handler<typeof SessionService.method.getSession> {
  return async ({ id: idGiven, consistencyToken }, { signal }) => {
    check(uuid('id', idGiven));
    const id = idGiven.toLowerCase();
    await seen.upToToken(consistencyToken, signal);

    let row = await queries.get(id);
    if (!row) {
      await seen.upToNow(signal);
      row = await queries.get(id);
    }
    if (!row) throw new ConnectError(`there is no session ${id}`, Code.NotFound);
    return { session: sessionOf(row) };
  };
}
