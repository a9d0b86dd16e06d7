import type { HoldFilter, HoldQueries } from '../../application/read-model.js';
import { HoldState } from '../../gen/aceup/scheduler/v1/hold_pb.js';
import type { ListHoldsRequest, SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { holdOf, holdStateName } from '../answer/hold-message.js';
import type { Handler } from '../endpoints.js';
import { knownEnums } from '../request/fields.js';
import { listFilter, ownPart } from '../request/list-filter.js';
import { readPage } from '../request/page.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers a page of holds; see the rpc's comment. */
export function listHoldsHandler(
  queries: HoldQueries,
  reads: ReadYourWrites,
  now: () => number,
): Handler<typeof SessionService.method.listHolds> {
  return async (request, call) => {
    const filter = filterOf(request);
    const own = ownPart(filter, call.scope);
    // Between two pages holds expire: the time is no part of the query.
    let at = now();
    const { rows, nextPageToken } = await readPage(
      request,
      call,
      reads,
      own ?? filter,
      async (after, limit) => {
        at = now();
        return own ? queries.list(own, at, after, limit, call) : [];
      },
      ({ start, id }) => ({ time: start, id }),
    );
    return { holds: rows.map((row) => holdOf(row, at)), nextPageToken };
  };
}

function filterOf(request: ListHoldsRequest): HoldFilter {
  const filter = listFilter(request, knownEnums('states', request.states, HoldState));
  const states = [...new Set(request.states)].sort().flatMap((state) => holdStateName(state) ?? []);
  return { ...filter, ...(states.length > 0 && { states }) };
}
