import type { ConnectError } from '@connectrpc/connect';
import { rateLimited } from '../../handlers/answer/errors.js';

/** The response headers that say which limit a caller has reached, and how long for. */
export const RATE_LIMIT_FIELDS = ['ratelimit', 'ratelimit-policy'] as const;

/** A limit, as its error names it. */
export interface Policy {
  /** For programs. */
  readonly name: string;
  readonly points: number;
  /** The seconds in which so many are allowed; undefined: so many are allowed at once. */
  readonly window?: number;
  /** For people: `at most 100 reads a minute for a caller`. */
  readonly rule: string;
}

/**
 * The error for a caller who has used up a quota: RATE_LIMITED, with the time after which it can try again, and the
 * fields of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ as headers.
 * @param ms milliseconds to wait
 */
export function usedUp({ name, points, window, rule }: Policy, ms: number): ConnectError {
  const seconds = Math.ceil(ms / 1_000);
  const duration = window === undefined ? ';qu="concurrent-requests"' : `;w=${window}`;
  return rateLimited(`${rule}; try again in ${seconds} s`, ms, {
    'retry-after': String(seconds),
    'ratelimit-policy': `"${name}";q=${points}${duration}`,
    ratelimit: window === undefined ? `"${name}";r=0` : `"${name}";r=0;t=${seconds}`,
  });
}
