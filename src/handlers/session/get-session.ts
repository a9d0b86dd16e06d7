import type { HistoryQueries, SessionQueries } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { found } from '../answer/not-found.js';
import { sessionOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfRules } from '../request/as-of.js';
import { check, uuid } from '../request/fields.js';
import type { Seen } from '../request/read-your-writes.js';

/** Answers one session, as it is or as it was; see the rpc's comment. */
export function getSessionHandler(
  queries: SessionQueries,
  history: HistoryQueries,
  seen: Seen,
): Handler<typeof SessionService.method.getSession> {
  return async (request, { signal }) => {
    check(uuid('id', request.id), ...asOfRules(request));
    const asOf = asOfGiven(request);
    await seen.upTo(request.consistencyToken, signal);

    const id = request.id.toLowerCase();
    const row = await (asOf ? history.get(id, asOf) : queries.get(id));
    return { session: sessionOf(found('session', id, row)) };
  };
}
