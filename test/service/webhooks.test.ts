import { randomUUID } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Receiver, startReceiver, status } from '../support/receiver.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
let database: pg.Client;
const lines: string[] = [];

beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  service = await startTestService(undefined, { WEBHOOK_ALLOW_PRIVATE: 'true' }, log);
  database = new pg.Client({ connectionString: service.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await service?.stop();
});

/** What REST answered. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  readonly body: any;
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, at = service) {
  const answer = await fetch(`${at.httpUrl}/api/v1/${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() } as Answer;
}

let hours = 0;

/** Books an hour of a coach that nobody has booked yet, and answers the id of the session. */
async function book(coach: string): Promise<string> {
  hours += 1;
  const start = new Date(Date.parse('2030-06-04T00:00:00Z') + hours * 3_600_000).toISOString();
  const session = { coach_hash_id: coach, client_hash_id: `of-${coach}`, start, duration: 60 };
  return (await ask('POST', 'sessions', { session })).body.session.id;
}

/** Creates a webhook for the changes of a coach whom no other test knows. */
async function create(receiver: Pick<Receiver, 'url'>, more: object = {}) {
  const coach = randomUUID();
  const { status, body } = await ask('POST', 'webhooks', {
    webhook: { url: receiver.url, coach_hash_id: coach },
    ...more,
  });
  expect(status).toBe(201);
  return { coach, id: body.webhook.id as string, secret: body.secret as string, webhook: body.webhook };
}

/** Resolves when the process that delivers knows of all changes of webhooks so far: it learns of them by notifications. */
async function noticed(): Promise<void> {
  const receiver = await startReceiver();
  const { coach } = await create(receiver);
  await book(coach);
  await expect.poll(() => receiver.received.length).toBe(1);
}

/** The sessions that a receiver was told of, in order. */
const toldTo = ({ received }: Receiver) => received.map(({ event }) => event.subject);

/** Whether everything that a receiver got verifies with a secret. */
const verifies = (secret: string, { headers, body }: Receiver['received'][number]) => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

