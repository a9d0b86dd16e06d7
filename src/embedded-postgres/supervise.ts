import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Held } from './held.js';

/** Milliseconds between attempts to start Postgres: doubling from the first to the second number. */
const BACKOFF = { first: 100, most: 5_000 };

/**
 * Watches over an owned cluster: whenever the ownership ends, which it does when Postgres dies, calls `acquire` until
 * it succeeds. When the signal is aborted, resolves with what is owned then, or was owned last. Never rejects. Logs
 * each change once.
 */
export async function supervise(
  first: Held,
  acquire: (signal: AbortSignal) => Promise<Held>,
  log: Logger,
  signal: AbortSignal,
): Promise<Held> {
  const aborted = once(signal, 'abort');
  let held = first;
  for (;;) {
    await Promise.race([held.ownership.lost, aborted]);
    if (signal.aborted) return held;
    log.warn('Postgres is gone; starting it again');
    const regained = await regain(acquire, log, signal);
    if (!regained) return held;
    held = regained;
    log.info('Postgres is back');
  }
}

async function regain(
  acquire: (signal: AbortSignal) => Promise<Held>,
  log: Logger,
  signal: AbortSignal,
): Promise<Held | undefined> {
  for (let pause = BACKOFF.first; ; pause = Math.min(2 * pause, BACKOFF.most)) {
    try {
      return await acquire(signal);
    } catch (err) {
      if (signal.aborted) return undefined;
      if (pause === BACKOFF.first) log.error({ err }, 'Postgres is not back yet; trying until it is');
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}
