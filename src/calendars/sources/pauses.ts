import type { Fetched } from './fetch-calendar.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The longest pause after failures, in milliseconds. */
export const LONGEST_PAUSE = 24 * HOUR;

/**
 * Milliseconds after which a document is read again although it is the same: its recurrences go on with time, and it is
 * not kept.
 */
export const READ_AGAIN_AFTER = 12 * HOUR;

/**
 * Milliseconds until the next fetch after failures: the interval, then twice as long after each failure, up to half as
 * long again at random, at most a day. What the server asked for counts if it is longer.
 * @param interval in minutes
 * @param failures how many fetches have failed in a row, at least one
 * @param asked what the server asked for
 */
export function pauseAfterFailures(interval: number, failures: number, asked: Failed['retryAfter'] = 0): number {
  const doubled = interval * MINUTE * 2 ** Math.min(failures - 1, 20);
  const jittered = doubled * (1 + Math.random() / 2);
  return Math.min(Math.max(jittered, asked), LONGEST_PAUSE);
}

/** Milliseconds until the next fetch after one that succeeded. @param interval in minutes */
export function pauseAfterSuccess(interval: number): number {
  return interval * MINUTE;
}

type Failed = Extract<Fetched, { kind: 'failed' }>;
