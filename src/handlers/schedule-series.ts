import type { Occurrence } from '../domain/coach/commands.js';
import type { CoachEvent, SeriesScheduled } from '../domain/coach/events.js';
import type { ScheduleSeriesRequest, SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import { type CommandParts, submit } from './command.js';
import type { Handler } from './endpoints.js';
import { conflictMessage } from './outcome.js';
import { occurrencesOf, recurrence } from './recurrence.js';
import { allInTime, check, duration, hashId, requestId, required } from './rules.js';
import { sessionsOf } from './session-message.js';
import { DISAMBIGUATION, instantOf, timeZone, toSecond, wallTime } from './wall-time.js';

/** Books a series; see the rpc's comment. */
export function scheduleSeriesHandler(parts: CommandParts): Handler<typeof SessionService.method.scheduleSeries> {
  return async (request, call) => {
    const { series, occurrences } = wantedSeries(request, parts);
    const { skipConflicts } = request;
    const seriesId = parts.newId();
    const command = {
      type: 'ScheduleSeries',
      seriesId,
      ...series,
      disambiguation: DISAMBIGUATION,
      occurrences,
      skipConflicts,
      clientConflicts: [],
      now: parts.now(),
    } as const;
    const content = { ...series, skipConflicts };
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    const scheduled = accepted.events.find(isScheduled) as SeriesScheduled;
    return {
      series: { ...series, id: request.validateOnly ? '' : scheduled.seriesId },
      sessions: sessionsOf(accepted),
      skipped: scheduled.skipped.map(conflictMessage),
      consistencyToken,
    };
  };
}

function wantedSeries(
  { series, requestId: requestIdGiven }: ScheduleSeriesRequest,
  { newId, newReservationId }: CommandParts,
) {
  check(
    requestId('request_id', requestIdGiven),
    ...(series
      ? [
          hashId('series.coach_hash_id', series.coachHashId),
          hashId('series.client_hash_id', series.clientHashId),
          wallTime('series.local_start', series.localStart),
          timeZone('series.time_zone', series.timeZone),
          duration('series.duration', series.duration),
          recurrence('series.recurrence', series.recurrence),
        ]
      : [required('series', series)]),
  );
  if (!series) throw new Error('checked above');

  const { coachHashId, clientHashId, timeZone: zone, duration: minutes, recurrence: rule } = series;
  const localStart = toSecond(series.localStart);
  const occurrences = occurrencesOf('series.recurrence', rule, localStart, zone).map(
    (time, index): Occurrence => ({
      sessionId: newId(),
      reservationId: newReservationId(),
      occurrence: index + 1,
      localStart: time,
      start: instantOf(time, zone),
    }),
  );
  const starts = occurrences.map(({ start }) => start);
  check(allInTime('series.recurrence', starts, minutes));
  const wanted = { coachHashId, clientHashId, localStart, timeZone: zone, duration: minutes, recurrence: rule };
  return { series: wanted, occurrences };
}

function isScheduled(event: CoachEvent): event is SeriesScheduled {
  return event.type === 'SeriesScheduled';
}