describe('a webhook', () => {
  test('is told of a booking, signed, as a CloudEvent', async () => {
    const receiver = await startReceiver();
    const { coach, secret } = await create(receiver);
    const session = await book(coach);
    await expect.poll(() => toldTo(receiver)).toEqual([session]);

    const { headers, event } = receiver.received[0]!;
    expect(verifies(secret, receiver.received[0]!)).toBe(true);
    expect(event).toMatchObject({
      specversion: '1.0',
      type: 'aceup.scheduler.v1.SessionScheduled',
      partitionkey: coach,
      data: { id: event.id, type: 'SessionScheduled', session: { id: session } },
    });
    expect(headers['webhook-id']).toBe(event.id);
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  });

  test('created again under the same request_id is the same, with the same secret', async () => {
    const receiver = await startReceiver();
    const request = { webhook: { url: receiver.url }, request_id: randomUUID() };
    const [first, second] = [await ask('POST', 'webhooks', request), await ask('POST', 'webhooks', request)];
    expect(first.status).toBe(201);
    expect(second).toEqual(first);
    const other = await ask('POST', 'webhooks', { ...request, webhook: { url: `${receiver.url}/others` } });
    expect(other).toMatchObject({ status: 422, body: { reason: 'REQUEST_ID_REUSED' } });
  });

  test('created by many at once under the same request_id is one', async () => {
    const receiver = await startReceiver();
    const request = { webhook: { url: receiver.url }, request_id: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('POST', 'webhooks', request)));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  test('shows its secret in no other answer, and in no log', async () => {
    const { id, secret } = await create(await startReceiver());
    const rotated = (await ask('POST', `webhooks/${id}:rotateSecret`, {})).body.secret;
    const answers = [
      await ask('GET', `webhooks/${id}`),
      await ask('GET', 'webhooks?page_size=1000'),
      await ask('POST', `webhooks/${id}:test`, {}),
      await ask('GET', `webhooks/${id}/deliveries`),
      await ask('POST', `webhooks/${id}:pause`, {}),
      await ask('DELETE', `webhooks/${id}`),
    ];
    const shown = JSON.stringify(answers) + lines.join('');
    for (const each of [secret, rotated]) expect(shown).not.toContain(each.slice('whsec_'.length));
  });

  test('is listed, a page at a time', async () => {
    const receiver = await startReceiver();
    const made = [await create(receiver), await create(receiver), await create(receiver)].map(({ id }) => id);
    const listed: string[] = [];
    for (let token = ''; ; ) {
      const { body } = await ask('GET', `webhooks?page_size=2&page_token=${token}`);
      expect(body.webhooks.length).toBeLessThanOrEqual(2);
      listed.push(...body.webhooks.map((one: { id: string }) => one.id));
      token = body.next_page_token;
      if (token === '') break;
    }
    expect(listed.filter((id) => made.includes(id))).toEqual(made);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('that is updated posts elsewhere, and a stale etag is refused', async () => {
    const [before, after] = [await startReceiver(), await startReceiver()];
    const { id, coach, webhook } = await create(before);
    const target = { url: after.url, coach_hash_id: coach, description: 'moved' };
    const updated = await ask('PUT', `webhooks/${id}`, { webhook: target, etag: webhook.etag });
    expect(updated).toMatchObject({ status: 200, body: { webhook: target } });
    const again = await ask('PUT', `webhooks/${id}`, { webhook: target }, { 'if-match': `"${webhook.etag}"` });
    expect(again).toMatchObject({ status: 412, body: { reason: 'STALE_ETAG' } });
    // The process that delivers learns of it by a notification.
    await noticed();
    const session = await book(coach);
    await expect.poll(() => toldTo(after)).toEqual([session]);
    expect(toldTo(before)).toEqual([]);
  });

  test('that is paused is told nothing, and of everything once it is resumed', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const paused = await ask('POST', `webhooks/${id}:pause`, { reason: 'it moves' });
    expect(paused.body.webhook).toMatchObject({
      state: 'WEBHOOK_STATE_PAUSED',
      pause_reason: 'PAUSE_REASON_BY_ADMIN',
      pause_detail: 'it moves',
    });
    const again = await ask('POST', `webhooks/${id}:pause`, { reason: 'again' });
    expect(again.body.webhook.etag).toBe(paused.body.webhook.etag);
    const sessions = [await book(coach), await book(coach)];
    await noticed();
    expect(toldTo(receiver)).toEqual([]);

    await ask('POST', `webhooks/${id}:resume`, {});
    await expect.poll(() => toldTo(receiver)).toEqual(sessions);
  });

  test('that is replayed is told again, with the same ids', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const sessions = [await book(coach), await book(coach)];
    await expect.poll(() => toldTo(receiver)).toEqual(sessions);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);

    expect((await ask('POST', `webhooks/${id}:replay`, { after_position: '0' })).status).toBe(200);
    await expect.poll(() => toldTo(receiver)).toEqual([...sessions, ...sessions]);
    expect(receiver.received.slice(2).map(({ headers }) => headers['webhook-id'])).toEqual(ids);
  });

  test('can begin before it was created', async () => {
    const receiver = await startReceiver();
    const coach = randomUUID();
    const session = await book(coach);
    await ask('POST', 'webhooks', { webhook: { url: receiver.url, coach_hash_id: coach }, after_position: '0' });
    await expect.poll(() => toldTo(receiver)).toEqual([session]);
  });

  test('signs with both secrets while it changes them, and with the new one alone after that', async () => {
    const receiver = await startReceiver();
    const { id, coach, secret } = await create(receiver);
    const rotated = (await ask('POST', `webhooks/${id}:rotateSecret`, { overlap_seconds: 60 })).body;
    expect(Date.parse(rotated.webhook.former_secret_until)).toBeGreaterThan(Date.now() + 50_000);
    const signedBy = async () => {
      await book(coach);
      const one = receiver.received.at(-1);
      return one && [secret, rotated.secret].map((each) => verifies(each, one));
    };
    await expect.poll(signedBy).toEqual([true, true]);

    const next = (await ask('POST', `webhooks/${id}:rotateSecret`, { overlap_seconds: 0 })).body;
    expect(next.webhook.former_secret_until).toBeUndefined();
    await expect.poll(signedBy).toEqual([false, false]);
    expect(verifies(next.secret, receiver.received.at(-1)!)).toBe(true);
  });

  test('that is deleted is told nothing more', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const request_id = randomUUID();
    expect((await ask('DELETE', `webhooks/${id}?request_id=${request_id}`)).status).toBe(200);
    expect((await ask('DELETE', `webhooks/${id}?request_id=${request_id}`)).status).toBe(200);
    expect((await ask('DELETE', `webhooks/${id}`)).status).toBe(404);
    await book(coach);
    await noticed();
    expect(toldTo(receiver)).toEqual([]);
    expect((await ask('GET', `webhooks/${id}/deliveries`)).status).toBe(404);
  });
});

