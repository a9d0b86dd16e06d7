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

/**
 * Milliseconds that a header `Retry-After` asks for, in seconds or as a date; an hour at most, however long it asks for.
 * Undefined for any other text.
 * @param now epoch milliseconds
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const asked = /^\d{1,10}$/.test(header) ? Number(header) * 1_000 : httpDate(header) - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(asked, 0), LONGEST_PAUSE);
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats; `Date.parse` takes more, such as a bare year. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
