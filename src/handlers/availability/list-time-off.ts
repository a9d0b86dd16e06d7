import type { TimeOffFilter, TimeOffQueries } from '../../application/read-model.js';
import type { AvailabilityService, ListTimeOffRequest } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { isWithin } from '../access/scope.js';
import { timeOffMessage } from '../answer/availability-message.js';
import type { Handler } from '../endpoints.js';
import { requiredText } from '../request/fields.js';
import { listFilter } from '../request/list-filter.js';
import { readPage } from '../request/page.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import { timeOffSource } from './given.js';

/** Answers a page of the time off of a coach; see the rpc's comment. */
export function listTimeOffHandler(
  queries: TimeOffQueries,
  reads: ReadYourWrites,
): Handler<typeof AvailabilityService.method.listTimeOff> {
  return async (request, call) => {
    const filter = filterOf(request);
    const { rows, nextPageToken } = await readPage(
      request,
      call,
      reads,
      filter,
      async (after, limit) => (isWithin(call.scope, filter) ? queries.list(filter, after, limit, call) : []),
      ({ startsAt, timeOffId }) => ({ time: startsAt, id: timeOffId }),
    );
    return { timeOff: rows.map((row) => timeOffMessage(request.coachHashId, row, row.createdAt)), nextPageToken };
  };
}

function filterOf(request: ListTimeOffRequest): TimeOffFilter {
  const { coachHashId, source } = request;
  const filter = listFilter(
    { ...request, clientHashId: '', newestFirst: false },
    requiredText('coach_hash_id', coachHashId),
    timeOffSource('source', source),
  );
  return { ...filter, coachHashId, ...(source && { source }) };
}
