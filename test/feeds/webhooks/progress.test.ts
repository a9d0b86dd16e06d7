import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateReadModel } from '../../../projections/migrate-read-model.js';
import type { HeldUp } from '../../../src/application/webhooks.js';
import type { Place } from '../../../src/feeds/place.js';
import { KEPT_DELIVERIES, logDeliveries, trimDeliveries } from '../../../src/feeds/webhooks/delivery-log.js';
import { type Saved, saveProgress } from '../../../src/feeds/webhooks/progress.js';
import { connectionSettings } from '../../../src/postgres/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let holder: pg.Client;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateReadModel(database.url);
  const connect = async () => {
    const client = new pg.Client(connectionSettings(database.url, 'a test', 3_000, 10_000));
    await client.connect();
    return client;
  };
  [holder, admin] = [await connect(), await connect()];
});

afterAll(async () => {
  await holder?.end();
  await admin?.end();
  await database?.drop();
});

const NOW = Date.parse('2030-01-01T12:00:00Z');

async function aWebhook(): Promise<string> {
  const id = randomUUID();
  await admin.query(
    `insert into feeds.webhooks (id, url, types, description, secret, created_at, updated_at, start_after)
     values ($1, 'https://hooks.example', '{}', '', 'a secret', now(), now(), 0)`,
    [id],
  );
  return id;
}

const place = (position: bigint): Place => ({ position, id: randomUUID(), coachHashId: 'carol', revision: 0 });

const heldUp = (revision: number): HeldUp => ({
  coachHashId: 'carol',
  changeId: randomUUID(),
  revision,
  attempts: 1,
  since: NOW,
  nextAttemptAt: NOW,
  lastError: 'refused',
});

const saved = (webhookId: string, position: bigint, more: Partial<Saved> = {}): Saved => ({
  webhookId,
  generation: 0n,
  place: place(position),
  reached: position,
  lastError: undefined,
  failingSince: undefined,
  heldUp: [],
  released: [],
  pause: undefined,
  ...more,
});

async function cursorOf(id: string): Promise<bigint | undefined> {
  const { rows } = await admin.query('select position from feeds.cursors where feed = $1', [id]);
  return rows[0]?.position;
}

test('progress that races with a replay is left out, or deleted by it: the replay begins where it was told to', async () => {
  const id = await aWebhook();
  await saveProgress(holder, [saved(id, 5n)], [], NOW);
  expect(await cursorOf(id)).toBe(5n);

  await admin.query('begin');
  await admin.query('update feeds.webhooks set generation = generation + 1 where id = $1', [id]);
  await admin.query('delete from feeds.cursors where feed = $1', [id]);
  const saving = saveProgress(holder, [saved(id, 6n, { heldUp: [heldUp(0)] })], [], NOW);
  const isWaiting = async () => {
    const watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
    const { rows } = await watcher.query("select from pg_stat_activity where wait_event_type = 'Lock'");
    await watcher.end();
    return rows.length;
  };
  await expect.poll(isWaiting).toBe(1);
  await admin.query('commit');
  await saving;
  expect(await cursorOf(id)).toBeUndefined();
  const { rowCount } = await admin.query('select from feeds.webhook_held_up where webhook_id = $1', [id]);
  expect(rowCount).toBe(0);
});

test('progress of a webhook that was deleted is left out, and that of others is not', async () => {
  const [gone, other] = [randomUUID(), await aWebhook()];
  await saveProgress(holder, [saved(gone, 5n), saved(other, 5n)], [], NOW);
  expect([await cursorOf(gone), await cursorOf(other)]).toEqual([undefined, 5n]);
});

test('a change that is given up stays so until the coach goes on', async () => {
  const id = await aWebhook();
  const first = heldUp(3);
  await saveProgress(holder, [saved(id, 5n, { heldUp: [first] })], [], NOW);
  await admin.query('update feeds.webhook_held_up set skip = true where webhook_id = $1', [id]);
  const isSkipped = async () =>
    (await admin.query('select skip from feeds.webhook_held_up where webhook_id = $1', [id])).rows[0]?.skip;
  await saveProgress(holder, [saved(id, 6n, { heldUp: [{ ...first, attempts: 2 }] })], [], NOW);
  expect(await isSkipped()).toBe(true);
  await saveProgress(holder, [saved(id, 7n, { heldUp: [heldUp(4)] })], [], NOW);
  expect(await isSkipped()).toBe(false);
  await saveProgress(holder, [saved(id, 8n, { released: ['carol'] })], [], NOW);
  expect(await isSkipped()).toBeUndefined();
});

test('of each webhook the last 1,000 attempts are kept', async () => {
  const [busy, quiet] = [await aWebhook(), await aWebhook()];
  const attempt = (nr: number) => ({
    id: v7(),
    at: NOW,
    changeId: randomUUID(),
    position: BigInt(nr),
    type: 'a type',
    coachHashId: 'carol',
    attempt: 1,
    succeeded: true,
    status: 204,
    error: '',
    duration: 1,
    responseBody: '',
  });
  const all = Array.from({ length: KEPT_DELIVERIES + 10 }, (_, nr) => ({ webhookId: busy, delivery: attempt(nr) }));
  await logDeliveries(holder, [...all, { webhookId: quiet, delivery: attempt(0) }]);
  await logDeliveries(holder, [{ webhookId: randomUUID(), delivery: attempt(0) }]);
  await trimDeliveries(holder, [busy, quiet]);
  const { rows } = await admin.query(
    'select webhook_id, count(*), min(position) from feeds.webhook_deliveries group by webhook_id',
  );
  const kept = new Map(rows.map(({ webhook_id, count, min }) => [webhook_id, [count, min]]));
  expect(kept).toEqual(
    new Map([
      [busy, [BigInt(KEPT_DELIVERIES), 10n]],
      [quiet, [1n, 0n]],
    ]),
  );
});
