import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startReceiver } from '../support/receiver.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;

beforeAll(async () => {
  service = await startTestService(undefined, { WEBHOOK_ALLOW_PRIVATE: 'true' });
});
afterAll(() => service?.stop());

/** What REST answered. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  readonly body: any;
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${service.httpUrl}/api/v1/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const book = (coach: string, start = '2030-06-04T09:00:00Z') =>
  ask('POST', 'sessions', { session: { coach_hash_id: coach, client_hash_id: `of-${coach}`, start, duration: 60 } });

describe('a webhook', () => {
  test('gets a booking, signed', async () => {
    const receiver = await startReceiver();
    const created = await ask('POST', 'webhooks', { webhook: { url: receiver.url, coach_hash_id: 'carol' } });
    expect(created.status).toBe(201);
    const booked = await book('carol');
    await expect.poll(() => receiver.received.length).toBe(1);

    const [{ headers, body, event }] = receiver.received as [(typeof receiver.received)[0]];
    const verified = new Webhook(created.body.secret).verify(body, headers as Record<string, string>);
    expect(verified).toEqual(event);
    expect(event).toMatchObject({
      type: 'aceup.scheduler.v1.SessionScheduled',
      subject: booked.body.session.id,
      partitionkey: 'carol',
    });
    expect(headers['webhook-id']).toBe(event.id);
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  });
});
