import type { Logger } from 'pino';
import { runProjection } from '../projections/runner.js';
import { sessions } from '../projections/sessions/sessions.js';
import { createCoachInbox } from './application/coach-inbox.js';
import { createCoachStates } from './application/coach-states.js';
import { createRequestLedger } from './application/request-ledger.js';
import type { Config } from './config.js';
import type { EventStore } from './event-store/event-store.js';
import type { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handlers } from './handlers/endpoints.js';
import { getSessionHandler } from './handlers/get-session.js';
import { listSessionsHandler } from './handlers/list-sessions.js';
import { scheduleSessionHandler } from './handlers/schedule-session.js';
import { createSeen } from './handlers/seen.js';
import { createIds } from './ids.js';
import { createPool } from './postgres/pool.js';
import { createFreshness } from './read-model/freshness.js';
import { createLag } from './read-model/lag.js';
import { createRequestIndex } from './read-model/request-index.js';
import { createSessionQueries } from './read-model/session-queries.js';
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
  const projecting = runProjection(sessions, { ...project, onPosition: freshness.report });
  shutdown.add(() => {
    running.abort();
    return projecting;
  });

  const newId = createIds();
  const queries = createSessionQueries(pool);
  const seen = createSeen(store, freshness);
  const inbox = createCoachInbox({
    store,
    states: createCoachStates(store, config.COACH_CACHE_MB * 1024 * 1024),
    ledger: createRequestLedger(createRequestIndex(pool, freshness)),
    newId,
  });
  return {
    handlers: {
      scheduleSession: scheduleSessionHandler({ inbox, now: Date.now, newId }),
      getSession: getSessionHandler(queries, seen),
      listSessions: listSessionsHandler(queries, seen),
    },
    readiness: createReadiness(createLag(store, pool, sessions.name), config.PROJECTION_LAG_LIMIT_MS),
  };
}
