import type { ChangeFeed } from '../application/change-feed.js';
import type { Freshness, HistoryOf, HoldQueries, SeriesQueries, SessionQueries } from '../application/read-model.js';
import type { EventStore } from '../event-store/event-store.js';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handlers } from './endpoints.js';
import { confirmHoldHandler } from './hold/confirm-hold.js';
import { getHoldHandler } from './hold/get-hold.js';
import { holdSlotHandler } from './hold/hold-slot.js';
import { listHoldsHandler } from './hold/list-holds.js';
import { releaseHoldHandler } from './hold/release-hold.js';
import { createCoachOf } from './request/coach-of.js';
import { createReadYourWrites } from './request/read-your-writes.js';
import type { CommandParts } from './request/submit-command.js';
import type { Turns } from './request/turns.js';
import { cancelSeriesHandler } from './series/cancel-series.js';
import { getSeriesHandler } from './series/get-series.js';
import { listSeriesHandler } from './series/list-series.js';
import { createPlaceOf } from './series/place-of.js';
import { rescheduleSeriesHandler } from './series/reschedule-series.js';
import { scheduleSeriesHandler } from './series/schedule-series.js';
import { createSeriesOf } from './series/series-command.js';
import { cancelSessionHandler } from './session/cancel-session.js';
import { completeSessionHandler } from './session/complete-session.js';
import { correctOutcomeHandler } from './session/correct-outcome.js';
import { getSessionHandler } from './session/get-session.js';
import { getSessionHistoryHandler } from './session/get-session-history.js';
import { listSessionsHandler } from './session/list-sessions.js';
import { markNoShowHandler } from './session/mark-no-show.js';
import { rescheduleSessionHandler } from './session/reschedule-session.js';
import { scheduleSessionHandler } from './session/schedule-session.js';
import { watchSessionsHandler } from './session/watch-sessions.js';

/** What the handlers need: of the command side, of the store, and of the read side. */
export interface SessionServiceParts extends CommandParts {
  readonly store: EventStore;
  readonly freshness: Freshness;
  readonly sessions: SessionQueries;
  readonly history: HistoryOf;
  readonly holds: HoldQueries;
  readonly series: SeriesQueries;
  readonly changes: ChangeFeed;
  /** Of all services of the process. */
  readonly turns: Turns;
}

/** The handlers of all rpcs of the service. */
export function sessionServiceHandlers(given: SessionServiceParts): Handlers<typeof SessionService> {
  const { commands, now, newId, zoneRules, store, freshness, sessions, history, holds, series, changes, turns } = given;
  const reads = createReadYourWrites(store, freshness);
  const parts = {
    commands,
    now,
    newId,
    zoneRules,
    coachOf: createCoachOf('session', sessions.get, reads),
    coachOfHold: createCoachOf('hold', holds.get, reads),
    seriesOf: createSeriesOf(series, reads),
    placeOf: createPlaceOf(store),
    turns,
    reads,
  };
  return {
    scheduleSession: scheduleSessionHandler(parts),
    rescheduleSession: rescheduleSessionHandler(parts),
    cancelSession: cancelSessionHandler(parts),
    completeSession: completeSessionHandler(parts),
    markNoShow: markNoShowHandler(parts),
    correctOutcome: correctOutcomeHandler(parts),
    getSession: getSessionHandler(sessions, history, reads, store),
    listSessions: listSessionsHandler(sessions, history, reads, store),
    getSessionHistory: getSessionHistoryHandler(history, reads),
    watchSessions: watchSessionsHandler(changes, sessions, store),

    scheduleSeries: scheduleSeriesHandler(parts),
    rescheduleSeries: rescheduleSeriesHandler(parts),
    cancelSeries: cancelSeriesHandler(parts),
    getSeries: getSeriesHandler(series, sessions, reads),
    listSeries: listSeriesHandler(series, reads),

    holdSlot: holdSlotHandler(parts),
    confirmHold: confirmHoldHandler(parts),
    releaseHold: releaseHoldHandler(parts),
    getHold: getHoldHandler(holds, reads, now),
    listHolds: listHoldsHandler(holds, reads, now),
  };
}
