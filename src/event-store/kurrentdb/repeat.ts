import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../event-store.js';
import { Lost, Refused } from './lost.js';

/** Milliseconds between repetitions: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** The part of the time limit that one attempt may take: there must be time for a second one. */
const ATTEMPT = 0.6;

/**
 * Repeats a call that gets lost until it is answered. Throws `StoreUnavailable` when that takes more than `limit`
 * milliseconds, when the user is refused, or when the signal aborts.
 * @param call gets the milliseconds that it may take, and how often it was lost before
 */
export async function repeatUntilAnswered<T>(
  call: (limit: number, lost: number) => Promise<T>,
  limit: number,
  signal: AbortSignal,
): Promise<T> {
  const end = performance.now() + limit;
  for (let lost = 0, pause = FIRST_PAUSE; ; lost++, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await call(Math.min(ATTEMPT * limit, end - performance.now()), lost);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      const isLast = error instanceof Refused || signal.aborted || performance.now() + pause >= end;
      if (isLast) throw new StoreUnavailable(error.message, { cause: error });
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}
