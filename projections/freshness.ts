import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Freshness, ReadModelUnavailable } from '../src/application/read-model.js';
import { type Position, START } from '../src/event-store/event-store.js';
import { readCheckpoint } from './checkpoint-queries.js';

/** Whose progress to know, and how. */
export interface FreshnessParts {
  readonly pool: pg.Pool;
  /** The name of the projection. */
  readonly projection: string;
  /** Milliseconds that `reached` waits at most. Default 5,000. */
  readonly timeLimit?: number;
}

/** Knows how far a projection has come, whichever process runs it. */
export interface ProjectionFreshness extends Freshness {
  /**
   * Takes note of how far the projection has come, from a runner in this process: who waits need not ask the database.
   */
  report(position: Position): void;
  /**
   * How long a runner in this process may let events gather: resolves after 25 ms, or as soon as someone waits for a
   * position here, or when the signal aborts.
   */
  rest(signal: AbortSignal): Promise<void>;
}

/** Milliseconds between two looks at the checkpoint while someone waits. */
const POLL_INTERVAL = 5;

/** Milliseconds for which a report means that the runner is in this process, and will tell before the database does. */
const REPORTS_EXPECTED = 1_000;

/** Milliseconds that a runner rests while nobody waits: so many bookings are written in one transaction. */
const REST = 25;

interface Waiter {
  readonly position: Position;
  arrive(): void;
}

/** Waits for a projection. Looks at its checkpoint only while someone waits, for all of them at once. */
export function createFreshness({ pool, projection, timeLimit = 5_000 }: FreshnessParts): ProjectionFreshness {
  const waiters = new Set<Waiter>();
  const resting = new Set<() => void>();
  let known = START;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let polling = false;
  let lastError: unknown;

  function advance(position: Position): void {
    if (position <= known) return;
    known = position;
    for (const waiter of waiters) if (waiter.position <= known) waiter.arrive();
  }

  async function poll(): Promise<void> {
    polling = true;
    if (performance.now() - reportedAt < REPORTS_EXPECTED) await sleep(POLL_INTERVAL);
    while (waiters.size > 0) {
      try {
        advance(await readCheckpoint(pool, projection));
        lastError = undefined;
      } catch (error) {
        // It may be back before the time is up.
        lastError = error;
      }
      if (waiters.size > 0) await sleep(POLL_INTERVAL);
    }
    polling = false;
  }

  return {
    report(position) {
      reportedAt = performance.now();
      advance(position);
    },

    rest: (signal) =>
      new Promise((resolve) => {
        if (waiters.size > 0 || signal.aborted) return resolve();
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, REST);
        signal.addEventListener('abort', end);
        resting.add(end);
      }),

    async reached(position, signal) {
      signal.throwIfAborted();
      if (position <= known) return;

      await new Promise<void>((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiters.delete(waiter);
        };
        const abort = () => {
          settle();
          reject(signal.reason);
        };
        const expire = () => {
          settle();
          const message = `${projection} has come to position ${known}, not to ${position}, within ${timeLimit} ms`;
          reject(new ReadModelUnavailable(message, { cause: lastError }));
        };
        const waiter: Waiter = {
          position,
          arrive() {
            settle();
            resolve();
          },
        };
        const timer = setTimeout(expire, timeLimit);
        signal.addEventListener('abort', abort);
        waiters.add(waiter);
        for (const end of resting) end();
        if (!polling) void poll();
      });
    },
  };
}
