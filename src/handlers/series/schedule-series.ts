import type { Occurrence } from '../../domain/coach/commands.js';
import type { CoachEvent, SeriesScheduled } from '../../domain/coach/events.js';
import { expandSeries } from '../../domain/recurrence/expand-series.js';
import { DISAMBIGUATION } from '../../domain/recurrence/wall-time.js';
import type { ScheduleSeriesRequest, SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { timestampOf } from '../../json/times.js';
import { conflictMessage } from '../answer/outcome.js';
import { etagLeftBy } from '../answer/series-message.js';
import { sessionsOf } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { allInCalendar, check, duration, hashId, requestId, required } from '../request/fields.js';
import { type CommandParts, ignoring, submit } from '../request/submit-command.js';
import { notInOwnWay } from './not-in-own-way.js';
import type { SeriesTimesParts } from './series-command.js';

/** Books a series; see the rpc's comment. */
export function scheduleSeriesHandler(parts: SeriesTimesParts): Handler<typeof SessionService.method.scheduleSeries> {
  return async (request, call) => {
    const { series, occurrences } = await parts.turns.take(call, () => wantedSeries(request, parts));
    const { skipConflicts } = request;
    const seriesId = parts.newId();
    const command = {
      type: 'ScheduleSeries',
      seriesId,
      ...series,
      disambiguation: DISAMBIGUATION,
      zoneRulesVersion: parts.zoneRules.version,
      occurrences,
      skipConflicts,
      ...ignoring(request),
      now: parts.now(),
    } as const;
    const content = { ...series, skipConflicts, ...ignoring(request) };
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    const scheduled = accepted.events.find(isScheduled) as SeriesScheduled;
    // The other commands for series begin with a read.
    await parts.reads.untilSeen(consistencyToken, call.cancellation);
    const sessions = sessionsOf(accepted);
    return {
      series: {
        ...series,
        etag: etagLeftBy(sessions),
        id: request.validateOnly ? '' : scheduled.seriesId,
        zoneRulesVersion: scheduled.zoneRulesVersion ?? '',
        createdAt: timestampOf(scheduled.scheduledAt),
      },
      sessions,
      skipped: scheduled.skipped.map(conflictMessage),
      consistencyToken,
    };
  };
}

function wantedSeries(request: ScheduleSeriesRequest, { newId, zoneRules }: CommandParts) {
  const { series, requestId: requestIdGiven, skipConflicts } = request;
  const expansion = series && expandSeries(series, zoneRules);
  const broken = expansion && 'broken' in expansion ? expansion.broken : [];
  check(
    requestId('request_id', requestIdGiven),
    ...(series
      ? [
          hashId('series.coach_hash_id', series.coachHashId),
          hashId('series.client_hash_id', series.clientHashId),
          duration('series.duration', series.duration),
          ...broken,
        ]
      : [required('series', series)]),
  );
  if (!expansion || 'broken' in expansion) throw new Error('checked above');

  const { coachHashId, clientHashId, duration: minutes } = series;
  const occurrences = expansion.occurrences.map(
    (time, index): Occurrence => ({ sessionId: newId(), occurrence: index + 1, ...time }),
  );
  const starts = occurrences.map(({ start }) => start);
  check(allInCalendar('series.recurrence', starts, minutes));
  const slots = occurrences.map(({ occurrence, start }) => ({ occurrence, start, duration: minutes }));
  const fields = { times: 'series.recurrence', duration: 'series.duration' };
  if (!skipConflicts) check(notInOwnWay(fields, slots));
  return { series: { coachHashId, clientHashId, duration: minutes, ...expansion.times }, occurrences };
}

function isScheduled(event: CoachEvent): event is SeriesScheduled {
  return event.type === 'SeriesScheduled';
}
