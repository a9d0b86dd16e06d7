import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { v7 } from 'uuid';
import { onTestFinished } from 'vitest';
import type { ChangeFeed } from '../../../src/application/change-feed.js';
import type { PauseReason } from '../../../src/application/webhooks.js';
import { coachStream } from '../../../src/domain/coach/coach.js';
import { coachEvents } from '../../../src/event-store/event-codec.js';
import type { EventStore } from '../../../src/event-store/event-store.js';
import type { Shown } from '../../../src/feeds/change-feed.js';
import { cloudEvents } from '../../../src/feeds/cloud-event.js';
import type { Clock } from '../../../src/feeds/webhooks/clock.js';
import { createPoster } from '../../../src/feeds/webhooks/post-event.js';
import { bodies } from '../../../src/feeds/webhooks/request.js';
import { createRequestTurns } from '../../../src/feeds/webhooks/request-turns.js';
import type { WebhookRow } from '../../../src/feeds/webhooks/webhook-rows.js';
import { type SharedByRuns, startWebhookRun, type WebhookRunParts } from '../../../src/feeds/webhooks/webhook-run.js';
import type { EventMetadata } from '../../../src/gen/aceup/scheduler/v1/events_pb.js';
import { changeJson } from '../../../src/handlers/answer/change-message.js';
import { scheduled } from '../../support/coach-samples.js';
import { createMemoryLog } from '../../support/memory-event-store.js';
import type { Receiver } from '../../support/receiver.js';
import { ALL_SHOWN, feedOf } from '../support.js';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Moves on, and ends the waits that are over then. */
  advance(ms: number): void;
  /** How long the wait is that ends next; undefined: nobody waits. */
  next(): number | undefined;
}

/** A clock that shows noon. */
export function createTestClock(): TestClock {
  let now = Date.parse('2030-01-01T12:00:00Z');
  const waits = new Set<{ readonly until: number; readonly end: () => void }>();
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = () => {
          waits.delete(wait);
          resolve();
        };
        const wait = { until: now + ms, end };
        waits.add(wait);
        signal.addEventListener('abort', end, { once: true });
      }),
    advance(ms) {
      now += ms;
      for (const wait of waits) if (wait.until <= now) wait.end();
    },
    next: () => (waits.size === 0 ? undefined : Math.min(...[...waits].map(({ until }) => until)) - now),
  };
}

const METADATA: EventMetadata = {
  $typeName: 'aceup.scheduler.v1.EventMetadata',
  correlationId: 'a-test',
  requestId: '',
  requestFingerprint: '',
  traceparent: '',
  actor: '',
  subject: '',
};

/** A log of bookings in memory, and a feed of them. @param shown how far reads have come; default: all the way */
export function bookings(shown: Shown = ALL_SHOWN) {
  const store = createMemoryLog(3).open();
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  return {
    store,
    feed: feedOf(store, ended.signal, { shown }),
    /** Books an hour of a coach, and answers the id of the change. */
    async book(coachHashId: string, clientHashId = 'chris'): Promise<string> {
      const id = randomUUID();
      const event = scheduled('09:00', 60, { sessionId: randomUUID(), coachHashId, clientHashId });
      await store.append(coachStream(coachHashId), 'any', [coachEvents.encode(id, event, METADATA)]);
      return id;
    },
  };
}

/** A webhook as the table has it. */
export function webhookRow(url: string, other: Partial<WebhookRow> = {}): WebhookRow {
  const now = new Date('2030-01-01T12:00:00Z');
  return {
    id: randomUUID(),
    url,
    coach_hash_id: null,
    client_hash_id: null,
    types: [],
    description: '',
    secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    former_secret: null,
    former_secret_until: null,
    pause_reason: null,
    pause_detail: '',
    created_at: now,
    updated_at: now,
    version: 0n,
    start_after: 0n,
    generation: 0n,
    ...other,
  };
}

/** Delivers to a receiver until the test ends. */
export function deliverTo(
  receiver: Pick<Receiver, 'url'>,
  { store, feed }: { readonly store: EventStore; readonly feed: ChangeFeed },
  { row, ...other }: Partial<SharedByRuns & WebhookRunParts> & { readonly row?: Partial<WebhookRow> } = {},
) {
  const clock = createTestClock();
  const poster = createPoster({ allowPrivate: true, timeLimit: 300 });
  const pauses: [PauseReason, string][] = [];
  const parts: SharedByRuns & WebhookRunParts = {
    webhook: webhookRow(receiver.url, row),
    after: 0n,
    heldUp: [],
    failingSince: undefined,
    lastError: undefined,
    feed,
    store,
    clock,
    poster,
    bodyOf: bodies(cloudEvents('a-test', changeJson)),
    newId: v7,
    requestTurns: createRequestTurns(128),
    holdsLease: async () => {},
    log: pino({ level: 'silent' }),
    onPause: (...pause) => pauses.push(pause),
    ...other,
  };
  const run = startWebhookRun(parts, parts);
  onTestFinished(async () => {
    await run.stop(0);
    poster.close();
  });
  return { run, clock: parts.clock as TestClock, pauses, parts };
}
