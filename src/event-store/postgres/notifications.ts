import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { connectionSettings } from '../../postgres/pool.js';

/** Milliseconds between two notifications, at least: each takes a lock of the whole server. */
const INTERVAL = 25;

/** Milliseconds until a lost connection is opened again: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Milliseconds that `close` waits for the connection to end. */
const GOODBYE = 500;

/** Hints between processes that the log has grown. They may get lost. */
export interface Notifications {
  /** Tells the other processes, soon; many calls may become one notification. */
  send(): void;
  close(): Promise<void>;
}

/**
 * Opens a store's one connection for hints, in the background, and opens it again whenever it is lost.
 * @param onHint called for the hints of other stores, and when some may have been missed
 */
export function openNotifications(url: string, onHint: () => void, log: Logger): Notifications {
  const sender = randomUUID();
  const closing = new AbortController();
  let connected: pg.Client | undefined;
  let due = false;
  let sending = false;

  async function keepConnected(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!closing.signal.aborted) {
      const client = new pg.Client(connectionSettings(url, 'event store notifications', 3_000, 3_000));
      const lost = new Promise((resolve) => client.once('end', resolve));
      // Without a listener, the loss of an idle connection would end the process.
      client.on('error', () => {});
      client.on('notification', ({ payload }) => {
        if (payload !== sender) onHint();
      });
      try {
        await client.connect();
        // A hint that a crash of the server loses does no harm: none has to wait for the disk.
        await client.query('set synchronous_commit = off; listen event_store');
        pause = FIRST_PAUSE;
        onHint();
        if (!closing.signal.aborted) {
          connected = client;
          await lost;
        }
      } catch (err) {
        if (pause === FIRST_PAUSE) log.warn({ err }, 'no notifications from Postgres, subscriptions only poll');
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
      connected = undefined;
      void client.end();
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  async function sendDue(): Promise<void> {
    sending = true;
    while (due && connected) {
      due = false;
      const client = connected;
      // A connection on which this failed is of no use: ending it lets another one be opened.
      await client.query("select pg_notify('event_store', $1)", [sender]).catch(() => client.end());
      await sleep(INTERVAL);
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
      await Promise.race([running, sleep(GOODBYE, undefined, { ref: false })]);
    },
  };
}
