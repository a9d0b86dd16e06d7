import pg from 'pg';
import pino from 'pino';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../../projections/migrate-read-model.js';
import type { ChangeFeed } from '../../../src/application/change-feed.js';
import { cloudEvents } from '../../../src/feeds/cloud-event.js';
import { createPoster } from '../../../src/feeds/webhooks/post-event.js';
import { bodies } from '../../../src/feeds/webhooks/request.js';
import { createRequestTurns } from '../../../src/feeds/webhooks/request-turns.js';
import { createWebhookRuns } from '../../../src/feeds/webhooks/webhook-runs.js';
import { changeJson } from '../../../src/handlers/answer/change-message.js';
import { connectionSettings } from '../../../src/postgres/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startReceiver, status } from '../../support/receiver.js';
import { bookings, createTestClock, webhookRow } from './support.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateReadModel(database.url);
  client = new pg.Client(connectionSettings(database.url, 'a test', 3_000, 10_000));
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function pauseReasonOf(id: string): Promise<string | null> {
  const { rows } = await client.query('select pause_reason from feeds.webhooks where id = $1', [id]);
  return rows[0].pause_reason;
}

/** Runs over a log of bookings, until the test ends. */
function startRuns() {
  const log = bookings();
  const poster = createPoster({ allowPrivate: true, timeLimit: 300 });
  const [clock, ended] = [createTestClock(), new AbortController()];
  let follows = 0;
  const feed: ChangeFeed = {
    ...log.feed,
    follow: (parts) => {
      follows += 1;
      return log.feed.follow(parts);
    },
  };
  const runs = createWebhookRuns({
    client,
    feed,
    store: log.store,
    poster,
    clock,
    bodyOf: bodies(cloudEvents('a-test', changeJson)),
    newId: v7,
    requestTurns: createRequestTurns(128),
    holdsLease: async () => {},
    log: pino({ level: 'silent' }),
    signal: ended.signal,
  });
  onTestFinished(async () => {
    ended.abort();
    await runs.abandon();
    poster.close();
  });
  return { runs, clock, book: log.book, follows: () => follows };
}

test('nobody follows the changes while there is no webhook', async () => {
  const { runs, follows } = startRuns();
  await runs.sync();
  expect(follows()).toBe(0);
});

test('a webhook that an admin resumes before its deliveries have stopped is not paused again', async () => {
  const [{ runs, clock, book }, receiver] = [startRuns(), await startReceiver()];
  const { id, url, secret, created_at: at } = webhookRow(receiver.url);
  await client.query(
    `insert into feeds.webhooks (id, url, types, description, secret, created_at, updated_at, start_after)
     values ($1, $2, '{}', '', $3, $4, $4, 0)`,
    [id, url, secret, at],
  );
  receiver.answerWith(status(410));
  await runs.sync();
  await book('carol');
  await expect
    .poll(async () => {
      await runs.save();
      return pauseReasonOf(id);
    })
    .toBe('gone');

  receiver.answerWith(status(204));
  await client.query('update feeds.webhooks set pause_reason = null where id = $1', [id]);
  await runs.sync();
  expect(await pauseReasonOf(id)).toBeNull();
  await expect.poll(clock.next).toBeDefined();
  clock.advance(3_600_000);
  await expect.poll(() => receiver.received.length).toBe(2);
});
