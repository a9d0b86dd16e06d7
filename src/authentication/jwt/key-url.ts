import type { Logger } from 'pino';
import { createBackoff, pauseQuietly } from '../../waiting.js';
import { CannotVerify } from '../credential.js';
import { fetchText, NotFetched } from './fetch-text.js';
import { NotAKeySet, type SigningKey } from './jwks.js';
import { createKeySet, type KeyHint, type SigningKeys, unknownKey } from './key-set.js';

/** When the keys of a URL are fetched. All times are in milliseconds. */
export interface FetchTimes {
  /** Between two fetches that succeed. */
  readonly refresh: number;
  /** After the first fetch that fails; then twice as long each time, up to `cooldown`. */
  readonly retry: number;
  /** Between two fetches that tokens with unknown keys cause. */
  readonly cooldown: number;
  /** The longest that a fetch may take. */
  readonly timeout: number;
}

/** A key that was taken from the URL is gone within the refresh and the timeout: 60 seconds. */
export const FETCH_TIMES: FetchTimes = { refresh: 55_000, retry: 1_000, cooldown: 30_000, timeout: 5_000 };

/** Whether the place of a key set is a URL; otherwise it is the path of a file. */
export function isKeyUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/**
 * The keys at a URL: fetched in the background, from now on, again and again. While they cannot be fetched, the known keys
 * stay, and the log says why, once. Nobody waits for a fetch but tokens with keys that are not known.
 */
export function followKeyUrl(url: string, log: Logger, times: FetchTimes = FETCH_TIMES): SigningKeys {
  const keySet = createKeySet();
  const stopped = new AbortController();
  let content: string | undefined;
  let fetching: Promise<void> | undefined;
  let problem: string | undefined;
  let causedAt = Number.NEGATIVE_INFINITY;

  async function fetchKeys(): Promise<void> {
    try {
      take(await fetchText(url, times.timeout, stopped.signal));
    } catch (error) {
      if (!(error instanceof NotFetched || error instanceof NotAKeySet)) throw error;
      if (error.message !== problem && !stopped.signal.aborted) {
        log.warn(`the keys of AUTH_JWKS could not be fetched: it ${error.message}`);
      }
      problem = error.message;
    }
  }

  function take(found: string): void {
    if (found !== content) {
      const keys = keySet.take(found);
      log[keys === 0 ? 'warn' : 'info']({ keys }, 'tokens are verified with the keys that were fetched');
    } else if (problem !== undefined) {
      log.info('the keys of AUTH_JWKS are fetched again');
    }
    content = found;
    problem = undefined;
  }

  /** Fetches the keys, or waits for the fetch that is under way. */
  function fetchOnce(): Promise<void> {
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  async function follow(): Promise<void> {
    const retries = createBackoff(times.retry, times.cooldown);
    while (!stopped.signal.aborted) {
      await fetchOnce();
      if (problem === undefined) retries.reset();
      await pauseQuietly(problem === undefined ? times.refresh : retries.next(), stopped.signal);
    }
  }

  async function fetchForUnknown(): Promise<void> {
    const now = performance.now();
    if (!fetching && now - causedAt < times.cooldown) return;
    if (!fetching) causedAt = now;
    await fetchOnce();
  }

  async function searchFor(hint: KeyHint): Promise<SigningKey> {
    await fetchForUnknown();
    const key = keySet.find(hint);
    if (key) return key;
    // Perhaps the provider has the key by now.
    if (problem !== undefined) throw new CannotVerify('the identity provider is unavailable, and the key is not known');
    throw unknownKey();
  }

  void follow();
  return {
    keyOf(hint) {
      if (content === undefined) throw new CannotVerify('the identity provider did not answer yet');
      return keySet.find(hint) ?? searchFor(hint);
    },
    stop: () => stopped.abort(),
  };
}
