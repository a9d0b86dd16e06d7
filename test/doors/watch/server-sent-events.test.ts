import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '@bufbuild/protobuf';
import { EventSource } from 'eventsource';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createAdmission } from '../../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../../src/doors/interceptors/call-frame.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { endpointsOf } from '../../../src/handlers/endpoints.js';
import { writeFiles } from '../../support/certificate-files.js';
import { createAuthority } from '../../support/certificates.js';
import { createTestDatabase } from '../../support/database.js';
import { startTestService, type TestService } from '../../support/service.js';
import { eventsOf, type ServerSentEvent } from '../../support/stream-doors.js';
import { ownGateway } from '../gateway/support.js';
import { book, watchUrl } from './watching.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.stop());

const newCoach = () => `coach-${randomUUID()}`;

async function open(request: JsonObject, headers: Record<string, string> = {}): Promise<Response> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  return fetch(watchUrl(service.httpUrl, request), { headers, signal: leaving.signal });
}

/** Books sessions of a coach, and answers their changes as a watcher gets them. */
async function booked(coach_hash_id: string, count: number): Promise<ServerSentEvent[]> {
  for (let times = 0; times < count; times += 1) await book(service.httpUrl, coach_hash_id);
  const events = eventsOf(await open({ coach_hash_id, after_position: '0' }));
  await events.next();
  const found: ServerSentEvent[] = [];
  while (found.length < count) found.push((await events.next()).value as ServerSentEvent);
  return found;
}

/** The first event with data. */
async function firstChange(answer: Response): Promise<ServerSentEvent> {
  for await (const event of eventsOf(answer)) if (event.data) return event;
  throw new Error('the stream ended');
}

describe('the answer', () => {
  test('begins at once, with a comment, and nobody on the way compresses it or keeps it back', async () => {
    const answer = await open({}, { 'accept-encoding': 'gzip, br' });
    expect(answer.status).toBe(200);
    const { headers } = answer;
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
    const { value } = await answer.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toMatch(/^: the stream begins\n/);
  });

  test('has an event for each change: its position, its type, and the change', async () => {
    const coach_hash_id = newCoach();
    const [event] = await booked(coach_hash_id, 1);
    const change = JSON.parse(event!.data!);
    expect(event).toEqual({ id: change.position, event: 'SessionScheduled', data: event!.data });
    expect(change).toMatchObject({ coach_hash_id, session: { coach_hash_id } });
  });

  test('is not there for other methods, nor for HEAD, which would never end', async () => {
    for (const method of ['HEAD', 'POST', 'PUT']) {
      const answer = await fetch(watchUrl(service.httpUrl, {}), { method });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, OPTIONS']);
    }
  });

  test('is a problem when it cannot begin', async () => {
    const answer = await open({ after_position: '99999999' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'after_position', description: expect.stringMatching(/^is ahead of the log/) }],
    });
  });
});

describe('Last-Event-ID', () => {
  test('goes on after the event, and wins over the position in the URL', async () => {
    const coach_hash_id = newCoach();
    const [first, second] = await booked(coach_hash_id, 2);
    for (const after_position of [{}, { after_position: '0' }, { after_position: 'x' }]) {
      const answer = await open({ coach_hash_id, ...after_position }, { 'last-event-id': first!.id! });
      expect(await firstChange(answer)).toEqual(second);
    }
  });

  test.each(['x', '1.5', '-1', '99999999', '99999999999999999999'])('%s is refused', async (id) => {
    const answer = await open({}, { 'last-event-id': id });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'after_position' }] });
  });
});

