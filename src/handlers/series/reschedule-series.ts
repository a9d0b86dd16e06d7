import type { SeriesRow } from '../../application/read-model.js';
import type { Occurrence } from '../../domain/coach/commands.js';
import type { WantedEtag } from '../../domain/coach/etag.js';
import type { CoachEvent, SeriesRescheduled } from '../../domain/coach/events.js';
import { type MovedSession, moveSeries } from '../../domain/recurrence/move-series.js';
import { wallTime, wallTimeText } from '../../domain/recurrence/wall-time.js';
import { MAX_DURATION } from '../../domain/slot.js';
import type { Zone, ZoneRules } from '../../domain/zones/zone-rules.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { invalidArgument } from '../answer/errors.js';
import { etagLeftBy } from '../answer/series-message.js';
import { sessionsOf } from '../answer/session-message.js';
import type { Call } from '../call.js';
import type { Handler } from '../endpoints.js';
import {
  allInCalendar,
  check,
  etag,
  fromOccurrence,
  localTime,
  optionalDuration,
  reason,
  requestId,
  uuid,
} from '../request/fields.js';
import { etagGiven, ignoring, submit } from '../request/submit-command.js';
import { forSeriesAsRead } from './as-read.js';
import { notInOwnWay } from './not-in-own-way.js';
import type { PlaceOf } from './place-of.js';
import type { SeriesCommandParts } from './series-command.js';

/** What moving a series needs. */
export interface RescheduleSeriesParts extends SeriesCommandParts {
  readonly placeOf: PlaceOf;
}

/** Moves a series from an occurrence on; see the rpc's comment. */
export function rescheduleSeriesHandler(
  parts: RescheduleSeriesParts,
): Handler<typeof SessionService.method.rescheduleSeries> {
  return async (request, call) => {
    check(
      uuid('series_id', request.seriesId),
      fromOccurrence('from_occurrence', request.fromOccurrence),
      localTime('local_start', request.localStart),
      optionalDuration('duration', request.duration),
      reason('reason', request.reason),
      etag('etag', request.etag),
      requestId('request_id', request.requestId),
    );
    const asked = {
      seriesId: request.seriesId.toLowerCase(),
      fromOccurrence: request.fromOccurrence || 1,
      localStart: wallTimeText(wallTime(request.localStart)),
      duration: request.duration || undefined,
      reason: request.reason,
      etag: etagGiven(request, call),
      ...ignoring(request),
    };
    const seriesOf = () => parts.seriesOf(asked.seriesId, call);

    async function move(series: SeriesRow, etag: WantedEtag) {
      const first = request.fromOccurrence || (series.sessions[0]?.occurrence ?? 1);
      const moved = await movedSessions(series, first, asked.localStart, parts, call);
      const starts = moved.map(({ start }) => start);
      check(allInCalendar('local_start', starts, asked.duration ?? MAX_DURATION));
      const slots = moved
        .filter(({ state }) => state === 'scheduled')
        .map(({ occurrence, start, duration }) => ({ occurrence, start, duration: asked.duration ?? duration }));
      check(notInOwnWay({ times: 'local_start', duration: 'duration' }, slots));
      const command = {
        type: 'RescheduleSeries',
        ...asked,
        etag,
        fromOccurrence: first,
        reason: request.reason || undefined,
        coachHashId: series.coachHashId,
        zoneRulesVersion: parts.zoneRules.version,
        occurrences: moved.map(occurrenceOf),
        now: parts.now(),
      } as const;
      const { accepted, consistencyToken } = await submit(parts, call, request, command, asked);
      const sessions = sessionsOf(accepted);
      return { sessions, consistencyToken, zoneRulesVersion: rulesOf(accepted.events), etag: etagLeftBy(sessions) };
    }

    // Where the sessions go is computed from what was read: it must not be decided for another state of the series.
    return asked.etag === undefined ? forSeriesAsRead(seriesOf, move) : move(await seriesOf(), asked.etag);
  };
}

/** When the sessions from an occurrence on are to take place, for that occurrence to be at a wall time. */
async function movedSessions(
  series: SeriesRow,
  first: number,
  to: string,
  { placeOf, zoneRules, turns }: RescheduleSeriesParts,
  call: Call,
) {
  const sessions = series.sessions.filter(({ occurrence }) => occurrence >= first);
  if (!sessions[0]) {
    throw invalidArgument({ field: 'from_occurrence', description: 'is beyond the last occurrence of the series' });
  }
  const from = (await placeOf(series, first)) ?? sessions[0].localStart;
  const zone = zoneOf(series, zoneRules);
  return turns.take(call, () => moveSeries(sessions, { from, to }, zone));
}

/** The zone of a series. Series may be in zones that were accepted once and have no rules any more. */
function zoneOf({ timeZone }: SeriesRow, { zone, version }: ZoneRules): Zone {
  const found = zone(timeZone);
  if (found) return found;
  const description = `is in ${timeZone}, which is not the IANA name of a time zone (release ${version})`;
  throw invalidArgument({ field: 'series_id', description });
}

/** The release of the rules that the move was made by: an earlier one, when the answer is that to an earlier request. */
function rulesOf(events: readonly CoachEvent[]): string {
  const moved = events.find((event): event is SeriesRescheduled => event.type === 'SeriesRescheduled');
  return moved?.zoneRulesVersion ?? '';
}

function occurrenceOf({ id: sessionId, occurrence, localStart, start }: MovedSession): Occurrence {
  return { sessionId, occurrence, localStart, start };
}
