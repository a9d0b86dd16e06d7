import type { HistoryOf, SessionFilter, SessionQueries, SessionRow } from '../../application/read-model.js';
import type { EventStore } from '../../event-store/event-store.js';
import { SessionState } from '../../gen/aceup/scheduler/v1/session_pb.js';
import type { ListSessionsRequest, SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { sessionOf, stateName } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfViolations, ofWholeChanges } from '../request/as-of.js';
import { type Broken, floorMs, knownEnum, knownEnums, optionalUuid, timeOfAnyFineness } from '../request/fields.js';
import { listFilter, ownPart } from '../request/list-filter.js';
import { readPage } from '../request/page.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import { partOf, sessionFields } from '../request/session-fields.js';

/** Answers a page of sessions, as they are or as they were; see the rpc's comment. */
export function listSessionsHandler(
  queries: SessionQueries,
  history: HistoryOf,
  reads: ReadYourWrites,
  store: EventStore,
): Handler<typeof SessionService.method.listSessions> {
  return async (request, call) => {
    const filter = filterOf(request);
    const own = ownPart(filter, call.scope);
    const asOf = asOfGiven(request);
    const keyOf = ({ start, updatedAt, id }: SessionRow) => {
      return { time: filter.updatedAfter === undefined ? start : updatedAt, id };
    };
    const { rows, nextPageToken } = await readPage(
      request,
      call,
      reads,
      { ...(own ?? filter), asOf },
      async (after, limit) => {
        if (!own) return [];
        const past = asOf && (await ofWholeChanges(asOf, request.coachHashId, store));
        return past ? history(call).list(own, past, after, limit) : queries.list(own, after, limit, call);
      },
      keyOf,
    );
    const part = request.fields.length > 0 ? partOf(request.fields) : undefined;
    return { sessions: rows.map((row) => (part ? part(sessionOf(row)) : sessionOf(row))), nextPageToken };
  };
}

function filterOf(request: ListSessionsRequest): SessionFilter {
  const { seriesId, state, states, updatedAfter } = request;
  const filter = listFilter(
    request,
    optionalUuid('series_id', seriesId),
    knownEnum('state', state, SessionState),
    knownEnums('states', states, SessionState),
    timeOfAnyFineness('updated_after', updatedAfter),
    sessionFields('fields', request.fields),
    ...asOfViolations(request),
    ...scopeOfPast(request),
  );
  const inStates = [...new Set([state, ...states])].sort().flatMap((one) => stateName(one) ?? []);
  return {
    ...filter,
    ...(seriesId && { seriesId: seriesId.toLowerCase() }),
    ...(inStates.length > 0 && { states: inStates }),
    ...(updatedAfter && { updatedAfter: floorMs(updatedAfter) }),
  };
}

/**
 * A revision has a meaning in the stream of one coach only, and the past is answered for one coach or client. Lists of
 * the past are in order of start.
 */
function scopeOfPast({ coachHashId, clientHashId, asOf, asOfRevision, updatedAfter }: ListSessionsRequest): Broken[] {
  return [
    asOf && !coachHashId && !clientHashId
      ? { field: 'as_of', description: 'needs coach_hash_id or client_hash_id' }
      : undefined,
    asOfRevision !== undefined && !coachHashId
      ? { field: 'as_of_revision', description: 'needs coach_hash_id' }
      : undefined,
    updatedAfter && (asOf || asOfRevision !== undefined)
      ? { field: 'updated_after', description: 'must be absent when as_of or as_of_revision is given' }
      : undefined,
  ];
}
