import type { SeriesRow } from '../../application/read-model.js';
import type { Occurrence } from '../../domain/coach/commands.js';
import { moveSeries } from '../../domain/recurrence/move-series.js';
import { wallTime, wallTimeText } from '../../domain/recurrence/wall-time.js';
import { MAX_DURATION } from '../../domain/slot.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { invalidArgument } from '../answer/errors.js';
import { sessionsOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import {
  allInCalendar,
  check,
  fromOccurrence,
  localTime,
  optionalDuration,
  reason,
  requestId,
  uuid,
} from '../request/fields.js';
import { submit } from '../request/submit-command.js';
import type { SeriesCommandParts } from './series-command.js';

/** Moves a series from an occurrence on; see the rpc's comment. */
export function rescheduleSeriesHandler(
  parts: SeriesCommandParts,
): Handler<typeof SessionService.method.rescheduleSeries> {
  return async (request, call) => {
    check(
      uuid('series_id', request.seriesId),
      fromOccurrence('from_occurrence', request.fromOccurrence),
      localTime('local_start', request.localStart),
      optionalDuration('duration', request.duration),
      reason('reason', request.reason),
      requestId('request_id', request.requestId),
    );
    const asked = {
      seriesId: request.seriesId.toLowerCase(),
      fromOccurrence: request.fromOccurrence || 1,
      localStart: wallTimeText(wallTime(request.localStart)),
      duration: request.duration || undefined,
      reason: request.reason,
    };
    const series = await parts.seriesOf(asked.seriesId, call.cancellation);
    const occurrences = await parts.turns.take(call, () => moved(series, asked));
    const starts = occurrences.map(({ start }) => start);
    check(allInCalendar('local_start', starts, asked.duration ?? MAX_DURATION));
    const command = {
      type: 'RescheduleSeries',
      ...asked,
      reason: request.reason || undefined,
      coachHashId: series.coachHashId,
      occurrences,
      now: parts.now(),
    } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, asked);
    return { sessions: sessionsOf(accepted), consistencyToken };
  };
}

/** When the sessions from the occurrence on are to take place. */
function moved(
  { sessions, timeZone }: SeriesRow,
  { fromOccurrence: from, localStart: to }: { readonly fromOccurrence: number; readonly localStart: string },
): Occurrence[] {
  const those = moveSeries(sessions, from, to, timeZone);
  if (those.length === 0) {
    throw invalidArgument({ field: 'from_occurrence', description: 'is beyond the last occurrence of the series' });
  }
  return those.map(({ id: sessionId, ...time }) => ({ sessionId, ...time }));
}
