import type { SeriesQueries, SessionQueries } from '../../application/read-model.js';
import { etagOfSeries } from '../../domain/coach/session.js';
import { MAX_OCCURRENCES } from '../../domain/recurrence/rule.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import { conflictMessage } from '../answer/outcome.js';
import { seriesOf } from '../answer/series-message.js';
import { sessionOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers one series with its sessions; see the rpc's comment. */
export function getSeriesHandler(
  queries: SeriesQueries,
  sessions: SessionQueries,
  reads: ReadYourWrites,
): Handler<typeof SessionService.method.getSeries> {
  return async (request, call) => {
    check(uuid('series_id', request.seriesId));
    const id = request.seriesId.toLowerCase();
    await reads.waitFor(request.consistencyToken, call.cancellation);

    const series = orNotFound('series', id, visible(call.scope, await queries.booked(id)));
    const rows = await sessions.list({ seriesId: id }, undefined, MAX_OCCURRENCES, call);
    const inOrder = rows.toSorted((one, other) => (one.occurrence ?? 0) - (other.occurrence ?? 0));
    return {
      series: seriesOf(series, etagOfSeries(rows)),
      sessions: inOrder.map(sessionOf),
      skipped: series.skipped.map(conflictMessage),
    };
  };
}
