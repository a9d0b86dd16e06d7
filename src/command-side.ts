import type { Logger } from 'pino';
import { type CommandSide, createCommandSide } from './application/command-side.js';
import { coachSnapshots } from './application/snapshots/coach-snapshot.js';
import { createSnapshotKeeper } from './application/snapshots/snapshot-keeper.js';
import type { Config } from './config/config.js';
import { coachStream } from './domain/coach/coach.js';
import type { ZoneRules } from './domain/zones/zone-rules.js';
import type { EventStore } from './event-store/event-store.js';
import type { startReadSide } from './read-side.js';

const MEGABYTE = 1024 * 1024;

/** The command side, as the settings have it, beside a read side over the same store. */
export function createCommandsBeside(
  store: EventStore,
  { requests, snapshots }: Pick<ReturnType<typeof startReadSide>, 'requests' | 'snapshots'>,
  newId: () => string,
  zoneRules: ZoneRules,
  config: Config,
  log: Logger,
): CommandSide {
  return createCommandSide({
    store,
    requests,
    zoneRules,
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
}