describe('a receiver that refuses a change', () => {
  test('is shown, with the change, until an admin skips it', async () => {
    const receiver = await startReceiver();
    receiver.answerWith(({ event }, response) => {
      response.writeHead(event.data.revision === '0' ? 422 : 204).end('not\u0007 this one');
    });
    const { id, coach } = await create(receiver);
    const [first, second] = [await book(coach), await book(coach)];
    const heldUp = async () => (await ask('GET', `webhooks/${id}`)).body.webhook.progress.held_up;
    await expect
      .poll(heldUp)
      .toMatchObject([{ coach_hash_id: coach, revision: '0', last_error: 'the receiver answered 422' }]);
    const { change_id } = (await heldUp())[0];
    expect(change_id).toBe(receiver.received[0]!.headers['webhook-id']);
    const failed = (await ask('GET', `webhooks/${id}/deliveries?failed_only=true`)).body.deliveries;
    expect(failed.at(-1)).toMatchObject({ change_id, status: 422, attempt: 1, response_body: 'not? this one' });

    const other = { coach_hash_id: coach, change_id: randomUUID() };
    expect((await ask('POST', `webhooks/${id}:skip`, other)).body).toEqual({ skipped: false });
    const skipped = await ask('POST', `webhooks/${id}:skip`, { coach_hash_id: coach, change_id });
    expect(skipped.body).toEqual({ skipped: true });
    await expect.poll(() => toldTo(receiver).at(-1)).toBe(second);
    expect(new Set(toldTo(receiver).slice(0, -1))).toEqual(new Set([first]));
    await expect.poll(heldUp).toEqual([]);
  });

  test('with 410 has its webhook paused, which says so', async () => {
    const receiver = await startReceiver();
    receiver.answerWith(status(410));
    const { id, coach } = await create(receiver);
    await book(coach);
    const state = async () => (await ask('GET', `webhooks/${id}`)).body.webhook;
    await expect.poll(state).toMatchObject({
      state: 'WEBHOOK_STATE_PAUSED',
      pause_reason: 'PAUSE_REASON_GONE',
      pause_detail: 'the receiver answered 410: it wants no more',
    });
    receiver.answerWith(status(204));
    await ask('POST', `webhooks/${id}:resume`, {});
    await expect.poll(() => receiver.received.length).toBe(2);
  });
});

describe('a test', () => {
  test('posts an event of its own, signed, and answers what came back', async () => {
    const receiver = await startReceiver();
    receiver.answerWith((_received, response) => void response.writeHead(200).end('thanks'));
    const { id, secret } = await create(receiver);
    await ask('POST', `webhooks/${id}:pause`, {});
    const { body } = await ask('POST', `webhooks/${id}:test`, {});
    expect(body.delivery).toMatchObject({ succeeded: true, status: 200, response_body: 'thanks', position: '0' });
    expect(receiver.received[0]!.event).toMatchObject({ type: 'aceup.scheduler.v1.WebhookTest', subject: id });
    expect(verifies(secret, receiver.received[0]!)).toBe(true);
    const deliveries = (await ask('GET', `webhooks/${id}/deliveries`)).body.deliveries;
    expect(deliveries).toEqual([body.delivery]);
  });

  test('says why nothing came back', async () => {
    const receiver = await startReceiver();
    const { id } = await create(receiver);
    await receiver.close();
    const { body } = await ask('POST', `webhooks/${id}:test`, {});
    expect(body.delivery).toMatchObject({ succeeded: false, status: 0 });
    expect(body.delivery.error).toMatch(/^the host refuses connections/);
  });

  test('says, before the call is out of time, that the receiver does not answer', async () => {
    const hasty = await startTestService(undefined, { WEBHOOK_ALLOW_PRIVATE: 'true', REQUEST_TIMEOUT_MS: '2000' });
    onTestFinished(hasty.stop);
    const receiver = await startReceiver();
    receiver.answerWith(() => {});
    const { body } = await ask('POST', 'webhooks', { webhook: { url: receiver.url } }, {}, hasty);
    const answer = await ask('POST', `webhooks/${body.webhook.id}:test`, {}, {}, hasty);
    expect(answer.body.delivery).toMatchObject({ succeeded: false, error: 'there was no answer within 1.6 s' });
  });
});

describe('the metrics', () => {
  test('have a webhook from the start, and how long a coach waits whose change is refused', async () => {
    const receiver = await startReceiver();
    receiver.answerWith(status(500));
    const { id, coach } = await create(receiver);
    const lag = async (unit: 'positions' | 'seconds') => {
      const metrics = await (await fetch(`${service.httpUrl}/metrics`)).text();
      return new RegExp(`^scheduler_feed_lag_${unit}\\{feed="${id}"\\} (.*)$`, 'm').exec(metrics)?.[1];
    };
    expect(await lag('positions')).toBe('0');
    await book(coach);
    await expect.poll(async () => Number(await lag('seconds'))).toBeGreaterThan(1);
    receiver.answerWith(status(204));
    await expect.poll(() => lag('seconds')).toBe('0');
  });
});

describe('deliveries', () => {
  test('are listed, the newest first, a page at a time', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const sessions = [await book(coach), await book(coach), await book(coach)];
    await expect.poll(() => toldTo(receiver)).toEqual(sessions);
    const ids = receiver.received.map(({ event }) => event.id);
    const page = (token = '') => ask('GET', `webhooks/${id}/deliveries?page_size=2&page_token=${token}`);
    await expect.poll(async () => (await page()).body.deliveries.length).toBe(2);
    const first = (await page()).body;
    const second = (await page(first.next_page_token)).body;
    const listed = [...first.deliveries, ...second.deliveries].map((one) => one.change_id);
    expect(listed).toEqual(ids.reverse());
    expect(second.next_page_token).toBe('');
  });
});

