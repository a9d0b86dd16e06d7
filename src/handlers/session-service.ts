import type { HistoryQueries, HoldQueries, SessionQueries } from '../application/read-model.js';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handlers } from './endpoints.js';
import { confirmHoldHandler } from './hold/confirm-hold.js';
import { getHoldHandler } from './hold/get-hold.js';
import type { HoldCommandParts } from './hold/hold-command.js';
import { holdSlotHandler } from './hold/hold-slot.js';
import { releaseHoldHandler } from './hold/release-hold.js';
import type { ReadYourWrites } from './request/read-your-writes.js';
import { cancelSeriesHandler } from './series/cancel-series.js';
import { rescheduleSeriesHandler } from './series/reschedule-series.js';
import { scheduleSeriesHandler } from './series/schedule-series.js';
import type { SeriesCommandParts } from './series/series-command.js';
import { cancelSessionHandler } from './session/cancel-session.js';
import { completeSessionHandler } from './session/complete-session.js';
import { correctOutcomeHandler } from './session/correct-outcome.js';
import { getSessionHandler } from './session/get-session.js';
import { getSessionHistoryHandler } from './session/get-session-history.js';
import { listSessionsHandler } from './session/list-sessions.js';
import { markNoShowHandler } from './session/mark-no-show.js';
import { rescheduleSessionHandler } from './session/reschedule-session.js';
import { scheduleSessionHandler } from './session/schedule-session.js';
import type { SessionCommandParts } from './session/session-command.js';

/** What the handlers need: of the command side, and of the read side. */
export interface SessionServiceParts extends SessionCommandParts, SeriesCommandParts, HoldCommandParts {
  readonly sessions: SessionQueries;
  readonly history: HistoryQueries;
  readonly holds: HoldQueries;
  readonly reads: ReadYourWrites;
}

/** The handlers of all rpcs of the service. */
export function sessionServiceHandlers(parts: SessionServiceParts): Handlers<typeof SessionService> {
  const { sessions, history, holds, reads, now } = parts;
  return {
    scheduleSession: scheduleSessionHandler(parts),
    rescheduleSession: rescheduleSessionHandler(parts),
    cancelSession: cancelSessionHandler(parts),
    completeSession: completeSessionHandler(parts),
    markNoShow: markNoShowHandler(parts),
    correctOutcome: correctOutcomeHandler(parts),
    getSession: getSessionHandler(sessions, history, reads),
    listSessions: listSessionsHandler(sessions, history, reads),
    getSessionHistory: getSessionHistoryHandler(history, reads),

    scheduleSeries: scheduleSeriesHandler(parts),
    rescheduleSeries: rescheduleSeriesHandler(parts),
    cancelSeries: cancelSeriesHandler(parts),

    holdSlot: holdSlotHandler(parts),
    confirmHold: confirmHoldHandler(parts),
    releaseHold: releaseHoldHandler(parts),
    getHold: getHoldHandler(holds, reads, now),
  };
}
