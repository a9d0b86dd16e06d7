import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Logger } from 'pino';
import { connectionSettings } from '../../postgres/pool.js';
import { createBackoff, pause, pauseQuietly, waitAtMost } from '../../waiting.js';

/** Milliseconds between two notifications, at least: each takes a lock on the whole server. */
const INTERVAL = 25;

/** Milliseconds until a lost connection is opened again: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Milliseconds that `close` waits for the connection to end. */
const GOODBYE = 500;

/** Hints between processes that the log has grown. A hint may get lost. */
export interface Notifications {
  /** Sends a hint to the other processes soon. Many calls may become one notification. */
  send(): void;
  close(): Promise<void>;
}

/**
 * Opens a store's one connection for hints in the background, and opens it again whenever it is lost.
 * @param onHint called for each hint of another store, and whenever hints may have been missed
 */
export function openNotifications(url: string, onHint: () => void, log: Logger): Notifications {
  const sender = randomUUID();
  const closing = new AbortController();
  let connected: pg.Client | undefined;
  let due = false;
  let sending = false;

  async function keepConnected(): Promise<void> {
    const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
    while (!closing.signal.aborted) {
      const client = new pg.Client(connectionSettings(url, 'event store notifications', 3_000, 3_000));
      const lost = new Promise((resolve) => client.once('end', resolve));
      // Without a listener, the loss of an idle connection would end the process.
      client.on('error', () => {});
      client.on('notification', ({ payload }) => {
        if (payload !== sender) onHint();
      });
      let untilNext = FIRST_PAUSE;
      try {
        await client.connect();
        // A hint that is lost when the server crashes does no harm, so no hint has to wait for the disk.
        await client.query('set synchronous_commit = off; listen event_store');
        backoff.reset();
        onHint();
        if (!closing.signal.aborted) {
          connected = client;
          await lost;
        }
      } catch (err) {
        if (backoff.atStart) log.warn({ err }, 'no notifications from Postgres, subscriptions only poll');
        untilNext = backoff.next();
      }
      connected = undefined;
      void client.end();
      await pauseQuietly(untilNext, closing.signal);
    }
  }

  async function sendDue(): Promise<void> {
    sending = true;
    while (due && connected) {
      due = false;
      const client = connected;
      // After a failure the connection is of no use. Once it has ended, another one is opened.
      await client.query("select pg_notify('event_store', $1)", [sender]).catch(() => client.end());
      await pause(INTERVAL);
    }
    sending = false;
  }

  const running = keepConnected();
  return {
    send: () => {
      due = true;
      if (!sending) void sendDue();
    },
    close: async () => {
      closing.abort();
      void connected?.end();
      await waitAtMost(GOODBYE, running);
    },
  };
}