test('an EventSource gets each change once, also when the service is started again meanwhile', async () => {
  const database = await createTestDatabase();
  const start = (PORT: string) => startTestService(database.url, { PORT });
  let running = await start('0');
  onTestFinished(async () => {
    await running.stop();
    await database.drop();
  });
  const source = new EventSource(watchUrl(running.httpUrl, { coach_hash_id: 'ann', after_position: '0' }));
  onTestFinished(() => source.close());
  const revisions: string[] = [];
  source.addEventListener('SessionScheduled', ({ lastEventId, data }) => {
    const change = JSON.parse(data);
    expect(lastEventId).toBe(change.position);
    revisions.push(change.revision);
  });

  for (const _ of [0, 1]) await book(running.httpUrl, 'ann');
  await expect.poll(() => revisions).toEqual(['0', '1']);
  await running.stop();
  await expect.poll(() => source.readyState).toBe(source.CONNECTING);
  running = await start(new URL(running.httpUrl).port);
  for (const _ of [0, 1]) await book(running.httpUrl, 'ann');
  await expect.poll(() => revisions).toEqual(['0', '1', '2', '3']);
});

describe('when the service stops', () => {
  test('a stream ends with where to go on and when, and the service waits for nobody', async () => {
    const stopping = await startTestService(undefined, { SHUTDOWN_GRACE_MS: '60000' });
    const answer = await fetch(watchUrl(stopping.httpUrl, {}));
    const events = eventsOf(answer);
    const { value: first } = await events.next();
    await book(stopping.httpUrl, 'ann');
    const { value: change } = await events.next();
    const began = performance.now();
    const stopped = stopping.stop();
    const { value: last } = await events.next();
    expect(BigInt(change.id)).toBeGreaterThan(BigInt(first.id));
    expect(last).toEqual({ event: 'problem', retry: '1000', data: expect.any(String) });
    expect(JSON.parse(last.data)).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      detail: 'the service is stopping',
    });
    expect(await events.next()).toMatchObject({ done: true });
    await stopped;
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

test('over TLS and HTTP/2, streams share a connection', async () => {
  const authority = await createAuthority();
  const directory = await mkdtemp(join(tmpdir(), 'watch-tls-'));
  const { cert, key } = await writeFiles(directory, await authority.issue());
  const secure = await startTestService(undefined, { TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
  const session = connectHttp2(secure.httpUrl, { ca: authority.ca });
  onTestFinished(async () => {
    session.destroy();
    await secure.stop();
    await rm(directory, { recursive: true });
  });
  const streams = ['ann', 'eve'].map((coach) => {
    return session.request({ ':path': `/api/v1/sessions:watch?coach_hash_id=${coach}` });
  });
  const received = streams.map(() => '');
  for (const [index, stream] of streams.entries()) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      received[index] += chunk;
    });
  }
  await expect.poll(() => received.every((all) => all.includes('id: '))).toBe(true);
  const body = JSON.stringify({
    session: { coach_hash_id: 'eve', client_hash_id: 'bob', start: '2030-01-01T09:00:00Z', duration: 60 },
  });
  const booking = session.request({
    ':method': 'POST',
    ':path': '/api/v1/sessions',
    'content-type': 'application/json',
  });
  booking.end(body);
  expect(await text(booking)).toContain('"coach_hash_id":"eve"');
  await expect.poll(() => received[1]).toContain('event: SessionScheduled');
  expect(received[0]).not.toContain('event: ');
});

test.each([
  ['a browser in the stream, which it would give up otherwise', { accept: 'text/event-stream' }, 200],
  ['others by its status', {}, 503],
])('a service that waits for its database tells %s', async (_, headers, status) => {
  const gateway = await ownGateway({ endpoints: waiting.endpoints });
  const answer = await fetch(watchUrl(gateway.url, {}), { headers: headers as Record<string, string> });
  expect(answer.status).toBe(status);
  const body = await answer.text();
  expect(body).toContain('"detail":"the service waits for the event store"');
  if (status === 200) expect(body).toMatch(/^: the stream begins\nretry: 1000\nevent: problem\ndata: \{.*\}\n\n$/);
  else expect(answer.headers.get('retry-after')).toBe('1');
});

const waiting = endpointsOf(
  SessionService,
  createCallFrame(pino({ level: 'silent' }), createAdmission(), 1_000),
  () => 'the service waits for the event store',
);
