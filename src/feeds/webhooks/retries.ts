import { jittered } from '../../waiting.js';

/** Milliseconds until a change is tried again: after its first failure, and at most. */
export const FIRST_PAUSE = 500;
export const LONGEST_PAUSE = 3_600_000;

/** Milliseconds for which every delivery of a webhook may fail before the webhook is paused. */
export const PATIENCE = 3 * 24 * 3_600_000;

/**
 * Milliseconds until the next attempt: twice as long after each failure, at random, at most an hour.
 * @param failures how many attempts have failed, at least one
 */
export function pauseAfter(failures: number): number {
  return Math.min(jittered(FIRST_PAUSE * 2 ** Math.min(failures - 1, 30)), LONGEST_PAUSE);
}
