import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../../projections/migrate-read-model.js';
import { type ListKey, ReadModelUnavailable } from '../../../src/application/read-model.js';
import type { PageRows, Webhooks } from '../../../src/application/webhooks.js';
import { createPoster } from '../../../src/feeds/webhooks/post-event.js';
import { createWebhookStore } from '../../../src/feeds/webhooks/webhook-store.js';
import { connectionSettings } from '../../../src/postgres/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateReadModel(database.url);
});

afterAll(() => database?.drop());

function openStore(url: string) {
  const pool = new pg.Pool(connectionSettings(url, 'a test', 3_000, 10_000));
  onTestFinished(() => pool.end());
  const rules = { allowPrivate: true };
  const poster = createPoster(rules);
  return { pool, store: createWebhookStore({ pool, rules, poster, source: 'urn:test', now: Date.now, newId: v7 }) };
}

const target = {
  url: 'https://hooks.example',
  types: [],
  description: '',
  coachHashId: undefined,
  clientHashId: undefined,
};
const command = { subject: '', requestId: '', fingerprint: '' };

/** Creates a webhook whose receiver refuses connections, and answers its id. */
async function created(store: Webhooks): Promise<string> {
  const made = await store.create(command, { ...target, url: 'http://127.0.0.1:1' }, 0n);
  if (!('webhook' in made)) throw new Error('the webhook was refused');
  return made.webhook.id;
}

/** All pages of a list, one after the other. */
async function pagesOf<Row>(read: (from: ListKey | undefined) => Promise<PageRows<Row>>, keyOf: (row: Row) => ListKey) {
  const pages: (readonly Row[])[] = [];
  for (let from: ListKey | undefined, isLast = false; !isLast; ) {
    const page = await read(from);
    pages.push(page.rows);
    from = keyOf(page.rows.at(-1)!);
    ({ isLast } = page);
  }
  return pages;
}

/** Logs attempts that a receiver refused with an answer, before now. */
async function logAnswers(pool: pg.Pool, id: string, count: number, answer: string): Promise<void> {
  const ids = Array.from({ length: count }, () => v7());
  await pool.query(
    `insert into feeds.webhook_deliveries (webhook_id, id, at, change_id, position, type, coach_hash_id, attempt,
       succeeded, status, error, duration_ms, response_body)
     select $1, delivery, now(), gen_random_uuid(), 0, '', '', 1, false, 500, 'answered 500', 1, $3
     from unnest($2::uuid[]) as delivery`,
    [id, ids, answer],
  );
}

test('a refused command leaves nothing: its request_id is free', async () => {
  const { store } = openStore(database.url);
  const once = { ...command, requestId: 'request-1' };
  const refused = await store.update({ ...once, id: randomUUID(), etag: undefined }, target);
  expect(refused).toEqual({ refused: 'not-found' });

  expect(await store.create(once, target, 0n)).toMatchObject({ webhook: { url: target.url } });
});

test('a page of webhooks ends before more than 1,000 coaches are held up in it', async () => {
  const { pool, store } = openStore(database.url);
  await pool.query('delete from feeds.webhooks');
  for (let nr = 0; nr < 25; nr += 1) await store.create(command, target, 0n);
  await pool.query(`
    insert into feeds.webhook_held_up
      (webhook_id, coach_hash_id, change_id, revision, attempts, since, next_attempt_at, last_error)
    select id, 'coach-' || nr, gen_random_uuid(), 0, 1, now(), now(), 'answered 500'
    from feeds.webhooks, generate_series(1, 150) as nr`);

  const pages = await pagesOf(
    (after) => store.list(after, 1_000),
    ({ webhook: { createdAt, id } }) => ({ time: createdAt, id }),
  );
  for (const { progress } of pages.flat()) {
    expect(progress).toMatchObject({ heldUp: { length: 100 }, heldUpCount: 150 });
  }
  expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(new Set(pages.flat().map(({ webhook }) => webhook.id)).size).toBe(25);
});

test('a page of attempts ends before there are more than 256 KiB of answers in it', async () => {
  const { pool, store } = openStore(database.url);
  const id = await created(store);
  await logAnswers(pool, id, 150, 'x'.repeat(4_096));

  const pages = await pagesOf(
    async (before) => (await store.deliveries({ id, failedOnly: false }, before, 1_000))!,
    (attempt) => ({ time: attempt.at, id: attempt.id }),
  );
  expect(pages.map(({ length }) => length)).toEqual([64, 64, 22]);
  expect(new Set(pages.flat().map((attempt) => attempt.id)).size).toBe(150);
});

test('tests leave no more than the attempts that are kept', async () => {
  const { pool, store } = openStore(database.url);
  const id = await created(store);
  await logAnswers(pool, id, 1_000, '');
  const { id: tested } = (await store.test(id, new AbortController().signal))!;

  const { rows } = await pool.query('select id from feeds.webhook_deliveries where webhook_id = $1 order by id', [id]);
  expect(rows).toHaveLength(1_000);
  expect(rows.at(-1).id).toBe(tested);
});

test('a connection that is lost amid a command fails the command, not the process', async () => {
  const proxy = await startTcpProxy(database.url);
  onTestFinished(proxy.close);
  const { pool, store } = openStore(proxy.url);
  const unheard: unknown[] = [];
  pool.on('acquire', (client) => {
    const { emit } = client;
    // Node ends a process that has an error to tell and no listener to tell it to.
    client.emit = (name: string, ...rest: unknown[]) => {
      if (name !== 'error' || client.listenerCount(name) > 0) return emit.call(client, name, ...rest);
      unheard.push(...rest);
      return false;
    };
  });
  const lost = proxy.loseAnswerTo('insert into feeds.webhooks');

  await expect(store.create(command, target, 0n)).rejects.toThrow(ReadModelUnavailable);
  await lost;
  expect(unheard).toEqual([]);
});
