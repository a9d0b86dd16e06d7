import { Code } from '@connectrpc/connect';
import { type ChangeFeed, type ChangeFilter, FeedEnded, SESSION_CHANGES } from '../../application/change-feed.js';
import type { ListKey, SessionFilter, SessionQueries } from '../../application/read-model.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { SessionService, WatchSessionsRequest } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { changeMessage } from '../answer/change-message.js';
import { readerTooSlow, tryAgain } from '../answer/errors.js';
import { sessionOf } from '../answer/session-message.js';
import type { Call } from '../call.js';
import type { StreamHandler } from '../endpoints.js';
import { changeTypes, typesGiven } from '../request/change-types.js';
import { type Broken, check, optionalHashId } from '../request/fields.js';
import { ownPart } from '../request/list-filter.js';
import { notAhead, position } from '../request/position.js';

/** Milliseconds between two messages of a stream. A proxy may close a connection on which nothing comes for a minute. */
const HEARTBEAT = 15_000;

/** The sessions that one read of the present state gets. */
const PAGE = 100;

/** Tells changes as they come; see the rpc's comment. */
export function watchSessionsHandler(
  feed: ChangeFeed,
  sessions: SessionQueries,
  store: Pick<EventStore, 'head'>,
  heartbeat = HEARTBEAT,
): StreamHandler<typeof SessionService.method.watchSessions> {
  return async function* (request, call) {
    const filter = filterOf(request, call);
    const { signal } = call.cancellation;
    const given = request.afterPosition;
    if (given !== undefined) check(notAhead('after_position', given, await store.head()));
    const after = given ?? (await endingWell(feed.position(signal)));
    if (given === undefined && request.includePresent) {
      for await (const session of present(sessions, filter, call)) yield { session: sessionOf(session) };
    }
    // What the reader has taken: a message that is on its way may not arrive.
    let taken = after;
    const onTooSlow = () => call.cancellation.abort(readerTooSlow(taken));
    const follower = await endingWell(feed.follow({ after, filter, signal, onTooSlow }));
    yield { position: after };

    for (;;) {
      const arrival = await endingWell(follower.next(heartbeat));
      for (const change of arrival?.changes ?? []) {
        yield { position: change.position, change: changeMessage(change) };
        taken = change.position;
      }
      if (!arrival) yield { position: follower.position() };
      taken = follower.position();
    }
  };
}

function filterOf(request: WatchSessionsRequest, { scope }: Call): ChangeFilter {
  const { coachHashId, clientHashId, types, afterPosition, includePresent } = request;
  check(
    optionalHashId('coach_hash_id', coachHashId),
    optionalHashId('client_hash_id', clientHashId),
    changeTypes('types', types),
    position('after_position', afterPosition),
  );
  const own = ownPart({ ...(coachHashId && { coachHashId }), ...(clientHashId && { clientHashId }) }, scope);
  if (!own) throw new Error('the access rule lets nobody in who may see nothing');
  check(includePresent ? ofSomebody(own) : undefined);
  return { ...own, types: types.length > 0 ? typesGiven(types) : SESSION_CHANGES };
}

/** The present state of everybody is for ListSessions to tell, page by page. */
function ofSomebody({ coachHashId, clientHashId }: SessionFilter): Broken {
  if (coachHashId || clientHashId) return undefined;
  return { field: 'include_present', description: 'needs coach_hash_id or client_hash_id' };
}

/** When the service stops, callers are told to come again. */
async function endingWell<Value>(waiting: Promise<Value>): Promise<Value> {
  try {
    return await waiting;
  } catch (error) {
    throw error instanceof FeedEnded ? tryAgain(Code.Unavailable, 'the service is stopping') : error;
  }
}

async function* present(queries: SessionQueries, { coachHashId, clientHashId }: ChangeFilter, call: Call) {
  const filter = { ...(coachHashId && { coachHashId }), ...(clientHashId && { clientHashId }) };
  for (let after: ListKey | undefined; ; ) {
    const page = await queries.list(filter, after, PAGE, call);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = { time: last.start, id: last.id };
  }
}
