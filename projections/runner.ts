import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { EventStore, Position } from '../src/event-store/event-store.js';
import { isConnectionError } from '../src/postgres/pool.js';
import { loadCheckpoint, saveProgress } from './checkpoint.js';
import { type ExclusiveConnection, openExclusiveConnection } from './exclusive-connection.js';
import { openFeed, UnreadableEvent } from './feed.js';
import { paced } from './paced.js';
import { liveTable, type Projection } from './projection.js';
import { renewProjection } from './renew.js';
import { statementsFor } from './statements.js';

/** What a runner needs. */
export interface RunnerParts {
  readonly store: EventStore;
  /** The database of the read model. */
  readonly url: string;
  readonly log: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Told while this process writes the projection: its tables have every event at or before the position. */
  readonly onPosition?: (position: Position) => void;
  /** See `paced`; when absent, every event is written as soon as it comes. */
  readonly rest?: (signal: AbortSignal) => Promise<void>;
}

/** Changes that one transaction makes, more or less. */
const MAX_CHANGES = 2_000;

/** Milliseconds between two moves of the checkpoint while no event concerns the projection. */
const IDLE_SAVE_INTERVAL = 1_000;

/** Milliseconds until a process that waits asks for the lock again. */
const TAKE_OVER_INTERVAL = 250;

const QUERY_TIMEOUT = 10_000;

/** Milliseconds until what failed is tried again: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * Keeps a projection up to date until the signal aborts; never rejects. Of all processes that run it, one writes, and
 * another takes over when that one dies. Rows and checkpoint change together. Whatever fails is tried again for ever:
 * at an event that cannot be read, the projection stands still until a version comes that can. Tables that another
 * version has written are made anew beside the run.
 */
export async function runProjection(projection: Projection, parts: RunnerParts): Promise<void> {
  const { name } = projection;
  const { store, url, signal, onPosition, rest } = parts;
  const source = rest ? paced(store, rest) : store;
  const log = parts.log.child({ projection: name });
  const onChange = changesOfState();
  let pause = FIRST_PAUSE;
  let unreadable = false;
  let renewal: Promise<void> | undefined;

  while (!signal.aborted) {
    try {
      await takeTurn();
    } catch (err) {
      if (signal.aborted) break;
      unreadable ||= err instanceof UnreadableEvent;
      onChange(`failed: ${err}`, () => {
        log[isConnectionError(err) ? 'warn' : 'error']({ err }, 'the projection stopped and will be tried again');
      });
      await sleep(jittered(pause), undefined, { signal }).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }

  async function takeTurn(): Promise<void> {
    const connection = await openExclusiveConnection(url, `projection ${name}`, QUERY_TIMEOUT, signal);
    try {
      while (!(await connection.tryLock(name))) {
        onChange('waiting', () => log.info('the projection runs in another process, this one waits'));
        await sleep(jittered(TAKE_OVER_INTERVAL), undefined, { signal: connection.lost }).catch(() => {});
        connection.lost.throwIfAborted();
      }
      for (;;) await project(connection);
    } finally {
      await connection.close();
      await renewal;
    }
  }

  /** Writes what comes. Returns when someone else, a rebuild, has moved the checkpoint. */
  async function project({ client, lost }: ExclusiveConnection): Promise<void> {
    const returned = new AbortController();
    try {
      const checkpoint = await loadCheckpoint(client, projection);
      let saved = checkpoint.position;
      if (saved > (await store.head())) throw new OtherLog(name, saved);
      if (!checkpoint.whole) renewal ??= renew(lost);
      let savedAt = Number.NEGATIVE_INFINITY;
      let position = saved;
      if (!unreadable) tellActive(position);

      const feed = openFeed(source, projection, saved, MAX_CHANGES, AbortSignal.any([lost, returned.signal]));
      for (;;) {
        const untilSave = position === saved ? undefined : savedAt + IDLE_SAVE_INTERVAL - performance.now();
        const arrived = await feed.next(untilSave);
        if (arrived) position = arrived.position;

        const statements = arrived ? statementsFor(arrived.changes, liveTable) : [];
        if (statements.length > 0 || performance.now() >= savedAt + IDLE_SAVE_INTERVAL) {
          if (!(await saveProgress(client, projection, saved, position, statements))) return;
          saved = position;
          savedAt = performance.now();
        }
        pause = FIRST_PAUSE;
        unreadable = false;
        tellActive(position);
      }
    } finally {
      returned.abort();
    }
  }

  function renew(until: AbortSignal): Promise<void> {
    return renewProjection(projection, { store, url, log: parts.log, signal: until }).finally(() => {
      renewal = undefined;
    });
  }

  function tellActive(position: Position): void {
    onChange('active', () => log.info({ position }, 'the projection is running'));
    onPosition?.(position);
  }
}

/** The projection was made from another log, such as one that was restored to an earlier state since. */
export class OtherLog extends Error {
  override readonly name = 'OtherLog';

  constructor(projection: string, position: Position) {
    super(
      `the projection ${projection} has come to position ${position}, which the log does not have: see docs/operations.md`,
    );
  }
}

/** Tells of a state once, until it changes. */
function changesOfState(): (state: string, tell: () => void) => void {
  let current = '';
  return (state, tell) => {
    if (state === current) return;
    current = state;
    tell();
  };
}

// Processes that lost the same server must not all come back at the same moment.
function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}