describe('a cursor', () => {
  test('passes what is for others, and its webhook says so', async () => {
    const { id } = await create(await startReceiver());
    await book(randomUUID());
    const saved = async () => (await database.query('select event_id from feeds.cursors where feed = $1', [id])).rows;
    await expect.poll(saved).toEqual([{ event_id: expect.any(String) }]);
  });

  test('of another log pauses its webhook, until an admin says where to go on', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const first = await book(coach);
    await expect.poll(() => toldTo(receiver)).toEqual([first]);
    await ask('POST', `webhooks/${id}:pause`, {});
    await noticed();
    const change = 'update feeds.cursors set event_id = $2 where feed = $1';
    await expect.poll(async () => (await database.query(change, [id, randomUUID()])).rowCount).toBe(1);
    await ask('POST', `webhooks/${id}:resume`, {});
    const state = async () => (await ask('GET', `webhooks/${id}`)).body.webhook;
    await expect.poll(state).toMatchObject({ pause_reason: 'PAUSE_REASON_NOT_IN_LOG' });

    await ask('POST', `webhooks/${id}:replay`, { after_position: '0' });
    await ask('POST', `webhooks/${id}:resume`, {});
    await expect.poll(() => toldTo(receiver)).toEqual([first, first]);
  });

  test('of a log with other positions finds its place by the id of the event', async () => {
    const receiver = await startReceiver();
    const { id, coach } = await create(receiver);
    const first = await book(coach);
    await expect.poll(() => toldTo(receiver)).toEqual([first]);
    await ask('POST', `webhooks/${id}:pause`, {});
    await noticed();
    const change = 'update feeds.cursors set position = position + 1000000 where feed = $1';
    await expect.poll(async () => (await database.query(change, [id])).rowCount).toBe(1);
    await ask('POST', `webhooks/${id}:resume`, {});
    const second = await book(coach);
    await expect.poll(() => toldTo(receiver)).toEqual([first, second]);
  });
});

describe('a request is refused', () => {
  const url = 'https://hooks.example/sessions';
  const none = randomUUID();

  test.each([
    ['POST', 'webhooks', {}, 'webhook', 'is required'],
    ['POST', 'webhooks', { webhook: {} }, 'webhook.url', 'is required'],
    [
      'POST',
      'webhooks',
      { webhook: { url: 'none' } },
      'webhook.url',
      'must be a URL, such as https://example.com/hooks',
    ],
    [
      'POST',
      'webhooks',
      { webhook: { url: 'http://169.254.169.254/' } },
      'webhook.url',
      'must not lead to 169.254.169.254, an address that is link-local or reserved',
    ],
    [
      'POST',
      'webhooks',
      { webhook: { url, coach_hash_id: 'a b' } },
      'webhook.coach_hash_id',
      'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -',
    ],
    [
      'POST',
      'webhooks',
      { webhook: { url, types: ['Lunch'] } },
      'webhook.types[0]',
      /^must be one of .*; got "Lunch"$/,
    ],
    [
      'POST',
      'webhooks',
      { webhook: { url, description: 'x'.repeat(1_001) } },
      'webhook.description',
      'must be at most 1000 characters',
    ],
    ['POST', 'webhooks', { webhook: { url }, after_position: '999999' }, 'after_position', /^is ahead of the log/],
    ['POST', 'webhooks', { webhook: { url }, after_position: '-1' }, 'after_position', 'must be 0 or more'],
    ['POST', `webhooks/${none}:replay`, {}, 'after_position', 'is required'],
    ['POST', `webhooks/${none}:replay`, { after_position: '999999' }, 'after_position', /^is ahead of the log/],
    ['POST', `webhooks/${none}:skip`, { change_id: none }, 'coach_hash_id', 'is required'],
    [
      'POST',
      `webhooks/${none}:rotateSecret`,
      { overlap_seconds: 2_592_001 },
      'overlap_seconds',
      /^must be 0 to 2592000/,
    ],
    ['GET', 'webhooks/none', undefined, 'id', 'must be a UUID'],
  ])('%s %s %j', async (method, path, body, field, description) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(answer.body.errors[0].description).toMatch(description);
  });

  test('with all that is wrong at once', async () => {
    const { body } = await ask('PUT', 'webhooks/none', { webhook: { url: 'none', types: ['Lunch'] } });
    const fields = body.errors.map((one: { field: string }) => one.field);
    expect(fields).toEqual(['id', 'webhook.url', 'webhook.types[0]']);
  });
});
