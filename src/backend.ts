import type { Logger } from 'pino';
import { createFreshness } from '../projections/freshness.js';
import { createHistoryQueries } from '../projections/history/history-queries.js';
import { createHoldQueries } from '../projections/holds/hold-queries.js';
import { createLag } from '../projections/lag.js';
import { createRequestIndex } from '../projections/requests/request-queries.js';
import { runProjection } from '../projections/runner.js';
import { createSeriesQueries } from '../projections/series/series-queries.js';
import { createSessionQueries } from '../projections/sessions/session-queries.js';
import { sessions } from '../projections/sessions-projection.js';
import { createSnapshots } from '../projections/snapshots/snapshot-store.js';
import { createCommandSide } from './application/command-side.js';
import { coachSnapshots } from './application/snapshots/coach-snapshot.js';
import { createSnapshotKeeper } from './application/snapshots/snapshot-keeper.js';
import type { Config } from './config.js';
import { coachStream } from './domain/coach/coach.js';
import type { EventStore } from './event-store/event-store.js';
import type { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handlers } from './handlers/endpoints.js';
import { confirmHoldHandler } from './handlers/hold/confirm-hold.js';
import { getHoldHandler } from './handlers/hold/get-hold.js';
import type { HoldCommandParts } from './handlers/hold/hold-command.js';
import { holdSlotHandler } from './handlers/hold/hold-slot.js';
import { releaseHoldHandler } from './handlers/hold/release-hold.js';
import { createCoachOf } from './handlers/request/coach-of.js';
import { createReadYourWrites } from './handlers/request/read-your-writes.js';
import { cancelSeriesHandler } from './handlers/series/cancel-series.js';
import { rescheduleSeriesHandler } from './handlers/series/reschedule-series.js';
import { scheduleSeriesHandler } from './handlers/series/schedule-series.js';
import { createSeriesOf, type SeriesCommandParts } from './handlers/series/series-command.js';
import { cancelSessionHandler } from './handlers/session/cancel-session.js';
import { completeSessionHandler } from './handlers/session/complete-session.js';
import { correctOutcomeHandler } from './handlers/session/correct-outcome.js';
import { getSessionHandler } from './handlers/session/get-session.js';
import { getSessionHistoryHandler } from './handlers/session/get-session-history.js';
import { listSessionsHandler } from './handlers/session/list-sessions.js';
import { markNoShowHandler } from './handlers/session/mark-no-show.js';
import { rescheduleSessionHandler } from './handlers/session/reschedule-session.js';
import { scheduleSessionHandler } from './handlers/session/schedule-session.js';
import type { SessionCommandParts } from './handlers/session/session-command.js';
import { createIds } from './ids.js';
import { createPool } from './postgres/pool.js';
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
  const reads = createReadYourWrites(store, freshness);
  const command: SessionCommandParts & HoldCommandParts & SeriesCommandParts = {
    commands: createCommandSide({
      store,
      requests: createRequestIndex(pool, freshness),
      newId,
      coachBytes: config.COACH_CACHE_MB * MEGABYTE,
      clientBytes: config.CLIENT_CACHE_MB * MEGABYTE,
      clientOverlap: config.CLIENT_OVERLAP,
      coachStates: createSnapshotKeeper({
        snapshots: createSnapshots(pool),
        codec: coachSnapshots,
        store,
        streamOf: coachStream,
        onFailed: (err) => log.warn({ err }, 'a snapshot of a coach failed; the events will be read instead'),
      }),
      onReleaseFailed: (err) => log.warn({ err }, "a client's time was not released; whoever needs it settles it"),
    }),
    now: Date.now,
    newId,
    coachOf: createCoachOf('session', queries.get, reads),
    coachOfHold: createCoachOf('hold', holds.get, reads),
    seriesOf: createSeriesOf(createSeriesQueries(pool), reads),
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
      getHold: getHoldHandler(holds, reads, Date.now),
      getSession: getSessionHandler(queries, history, reads),
      listSessions: listSessionsHandler(queries, history, reads),
      getSessionHistory: getSessionHistoryHandler(history, reads),
    },
    readiness: createReadiness(createLag(store, pool, sessions.name), config.PROJECTION_LAG_LIMIT_MS),
  };
}

const MEGABYTE = 1024 * 1024;
