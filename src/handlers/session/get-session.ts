import type { HistoryOf, SessionQueries } from '../../application/read-model.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import { sessionOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfViolations, ofWholeChanges } from '../request/as-of.js';
import { check, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers one session, as it is or as it was; see the rpc's comment. */
export function getSessionHandler(
  queries: SessionQueries,
  history: HistoryOf,
  reads: ReadYourWrites,
  store: EventStore,
): Handler<typeof SessionService.method.getSession> {
  return async (request, call) => {
    check(uuid('id', request.id), ...asOfViolations(request));
    const asOf = asOfGiven(request);
    await reads.waitFor(request.consistencyToken, call.cancellation);

    const id = request.id.toLowerCase();
    if (asOf && 'time' in asOf)
      return { session: sessionOf(orNotFound('session', id, visible(call.scope, await history(call).get(id, asOf)))) };
    const present = orNotFound('session', id, visible(call.scope, await queries.get(id)));
    if (!asOf) return { session: sessionOf(present) };
    const past = await history(call).get(id, await ofWholeChanges(asOf, present.coachHashId, store));
    return { session: sessionOf(orNotFound('session', id, past)) };
  };
}
