import type { Logger } from 'pino';
import { runProjection } from '../projections/runner.js';
import { sessions } from '../projections/sessions/sessions.js';
import { coachSnapshots } from './application/coach-snapshot.js';
import { createCommandSide } from './application/command-side.js';
import { createSnapshotKeeper } from './application/snapshot-keeper.js';
import type { Config } from './config.js';
import { coachStream } from './domain/coach/stream.js';
import type { EventStore } from './event-store/event-store.js';
import type { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import { cancelSeriesHandler } from './handlers/cancel-series.js';
import { cancelSessionHandler } from './handlers/cancel-session.js';
import { createCoachOf } from './handlers/coach-of.js';
import { completeSessionHandler } from './handlers/complete-session.js';
import { confirmHoldHandler } from './handlers/confirm-hold.js';
import { correctOutcomeHandler } from './handlers/correct-outcome.js';
import type { Handlers } from './handlers/endpoints.js';
import { getHoldHandler } from './handlers/get-hold.js';
import { getSessionHandler } from './handlers/get-session.js';
import { getSessionHistoryHandler } from './handlers/get-session-history.js';
import type { HoldCommandParts } from './handlers/hold-command.js';
import { holdSlotHandler } from './handlers/hold-slot.js';
import { listSessionsHandler } from './handlers/list-sessions.js';
import { markNoShowHandler } from './handlers/mark-no-show.js';
import { releaseHoldHandler } from './handlers/release-hold.js';
import { rescheduleSeriesHandler } from './handlers/reschedule-series.js';
import { rescheduleSessionHandler } from './handlers/reschedule-session.js';
import { scheduleSeriesHandler } from './handlers/schedule-series.js';
import { scheduleSessionHandler } from './handlers/schedule-session.js';
import { createSeen } from './handlers/seen.js';
import { createSeriesOf, type SeriesCommandParts } from './handlers/series-command.js';
import type { SessionCommandParts } from './handlers/session-command.js';
import { createIds } from './ids.js';
import { createPool } from './postgres/pool.js';
import { createFreshness } from './read-model/freshness.js';
import { createHistoryQueries } from './read-model/history-queries.js';
import { createHoldQueries } from './read-model/hold-queries.js';
import { createLag } from './read-model/lag.js';
import { createRequestIndex } from './read-model/request-index.js';
import { createSeriesQueries } from './read-model/series-queries.js';
import { createSessionQueries } from './read-model/session-queries.js';
import { createSnapshots } from './read-model/snapshots.js';
import { createReadiness, type Readiness } from './readiness.js';
import type { Shutdown } from './shutdown.js';

/** All that stands behind the doors. */
export interface Backend {
  readonly handlers: Handlers<typeof SessionService>;
  readonly readiness: Readiness;
}

/**
 * Puts the handlers together, and keeps the read model up to date until the shutdown.
 * @param store open
 * @param readModelUrl a database with the read model's schema
 */
export function startBackend(
  store: EventStore,
  readModelUrl: string,
  config: Config,
  log: Logger,
  shutdown: Shutdown,
): Backend {
  const pool = createPool(readModelUrl, { max: 10, applicationName: 'read model', log });
  shutdown.add(() => pool.end());
  const freshness = createFreshness({ pool, projection: sessions.name });

  const running = new AbortController();
  const project = { store, url: readModelUrl, log, signal: running.signal };
  const projecting = runProjection(sessions, { ...project, onPosition: freshness.report, rest: freshness.rest });
  shutdown.add(() => {
    running.abort();
    return projecting;
  });

  const newId = createIds();
  const queries = createSessionQueries(pool);
  const history = createHistoryQueries(pool, sessions.name);
  const holds = createHoldQueries(pool);
  const seen = createSeen(store, freshness);
  const command: SessionCommandParts & HoldCommandParts & SeriesCommandParts = {
    commands: createCommandSide({
      store,
      requests: createRequestIndex(pool, freshness),
      newId,
      coachBytes: config.COACH_CACHE_MB * MEGABYTE,
      clientBytes: config.CLIENT_CACHE_MB * MEGABYTE,
      coachKeeper: createSnapshotKeeper({
        snapshots: createSnapshots(pool),
        codec: coachSnapshots,
        store,
        streamOf: coachStream,
        onFailed: (err) => log.warn({ err }, 'a snapshot of a coach failed; the events will be read instead'),
      }),
      onLeftBehind: (err) => log.warn({ err }, "a client's time was not let go of; who needs it will see to it"),
    }),
    now: Date.now,
    newId,
    newReservationId: config.CLIENT_OVERLAP === 'refuse' ? newId : () => '',
    coachOf: createCoachOf('session', queries.get, seen),
    coachOfHold: createCoachOf('hold', holds.get, seen),
    seriesOf: createSeriesOf(createSeriesQueries(pool), seen),
  };
  return {
    handlers: {
      scheduleSession: scheduleSessionHandler(command),
      rescheduleSession: rescheduleSessionHandler(command),
      cancelSession: cancelSessionHandler(command),
      completeSession: completeSessionHandler(command),
      markNoShow: markNoShowHandler(command),
      correctOutcome: correctOutcomeHandler(command),
      scheduleSeries: scheduleSeriesHandler(command),
      rescheduleSeries: rescheduleSeriesHandler(command),
      cancelSeries: cancelSeriesHandler(command),
      holdSlot: holdSlotHandler(command),
      confirmHold: confirmHoldHandler(command),
      releaseHold: releaseHoldHandler(command),
      getHold: getHoldHandler(holds, seen, Date.now),
      getSession: getSessionHandler(queries, history, seen),
      listSessions: listSessionsHandler(queries, history, seen),
      getSessionHistory: getSessionHistoryHandler(history, seen),
    },
    readiness: createReadiness(createLag(store, pool, sessions.name), config.PROJECTION_LAG_LIMIT_MS),
  };
}

const MEGABYTE = 1024 * 1024;
