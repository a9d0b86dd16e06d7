import type pg from 'pg';
import { type Freshness, ReadModelUnavailable } from '../src/application/read-model.js';
import { type Position, START } from '../src/event-store/event-store.js';
import { createBell, createDeferred, type Deferred, type Patience, pause } from '../src/waiting.js';
import { readCheckpoint } from './checkpoint.js';

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
  /** How far the projection has come, at least. Throws `ReadModelUnavailable`. */
  position(): Promise<Position>;
  /**
   * Resolves when the read model has every event at or before the position, however long it takes, and hurries nobody.
   * Rejects with the signal's reason.
   */
  passed(position: Position, signal: AbortSignal): Promise<void>;
  /** Takes note of the progress of a runner in this process, which saves looking at the checkpoint. */
  report(position: Position): void;
  /**
   * How long a runner in this process may let events gather: resolves after 25 ms, or as soon as a caller waits for a
   * position here, or when the signal aborts.
   */
  rest(signal: AbortSignal): Promise<void>;
}

/** Milliseconds between two looks at the checkpoint while a caller waits, and while only those wait who hurry nobody. */
const POLL_INTERVAL = 5;
const PATIENT_INTERVAL = 20;

/** Milliseconds after a report in which the next report is expected to come before a look at the checkpoint. */
const REPORTS_EXPECTED = 1_000;

/** Milliseconds that a runner rests while nobody waits: one transaction then writes many bookings. */
const REST = 25;

/** Waits for a projection. Looks at its checkpoint only while callers wait, once for all of them. */
export function createFreshness({ pool, projection, timeLimit = 5_000 }: FreshnessParts): ProjectionFreshness {
  /** The callers that wait, and the positions that they wait for. */
  const waiting = new Map<Deferred<void>, Position>();
  const callerWaits = createBell();
  let hurrying = 0;
  let known = START;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let polling = false;
  let lastError: unknown;

  function advance(position: Position): void {
    if (position <= known) return;
    known = position;
    for (const [caller, wanted] of waiting) if (wanted <= known) caller.resolve();
  }

  async function poll(): Promise<void> {
    polling = true;
    if (isReporting()) await pause(POLL_INTERVAL);
    while (waiting.size > 0) {
      if (hurrying > 0 || !isReporting()) await look();
      if (waiting.size === 0) break;
      if (hurrying > 0) await pause(POLL_INTERVAL);
      else await callerWaits.wait(PATIENT_INTERVAL);
    }
    polling = false;
  }

  async function look(): Promise<void> {
    try {
      advance((await readCheckpoint(pool, projection)).position);
      lastError = undefined;
    } catch (error) {
      // The outage may be over before the time limit.
      lastError = error;
    }
  }

  function isReporting(): boolean {
    return performance.now() - reportedAt < REPORTS_EXPECTED;
  }

  /** @param pace how many of those who hurry the runner the caller is: 1 or 0 */
  function wait(position: Position, patience: Patience, pace: 0 | 1): Promise<void> {
    hurrying += pace;
    const caller = createDeferred<void>(patience, () => {
      hurrying -= pace;
      waiting.delete(caller);
    });
    waiting.set(caller, position);
    if (pace > 0) callerWaits.ring();
    if (!polling) void poll();
    return caller.promise;
  }

  return {
    report(position) {
      reportedAt = performance.now();
      advance(position);
    },

    async rest(signal) {
      if (hurrying === 0) await callerWaits.wait(REST, signal);
    },

    async position() {
      if (!isReporting()) advance((await readCheckpoint(pool, projection)).position);
      return known;
    },

    async passed(position, signal) {
      signal.throwIfAborted();
      if (position > known) await wait(position, { signal }, 0);
    },

    async reached(position, cancellation) {
      if (cancellation.aborted) throw cancellation.reason;
      if (position <= known) return;

      const tooLate = () => {
        const message = `the projection ${projection} is at position ${known}, not at ${position}, after ${timeLimit} ms`;
        return new ReadModelUnavailable(message, { cause: lastError });
      };
      await wait(position, { limit: { ms: timeLimit, error: tooLate }, signal: cancellation.signal }, 1);
    },
  };
}
