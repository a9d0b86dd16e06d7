import type { HistoryOf, SessionFilter, SessionQueries } from '../../application/read-model.js';
import type { EventStore } from '../../event-store/event-store.js';
import { SessionState } from '../../gen/aceup/scheduler/v1/session_pb.js';
import type { ListSessionsRequest, SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { sessionOf, stateName } from '../answer/session-message.js';
import { pageToken, parsePageToken } from '../answer/tokens.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfViolations, ofWholeChanges } from '../request/as-of.js';
import {
  type Broken,
  ceilMs,
  check,
  floorMs,
  knownEnum,
  notAfter,
  optionalHashId,
  optionalUuid,
  pageSize,
  pageSizeOf,
  timeOfAnyFineness,
} from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers a page of sessions, as they are or as they were; see the rpc's comment. */
export function listSessionsHandler(
  queries: SessionQueries,
  history: HistoryOf,
  reads: ReadYourWrites,
  store: EventStore,
): Handler<typeof SessionService.method.listSessions> {
  return async (request, call) => {
    const filter = filterOf(request);
    const asOf = asOfGiven(request);
    const query = { ...filter, asOf };
    const after = parsePageToken(request.pageToken, query);
    const size = pageSizeOf(request.pageSize);
    await reads.waitFor(request.consistencyToken, call.cancellation);

    // One more than asked for tells whether there is a next page.
    const limit = size + 1;
    const past = asOf && (await ofWholeChanges(asOf, request.coachHashId, store));
    const rows = await (past
      ? history(call).list(filter, past, after, limit)
      : queries.list(filter, after, limit, call));
    const page = rows.slice(0, size);
    const last = page.at(-1);
    return {
      sessions: page.map(sessionOf),
      nextPageToken: last && rows.length > size ? pageToken(last, query) : '',
    };
  };
}

function filterOf(request: ListSessionsRequest): SessionFilter {
  const { coachHashId, clientHashId, seriesId, from, to, state, pageSize: size } = request;
  check(
    optionalHashId('coach_hash_id', coachHashId),
    optionalHashId('client_hash_id', clientHashId),
    optionalUuid('series_id', seriesId),
    timeOfAnyFineness('from', from),
    timeOfAnyFineness('to', to),
    notAfter('from', from, 'to', to),
    knownEnum('state', state, SessionState),
    pageSize('page_size', size),
    ...asOfViolations(request),
    ...scopeOfPast(request),
  );
  return {
    ...(coachHashId && { coachHashId }),
    ...(clientHashId && { clientHashId }),
    ...(seriesId && { seriesId: seriesId.toLowerCase() }),
    ...(from && { from: floorMs(from) }),
    ...(to && { to: ceilMs(to) }),
    ...(state && { state: stateName(state) }),
  } as SessionFilter;
}

/** A revision has a meaning in the stream of one coach only, and the past is answered for one coach or client. */
function scopeOfPast({ coachHashId, clientHashId, asOf, asOfRevision }: ListSessionsRequest): Broken[] {
  return [
    asOf && !coachHashId && !clientHashId
      ? { field: 'as_of', description: 'needs coach_hash_id or client_hash_id' }
      : undefined,
    asOfRevision !== undefined && !coachHashId
      ? { field: 'as_of_revision', description: 'needs coach_hash_id' }
      : undefined,
  ];
}
