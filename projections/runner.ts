import type { Logger } from 'pino';
import type { EventStore, Position } from '../src/event-store/event-store.js';
import type { ExclusiveConnection } from '../src/postgres/exclusive-connection.js';
import { holdLease } from '../src/postgres/lease.js';
import { isConnectionError } from '../src/postgres/pool.js';
import { createStateLog } from '../src/state-log.js';
import { createBackoff, jittered, linkedSignal, meanwhile, pauseQuietly } from '../src/waiting.js';
import { loadCheckpoint, saveProgress } from './checkpoint.js';
import { openFeed, paced, UnreadableEvent } from './feed.js';
import type { Changes, Projection } from './projection.js';
import { renewProjection } from './rebuild.js';

/** What a runner needs. */
export interface RunnerParts {
  readonly store: EventStore;
  /** The database of the read model. */
  readonly url: string;
  readonly log: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Called while this process writes the projection: the tables have every event up to the position (inclusive). */
  readonly onPosition?: (position: Position) => void;
  /** See `paced`. Without it, every event is written as soon as it comes. */
  readonly rest?: (signal: AbortSignal) => Promise<void>;
}

/** About how many changes one transaction makes at most. */
const MAX_CHANGES = 2_000;

/** Milliseconds between two moves of the checkpoint while no event concerns the projection. */
const IDLE_SAVE_INTERVAL = 1_000;

/** Milliseconds between two signs of life while there is nothing to write. */
const BEAT_INTERVAL = 1_000;

const NOTHING: Changes = new Map();

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

/** Milliseconds before a failed run starts again: the first pause, and the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * Keeps a projection up to date until the signal aborts; never rejects. Of all processes that run it, one writes, and
 * another takes over when that one dies, or stops for some seconds. Rows and checkpoint change together. Failures are
 * tried again for ever: at an event that cannot be read, the projection stops until a version of the service can read
 * it. Tables that another version wrote are rebuilt beside the run.
 */
export async function runProjection(projection: Projection, parts: RunnerParts): Promise<void> {
  const { name } = projection;
  const { store, url, signal, onPosition, rest } = parts;
  const eventLog = rest ? paced(store, rest) : store;
  const log = parts.log.child({ projection: name });
  const onNewState = createStateLog();
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  let isStuck = false;
  let renewal: Promise<void> | undefined;

  while (!signal.aborted) {
    try {
      await takeTurn();
    } catch (err) {
      if (signal.aborted) break;
      isStuck ||= err instanceof UnreadableEvent;
      onNewState(`failed: ${err}`, () => {
        log[isConnectionError(err) ? 'warn' : 'error']({ err }, 'the projection stopped and will be tried again');
      });
      await pauseQuietly(jittered(backoff.next()), signal);
    }
  }

  async function takeTurn(): Promise<void> {
    const lease = {
      url,
      name,
      applicationName: `projection ${name}`,
      queryTimeout: QUERY_TIMEOUT,
      signal,
      onWaiting: () => onNewState('waiting', () => log.info('another process runs the projection; this one waits')),
      onTakeOver: () =>
        onNewState('taking over', () => log.warn('the process that ran the projection has stopped; taking over')),
    };
    try {
      await holdLease(lease, async (connection) => {
        for (;;) await project(connection);
      });
    } finally {
      await renewal;
    }
  }

  /** Writes what arrives. Returns after a rebuild has moved the checkpoint. */
  async function project({ client, lost, beat }: ExclusiveConnection): Promise<void> {
    const until = linkedSignal(lost);
    try {
      const checkpoint = await loadCheckpoint(client, projection);
      let saved = checkpoint.position;
      if (saved > (await meanwhile(store.head(), BEAT_INTERVAL, beat))) throw new OtherLog(name, saved);
      if (!checkpoint.isComplete) renewal ??= renew(lost);
      let savedAt = Number.NEGATIVE_INFINITY;
      let beatAt = performance.now();
      let position = saved;
      if (!isStuck) reportPosition(position);

      const feed = openFeed(eventLog, projection, saved, MAX_CHANGES, until.signal);
      for (;;) {
        const untilSave = position === saved ? BEAT_INTERVAL : savedAt + IDLE_SAVE_INTERVAL - performance.now();
        const arrival = await feed.next(untilSave);
        if (arrival) position = arrival.position;

        const changes = arrival?.changes ?? NOTHING;
        const isDue = position !== saved && performance.now() >= savedAt + IDLE_SAVE_INTERVAL;
        if (changes.size > 0 || isDue) {
          if (!(await saveProgress(client, projection, saved, position, changes))) return;
          saved = position;
          savedAt = performance.now();
          beatAt = savedAt;
        } else if (performance.now() >= beatAt + BEAT_INTERVAL) {
          await beat();
          beatAt = performance.now();
        }
        backoff.reset();
        isStuck = false;
        reportPosition(position);
      }
    } finally {
      until.end();
    }
  }

  function renew(until: AbortSignal): Promise<void> {
    return renewProjection(projection, { store, url, log: parts.log, signal: until }).finally(() => {
      renewal = undefined;
    });
  }

  function reportPosition(position: Position): void {
    onNewState('running', () => log.info({ position }, 'the projection is running'));
    onPosition?.(position);
  }
}

/** The projection is ahead of the event log, so it was made from another one, or from a later state of this one. */
export class OtherLog extends Error {
  override readonly name = 'OtherLog';

  constructor(projection: string, position: Position) {
    super(
      `the projection ${projection} is at position ${position}, which the event log has not reached: it was made from ` +
        'another log, or this log was restored to an earlier state; see docs/operations.md',
    );
  }
}
