import type { Logger } from 'pino';
import { v7 } from 'uuid';
import type { ChangeFeed } from './application/change-feed.js';
import type { Webhooks } from './application/webhooks.js';
import type { Config } from './config/config.js';
import type { EventStore } from './event-store/event-store.js';
import { cloudEvents } from './feeds/cloud-event.js';
import { createPoster, TIME_LIMIT } from './feeds/webhooks/post-event.js';
import { runWebhooks } from './feeds/webhooks/run-webhooks.js';
import { createWebhookStore } from './feeds/webhooks/webhook-store.js';
import { changeJson } from './handlers/answer/change-message.js';
import { createPool } from './postgres/pool.js';
import type { Shutdown } from './shutdown.js';

/** What webhooks need of the service. */
export interface WebhooksParts {
  readonly changes: ChangeFeed;
  readonly store: EventStore;
  /** The database that has the schema `feeds`. */
  readonly url: string;
  readonly log: Logger;
}

/** Connections for those who look at webhooks or change them. */
const CONNECTIONS = 2;

/** The part of the time for a call that a receiver has for its answer to a test, at most. */
const TEST_SHARE = 0.8;

/** Delivers to webhooks until the shutdown, and answers what there is to see and to change of them. */
export function startWebhooks(parts: WebhooksParts, config: Config, shutdown: Shutdown): Webhooks {
  const { changes: feed, store, url, log } = parts;
  // In order also within a millisecond: attempts are listed by their ids.
  const newId = () => v7();
  const source = config.FEED_SOURCE;
  const rules = { allowPrivate: config.WEBHOOK_ALLOW_PRIVATE };
  const poster = createPoster(rules);
  shutdown.add(poster.close);
  // Who asks for a test is told that the receiver does not answer, before their own time is over.
  const tester = createPoster({ ...rules, timeLimit: Math.min(TIME_LIMIT, TEST_SHARE * config.REQUEST_TIMEOUT_MS) });
  shutdown.add(tester.close);
  const pool = createPool(url, { max: CONNECTIONS, applicationName: 'webhooks', log });
  shutdown.add(() => pool.end());
  const ended = new AbortController();
  const { signal } = ended;
  const eventOf = cloudEvents(source, changeJson);
  const running = runWebhooks({ feed, store, url, poster, eventOf, newId, log, signal });
  shutdown.add(() => {
    ended.abort();
    return running;
  });
  return createWebhookStore({ pool, rules, poster: tester, source, now: Date.now, newId });
}
