import type { HistoryQueries, SessionQueries } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { orNotFound } from '../answer/errors.js';
import { sessionOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfViolations } from '../request/as-of.js';
import { check, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers one session, as it is or as it was; see the rpc's comment. */
export function getSessionHandler(
  queries: SessionQueries,
  history: HistoryQueries,
  reads: ReadYourWrites,
): Handler<typeof SessionService.method.getSession> {
  return async (request, { cancellation }) => {
    check(uuid('id', request.id), ...asOfViolations(request));
    const asOf = asOfGiven(request);
    await reads.waitFor(request.consistencyToken, cancellation);

    const id = request.id.toLowerCase();
    const row = await (asOf ? history.get(id, asOf) : queries.get(id));
    return { session: sessionOf(orNotFound('session', id, row)) };
  };
}
