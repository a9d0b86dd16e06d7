import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { migrate } from '../../postgres/migrate.js';
import { createPool } from '../../postgres/pool.js';
import { linkedSignal } from '../../waiting.js';
import { coalesce } from '../coalesce.js';
import { type AppendResult, type EventStore, StoreUnavailable } from '../event-store.js';
import { type Append, callAppend, callAppendAll, tryAppend } from './append-call.js';
import { createAppendQueue } from './append-queue.js';
import { openNotifications } from './notifications.js';
import { createWakeUp, followLog } from './postgres-subscription.js';
import { createStreamReader, PAGE_ROWS, ROWS_IN_TURNS, readHead, readLog } from './read-events.js';
import { appendError, isAppendRefused, readError } from './store-errors.js';
import { createTail } from './tail.js';

/** The settings of the store. */
export interface PostgresEventStoreOptions {
  readonly log: Logger;
  /** Milliseconds that an append may take, repetitions after lost connections included. Default 5,000. */
  readonly timeLimit?: number;
  /** Milliseconds after which a subscription looks for events without a notification. Default 250. */
  readonly pollInterval?: number;
  /** The most connections, besides the one for notifications. Default 10. */
  readonly maxConnections?: number;
}

/**
 * Milliseconds that a connection or a statement may take. An append may take longer: there is time for a second try.
 */
const ATTEMPT = 3_000;

/**
 * With one page ahead, Postgres waits while this process parses it, and a rebuild takes a quarter longer. A third makes
 * no difference.
 */
const PAGES_AHEAD = 2;

/**
 * The event store in the schema `event_store` of a Postgres database. Creates the schema, or brings it up to date,
 * before it resolves. Positions have no gaps. Throws `StoreUnavailable` when Postgres is unavailable. Once it is open,
 * calls throw `StoreOutOfOrder` when somebody has changed the database, and the log says so once.
 */
export async function openPostgresEventStore(url: string, options: PostgresEventStoreOptions): Promise<EventStore> {
  const { log, timeLimit = 5_000, pollInterval = 250, maxConnections: max = 10 } = options;
  await migrate(url, 'event_store', new URL('./migrations', import.meta.url)).catch(failRead);

  const attempt = Math.min(ATTEMPT, timeLimit);
  const pool = createPool(url, {
    max,
    applicationName: 'event store',
    log,
    queryTimeout: attempt,
    connectTimeout: attempt,
    planForGrowth: true,
    isRefusal: isAppendRefused,
  });
  const wakeUp = createWakeUp();
  const tail = createTail();
  const notifications = openNotifications(url, lookForOthers, log);
  const queue = createAppendQueue(appendAndNotify, timeLimit, log);
  const sharedHead = coalesce(() => readHead(pool));
  const readStream = createStreamReader(pool);
  const closing = new AbortController();
  // Each subscription listens.
  setMaxListeners(0, closing.signal);
  let closed: Promise<void> | undefined;

  async function appendAndNotify(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    const appended = await callAppend(pool, appends);
    tail.add(appends, appended);
    if (appended.results.some(({ outcome }) => outcome === 'appended')) tellSubscriptions();
    return appended.results;
  }

  function tellSubscriptions(): void {
    wakeUp.call();
    notifications.send();
  }

  function lookForOthers(): void {
    tail.noteOthers();
    wakeUp.call();
  }

  async function close(): Promise<void> {
    closing.abort();
    queue.close();
    await Promise.all([notifications.close(), pool.end()]);
  }

  function requireOpen(): void {
    if (closed) throw new StoreUnavailable('the event store is closed');
  }

  return {
    append: async (stream, expected, events) => {
      requireOpen();
      if (events.length === 0) throw new RangeError('an append needs at least one event');
      return queue.add({ stream, expected, events });
    },
    appendAll: async (appends) => {
      requireOpen();
      const fits = await callAppendAll(pool, appends).catch(failAppend);
      if (fits) {
        tail.noteOthers();
        tellSubscriptions();
      }
      return fits;
    },
    tryAppend: async () => {
      requireOpen();
      await tryAppend(pool).catch(failAppend);
    },
    read: async function* (stream, from = 0n) {
      requireOpen();
      try {
        yield* readStream(stream, from);
      } catch (error) {
        throw readError(error);
      }
    },
    head: async () => {
      requireOpen();
      return sharedHead().catch(failRead);
    },
    subscribe: async function* (from, filter, signal, pace = 'ahead') {
      const [rows, pagesAhead] = pace === 'ahead' ? [PAGE_ROWS, PAGES_AHEAD] : [ROWS_IN_TURNS, 0];
      const { readPage, stop } = tail.follow(from, filter, (after) => readLog(pool, after, filter, rows));
      const source = { readPage, pagesAhead, wakeUp, pollInterval, log };
      const until = linkedSignal(signal, closing.signal);
      try {
        yield* followLog(from, source, until.signal);
      } catch (error) {
        throw readError(error);
      } finally {
        until.end();
        stop();
      }
      if (!signal.aborted) requireOpen();
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function failRead(error: unknown): never {
  throw readError(error);
}

function failAppend(error: unknown): never {
  throw appendError(error);
}
