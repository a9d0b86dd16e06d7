import type pg from 'pg';
import type { Logger } from 'pino';
import type { ChangeFeed } from '../../application/change-feed.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { ExclusiveConnection } from '../../postgres/exclusive-connection.js';
import { holdLease } from '../../postgres/lease.js';
import { createBackoff, createBell, jittered, linkedSignal, pauseQuietly } from '../../waiting.js';
import type { CloudEvent } from '../cloud-event.js';
import type { Delivering } from './attempts.js';
import { type Clock, systemClock } from './clock.js';
import { createLeaseWatch } from './lease-watch.js';
import type { Poster } from './post-event.js';
import { bodies } from './request.js';
import { createRequestTurns } from './request-turns.js';
import { createWebhookRuns } from './webhook-runs.js';
import { CHANNEL } from './webhook-store.js';

/** What delivering to webhooks needs. */
export interface RunWebhooksParts {
  readonly feed: ChangeFeed;
  readonly store: Pick<EventStore, 'read' | 'head'>;
  /** The database that has the schema `feeds`. */
  readonly url: string;
  readonly poster: Poster;
  readonly eventOf: (change: Parameters<Delivering['bodyOf']>[0]) => CloudEvent;
  readonly newId: () => string;
  readonly log: Logger;
  /** Default: that of this machine. */
  readonly clock?: Clock;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** The name of the lease of the process that delivers to webhooks. */
export const WEBHOOKS_LEASE = 'webhooks';

/** The most requests of a process that are under way. */
const PARALLEL = 128;

/** Milliseconds between two times that progress is saved, which is also a sign of life. */
const SAVE_INTERVAL = 500;

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

/** Milliseconds before the lease is taken again: the first pause, and the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Milliseconds that requests under way, and the last progress, have at the end. */
const GRACE = 1_000;

/**
 * Delivers changes to webhooks until the signal aborts; never rejects. Of all processes that run it, one delivers, to
 * all of them: a receiver is what takes time, not the process. Another takes over within 5 seconds, and begins at most
 * half a second before the place where the first one was.
 */
export async function runWebhooks(parts: RunWebhooksParts): Promise<void> {
  const { url, log, signal, feed, poster, newId, clock = systemClock } = parts;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  const hard = new AbortController();
  const requestTurns = createRequestTurns(PARALLEL);
  let isWorking = false;
  const end = () => {
    if (isWorking) setTimeout(() => hard.abort(), 3 * GRACE).unref();
    else hard.abort();
  };
  signal.addEventListener('abort', end, { once: true });
  const lease = { url, name: WEBHOOKS_LEASE, applicationName: 'webhooks', queryTimeout: QUERY_TIMEOUT };
  while (!signal.aborted) {
    try {
      await holdLease({ ...lease, signal: hard.signal }, deliver);
    } catch (err) {
      if (signal.aborted) return;
      if (backoff.atStart) log.warn({ err }, 'the lease of the webhooks was lost and will be taken again');
      await pauseQuietly(jittered(backoff.next()), signal);
    }
  }

  /** Delivers as long as this process holds the lease. */
  async function deliver(connection: ExclusiveConnection): Promise<void> {
    if (signal.aborted) return;
    isWorking = true;
    const { client, lost } = connection;
    const watch = createLeaseWatch(lost);
    const changed = createBell();
    /** The webhooks that may have changed; undefined: all. */
    let stale: Set<string> | undefined;
    const notice = ({ channel, payload }: pg.Notification) => {
      if (channel !== CHANNEL || !payload) return;
      stale?.add(payload);
      changed.ring();
    };
    client.on('notification', notice);
    const delivering = { poster, clock, newId, requestTurns, bodyOf: bodies(parts.eventOf), holdsLease: watch.holds };
    const until = linkedSignal(lost);
    const runs = createWebhookRuns({ ...delivering, client, feed, store: parts.store, log, signal: until.signal });
    const wake = () => changed.ring();
    signal.addEventListener('abort', wake, { once: true });
    try {
      await client.query(`listen ${CHANNEL}`);
      log.info('this process delivers to webhooks');
      while (!signal.aborted) {
        const began = performance.now();
        if (stale?.size !== 0) {
          const ids = stale && [...stale];
          stale = new Set();
          await runs.sync(ids);
        }
        await runs.save();
        await connection.beat();
        watch.confirm(began);
        backoff.reset();
        if (stale.size === 0 && !signal.aborted) await changed.wait(SAVE_INTERVAL, lost);
        lost.throwIfAborted();
      }
      await runs.stop(GRACE);
    } finally {
      isWorking = false;
      signal.removeEventListener('abort', wake);
      client.off('notification', notice);
      until.end();
      await runs.abandon();
    }
  }
}
