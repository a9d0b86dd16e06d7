import type { BookedSeries } from '../../application/read-model.js';
import type { Series } from '../../gen/aceup/scheduler/v1/series_pb.js';
import type { Session } from '../../gen/aceup/scheduler/v1/session_pb.js';
import { timestampOf } from '../../json/times.js';

/**
 * A series as it was booked, as callers get it.
 * @param etag empty where the sessions of the series are not known
 */
export function seriesOf(series: BookedSeries, etag = ''): Series {
  const { id, coachHashId, clientHashId, localStart, timeZone, duration, recurrence, zoneRulesVersion, scheduledAt } =
    series;
  return {
    $typeName: 'aceup.scheduler.v1.Series',
    id,
    coachHashId,
    clientHashId,
    localStart,
    timeZone,
    duration,
    recurrence,
    zoneRulesVersion: zoneRulesVersion ?? '',
    createdAt: timestampOf(scheduledAt),
    etag,
  };
}

/**
 * The etag of a series as a command leaves it. Empty when nothing was written.
 * @param sessions those that the command leaves, in order of its events: the last one changed last
 */
export function etagLeftBy(sessions: readonly Session[]): string {
  return sessions.at(-1)?.etag ?? '';
}
