import type { RequestIndex } from '../../src/application/coach/requests.js';
import { createCommandSide } from '../../src/application/command-side.js';
import { coachSnapshots } from '../../src/application/snapshots/coach-snapshot.js';
import { createSnapshotKeeper } from '../../src/application/snapshots/snapshot-keeper.js';
import type { Snapshots } from '../../src/application/snapshots/snapshots.js';
import type { Outcome, Submission } from '../../src/application/submission.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { zoneRules } from '../support/zone-rules.js';
import { createFaultyStore, type FaultsParts } from './faulty-store.js';

/** A process of the service: a command side over the store. Only the store outlives it. */
export interface Process {
  /** Never settles once the process is dead. */
  submit(submission: Submission): Promise<Outcome>;
  /** Whether a call of the store was made that will never be answered. */
  readonly hangs: boolean;
  readonly alive: boolean;
  crash(): void;
}

/** What makes a process. */
export interface ProcessParts extends Pick<FaultsParts, 'random' | 'scheduler' | 'rate' | 'isSluggish' | 'onAppended'> {
  readonly store: EventStore;
  readonly requests: RequestIndex;
  /** Undefined: coaches are read from their first event on. */
  readonly snapshots: Snapshots | undefined;
  readonly newId: () => string;
  readonly cacheBytes: number;
  readonly patience: number;
}

/** Starts a process. */
export function startProcess(parts: ProcessParts): Process {
  const { scheduler, cacheBytes, patience, requests, snapshots, newId } = parts;
  let alive = true;
  let hangs = false;

  function crash(): void {
    alive = false;
    faulty.cutOff();
  }

  const faulty = createFaultyStore(parts.store, { ...parts, crash, onHang: () => (hangs = true) });
  const { store } = faulty;
  const snapshotsOfAll = {
    codec: coachSnapshots,
    streamOf: coachStream,
    maxTail: 1,
    minInterval: 0,
    // What is stored is loaded again whenever it is needed.
    maxLoaded: 0,
    onFailed: () => {},
  };
  const commands = createCommandSide({
    store,
    ...(snapshots && { coachStates: createSnapshotKeeper({ snapshots, store, ...snapshotsOfAll }) }),
    requests,
    newId,
    coachBytes: cacheBytes,
    clientBytes: cacheBytes,
    onReleaseFailed: () => {},
    clientOverlap: 'refuse',
    patience,
    waiting: { elapsed: scheduler.now, pause },
    zoneRules,
  });

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      scheduler.add({
        weight: 16,
        at: scheduler.now() + ms,
        happen: () => {
          if (!alive) return;
          if (signal.aborted) reject(signal.reason);
          else resolve();
        },
      });
    });
  }

  return {
    submit: (submission) => commands.submit(submission),
    get hangs() {
      return hangs;
    },
    get alive() {
      return alive;
    },
    crash,
  };
}
