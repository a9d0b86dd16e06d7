import { createBackoff, createDeferred, type Deferred, pauseQuietly } from '../../waiting.js';
import { StoreUnavailable } from '../event-store.js';
import { AccessRefused, NoAnswer } from './client-port.js';

/** Milliseconds between repetitions: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** The part of the time limit that one attempt may take: there must be time for a second one. */
const ATTEMPT = 0.6;

/**
 * Repeats a call until it is answered. Throws `StoreUnavailable` when that takes more than `limit` milliseconds, when
 * KurrentDB refuses the user, or when the signal aborts.
 * @param call given the milliseconds that it may take, and how many attempts were made before
 */
export async function repeatUntilAnswered<T>(
  call: (limit: number, attempts: number) => Promise<T>,
  limit: number,
  signal: AbortSignal,
): Promise<T> {
  const end = performance.now() + limit;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  for (let attempts = 0; ; attempts++) {
    try {
      return await call(Math.min(ATTEMPT * limit, end - performance.now()), attempts);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const untilNext = backoff.next();
      const isLast = error instanceof AccessRefused || signal.aborted || performance.now() + untilNext >= end;
      if (isLast) throw new StoreUnavailable(error.message, { cause: error });
      await pauseQuietly(untilNext, signal);
    }
  }
}

/** Bounds how many calls are under way. The others wait their turn in order of arrival. */
export interface CallLimit {
  /**
   * Makes the call as soon as it may. Throws `StoreUnavailable` when it may not within `limit` milliseconds, and the
   * signal's reason.
   * @param call given the milliseconds that are left
   */
  run<T>(call: (left: number) => Promise<T>, limit: number, signal: AbortSignal): Promise<T>;
}

/** @param most the most calls under way at a time */
export function createCallLimit(most: number): CallLimit {
  const waiting = new Set<Deferred<void>>();
  let free = most;

  function waitForTurn(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const error = () => new StoreUnavailable(`the event store is too busy: the call waited ${ms} ms for its turn`);
    const turn = createDeferred<void>({ limit: { ms, error }, signal }, () => waiting.delete(turn));
    waiting.add(turn);
    return turn.promise;
  }

  return {
    run: async (call, limit, signal) => {
      const end = performance.now() + limit;
      if (free > 0) free -= 1;
      else await waitForTurn(limit, signal);
      try {
        return await call(end - performance.now());
      } finally {
        const [next] = waiting;
        if (next) next.resolve();
        else free += 1;
      }
    },
  };
}
