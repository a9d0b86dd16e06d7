import { pauseQuietly } from '../../waiting.js';

/** What time it is, and how to wait: a test has a clock of its own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest that a timer of Node waits. */
const MAX_TIMER = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  wait: (ms, signal) => pauseQuietly(Math.min(Math.max(ms, 0), MAX_TIMER), signal),
};
