import type { Party } from '../../domain/coach/session.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { etagLeftBy } from '../answer/series-message.js';
import { partyName, sessionsOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { check, etag, fromOccurrence, party, reason, requestId, uuid } from '../request/fields.js';
import { etagGiven, submit } from '../request/submit-command.js';
import type { SeriesCommandParts } from './series-command.js';

/** Calls a series off from an occurrence on; see the rpc's comment. */
export function cancelSeriesHandler(parts: SeriesCommandParts): Handler<typeof SessionService.method.cancelSeries> {
  return async (request, call) => {
    check(
      uuid('series_id', request.seriesId),
      fromOccurrence('from_occurrence', request.fromOccurrence),
      party('cancelled_by', request.cancelledBy),
      reason('reason', request.reason),
      etag('etag', request.etag),
      requestId('request_id', request.requestId),
    );
    const asked = {
      seriesId: request.seriesId.toLowerCase(),
      fromOccurrence: request.fromOccurrence || 1,
      cancelledBy: partyName(request.cancelledBy) as Party,
      reason: request.reason,
      etag: etagGiven(request, call),
    };
    const { coachHashId } = await parts.seriesOf(asked.seriesId, call);
    const reasonGiven = request.reason || undefined;
    const command = { type: 'CancelSeries', ...asked, reason: reasonGiven, coachHashId, now: parts.now() } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, asked);
    const sessions = sessionsOf(accepted);
    return { sessions, consistencyToken, etag: etagLeftBy(sessions) };
  };
}
