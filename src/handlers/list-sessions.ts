import { timestampMs } from '@bufbuild/protobuf/wkt';
import { SessionState } from '../gen/aceup/scheduler/v1/session_pb.js';
import type { ListSessionsRequest, SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { SessionFilter, SessionQueries } from '../read-model/read-model.js';
import type { Handler } from './endpoints.js';
import { check, knownEnum, notAfter, optionalHashId, pageSize, time } from './rules.js';
import type { Seen } from './seen.js';
import { sessionOf, stateName } from './session-message.js';
import { pageToken, parsePageToken } from './tokens.js';

const DEFAULT_PAGE_SIZE = 100;

/** Answers a page of sessions; see the rpc's comment. */
export function listSessionsHandler(
  queries: SessionQueries,
  seen: Seen,
): Handler<typeof SessionService.method.listSessions> {
  return async (request, { signal }) => {
    const filter = filterOf(request);
    const after = parsePageToken(request.pageToken, filter);
    const size = request.pageSize || DEFAULT_PAGE_SIZE;
    await (request.consistencyToken ? seen.upToToken(request.consistencyToken, signal) : seen.upToNow(signal));

    // One more than asked for tells whether there is a next page.
    const rows = await queries.list(filter, after, size + 1);
    const page = rows.slice(0, size);
    const last = page.at(-1);
    return {
      sessions: page.map(sessionOf),
      nextPageToken: last && rows.length > size ? pageToken(last, filter) : '',
    };
  };
}

function filterOf({ coachHashId, clientHashId, from, to, state, pageSize: size }: ListSessionsRequest): SessionFilter {
  check(
    optionalHashId('coach_hash_id', coachHashId),
    optionalHashId('client_hash_id', clientHashId),
    time('from', from),
    time('to', to),
    knownEnum('state', state, SessionState),
    pageSize('page_size', size),
  );
  const filter = {
    ...(coachHashId && { coachHashId }),
    ...(clientHashId && { clientHashId }),
    ...(from && { from: timestampMs(from) }),
    ...(to && { to: timestampMs(to) }),
    ...(state && { state: stateName(state) }),
  } as SessionFilter;
  check(notAfter('from', filter.from, 'to', filter.to));
  return filter;
}
