import type { Logger } from 'pino';
import { createCommandSide } from './application/command-side.js';
import { coachSnapshots } from './application/snapshots/coach-snapshot.js';
import { createSnapshotKeeper } from './application/snapshots/snapshot-keeper.js';
import type { Config } from './config.js';
import { coachStream } from './domain/coach/coach.js';
import type { ZoneRules } from './domain/zones/zone-rules.js';
import { watchAppends } from './event-store/append-watch.js';
import type { EventStore } from './event-store/event-store.js';
import type { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handlers } from './handlers/endpoints.js';
import { sessionServiceHandlers } from './handlers/session-service.js';
import { createIds } from './ids.js';
import { startReadSide } from './read-side.js';
import { createReadiness, type Readiness } from './readiness.js';
import type { Shutdown } from './shutdown.js';

const MEGABYTE = 1024 * 1024;

/** Everything behind the doors. */
export interface Backend {
  readonly handlers: Handlers<typeof SessionService>;
  readonly readiness: Readiness;
}

/**
 * Starts the read side, puts the command side beside it and the handlers before both.
 * @param opened open
 * @param readModelUrl a database that has the schema of the read model
 */
export function startBackend(
  opened: EventStore,
  zoneRules: ZoneRules,
  readModelUrl: string,
  config: Config,
  log: Logger,
  shutdown: Shutdown,
): Backend {
  const newId = createIds();
  const { store, appendProblem } = watchAppends(opened);
  const readSide = startReadSide(store, readModelUrl, log, shutdown);
  const { requests, snapshots } = readSide;

  const commands = createCommandSide({
    store,
    requests,
    newId,
    clientOverlap: config.CLIENT_OVERLAP,
    coachBytes: config.COACH_CACHE_MB * MEGABYTE,
    clientBytes: config.CLIENT_CACHE_MB * MEGABYTE,
    coachStates: createSnapshotKeeper({
      snapshots,
      codec: coachSnapshots,
      store,
      streamOf: coachStream,
      onFailed: (err) => log.warn({ err }, 'a snapshot of a coach failed; the events are read instead'),
    }),
    onReleaseFailed: (err) => log.warn({ err }, "a client's time was not released; whoever needs it settles it"),
  });

  const handlers = sessionServiceHandlers({ commands, now: Date.now, newId, zoneRules, store, ...readSide });
  return { handlers, readiness: createReadiness(appendProblem, readSide.lag, config.PROJECTION_LAG_LIMIT_MS) };
}
