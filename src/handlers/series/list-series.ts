import type { SeriesQueries } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { seriesOf } from '../answer/series-message.js';
import type { Handler } from '../endpoints.js';
import { listFilter, ownPart } from '../request/list-filter.js';
import { readPage } from '../request/page.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers a page of series; see the rpc's comment. */
export function listSeriesHandler(
  queries: SeriesQueries,
  reads: ReadYourWrites,
): Handler<typeof SessionService.method.listSeries> {
  return async (request, call) => {
    const filter = listFilter(request);
    const own = ownPart(filter, call.scope);
    const { rows, nextPageToken } = await readPage(
      request,
      call,
      reads,
      own ?? filter,
      async (after, limit) => (own ? queries.list(own, after, limit, call) : []),
      ({ scheduledAt, id }) => ({ time: scheduledAt, id }),
    );
    return { series: rows.map((one) => seriesOf(one)), nextPageToken };
  };
}
