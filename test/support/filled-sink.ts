import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { createChangeFeed } from '../../src/feeds/change-feed.js';
import { type Cursor, readCursor } from '../../src/feeds/sinks/cursors.js';
import { runSink } from '../../src/feeds/sinks/run-sink.js';
import type { Sink } from '../../src/feeds/sinks/sink.js';
import { createPool } from '../../src/postgres/pool.js';
import { scheduled } from './coach-samples.js';
import { createTestDatabase } from './database.js';
import { createMemoryLog, type MemoryLog } from './memory-event-store.js';

/** Changes, and a database that keeps the cursors of feeds. */
export interface Feeding {
  readonly url: string;
  /** Appends a booking for each coach, and answers the ids of the events. */
  book(...coaches: string[]): Promise<string[]>;
  /** Fills a sink, as a process of the service does, until the test ends or `stop` is called. */
  fill(sink: Sink): { stop(): Promise<void> };
  cursor(feed: string): Promise<Cursor | undefined>;
}

const silent = pino({ level: 'silent' });

/** A log without events, and whoever gets its changes. */
export async function startFeeding(log: MemoryLog = createMemoryLog()): Promise<Feeding> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  await migrateReadModel(url);
  const pool = createPool(url, { max: 1, applicationName: 'test', log: silent });
  onTestFinished(() => pool.end());
  const store = log.open();

  return {
    url,
    async book(...coaches) {
      const ids: string[] = [];
      for (const coach of coaches) ids.push(await bookIn(store, coach));
      return ids;
    },
    fill(sink) {
      const ended = new AbortController();
      const shown = { position: store.head, reached: async () => {} };
      const feed = createChangeFeed({ store, shown, log: silent, signal: ended.signal });
      const running = runSink(sink, { feed, store, url, log: silent, signal: ended.signal });
      const stop = () => {
        ended.abort();
        return running;
      };
      onTestFinished(stop);
      return { stop };
    },
    cursor: (feed) => readCursor(pool, feed),
  };
}

async function bookIn(store: EventStore, coachHashId: string): Promise<string> {
  const id = randomUUID();
  const metadata = {
    $typeName: 'aceup.scheduler.v1.EventMetadata' as const,
    correlationId: id,
    requestId: '',
    requestFingerprint: '',
    traceparent: '',
    actor: '',
    subject: '',
  };
  const event = scheduled('09:00', 60, { coachHashId, sessionId: id });
  await store.append(coachStream(coachHashId), 'any', [coachEvents.encode(id, event, metadata)]);
  return id;
}
