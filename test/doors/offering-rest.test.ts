import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../support/service.js';

// What only REST has: paths, headers, statuses and problems.

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.stop());

interface Sent {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(path: string, { method = 'GET', body, headers = {} }: Sent = {}) {
  const answer = await fetch(`${service.httpUrl}/api/v1/${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: text === '' ? undefined : JSON.parse(text) };
}

const MORNINGS = { time_zone: 'Europe/Zurich', weekly: [{ days: ['MONDAY'], from: '09:00', to: '12:00' }] };

/** What has an etag of its own, with what sets it, and something else that does. */
const WITH_ETAGS = [
  ['availability', { availability: MORNINGS }, { availability: { time_zone: 'UTC' } }],
  ['bookingPolicy', { booking_policy: { grid: 30 } }, { booking_policy: { grid: 20 } }],
] as const;

describe.each(WITH_ETAGS)('%s', (name, body, other) => {
  const put = (path: string, sent: Sent) => send(path, { method: 'PUT', ...sent });

  test('is put with 200 and an ETag, also the first time', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    const first = await put(path, { body });
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"0"']);
    const second = await put(path, { body: other });
    expect([second.status, second.headers.get('etag')]).toEqual([200, '"1"']);
  });

  test('is got with its ETag, and not again while it has it', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    await put(path, { body });
    const got = await send(path);
    const etag = got.headers.get('etag') ?? '';
    expect([got.status, etag]).toEqual([200, '"0"']);
    const same = await send(path, { headers: { 'if-none-match': etag } });
    expect([same.status, same.text]).toEqual([304, '']);
    await put(path, { body: other });
    expect((await send(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('is put and deleted only with the etag in If-Match', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    await put(path, { body });
    const headers = { 'if-match': '"7"' };
    for (const stale of [await put(path, { body, headers }), await send(path, { method: 'DELETE', headers })]) {
      expect(stale.json).toMatchObject({ status: 412, reason: 'STALE_ETAG', code: 'ABORTED' });
    }
    expect((await send(path)).headers.get('etag')).toBe('"0"');
    const changed = await put(path, { body: other, headers: { 'if-match': '"5", "0"' } });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"1"']);
    expect((await send(path, { method: 'DELETE', headers: { 'if-match': '"1"' } })).status).toBe(200);
  });

  test('is put with If-None-Match: * only where there is none', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    const headers = { 'if-none-match': '*' };
    expect((await put(path, { body, headers })).status).toBe(200);
    expect((await put(path, { body: other, headers })).json).toMatchObject({ status: 412, reason: 'STALE_ETAG' });
    expect((await send(path)).headers.get('etag')).toBe('"0"');
  });

  test('is not put for an etag where there is none', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    for (const etag of ['"0"', '"0", "1"', '*']) {
      expect((await put(path, { body, headers: { 'if-match': etag } })).json).toMatchObject({
        status: 412,
        reason: 'STALE_ETAG',
        detail: 'changed since: there is none now',
      });
    }
    expect((await send(path)).status).toBe(404);
    await put(path, { body });
    expect((await put(path, { body: other, headers: { 'if-match': '*' } })).status).toBe(200);
  });

  test('is put once by requests with the same Idempotency-Key, which get the same bytes', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    const headers = { 'idempotency-key': randomUUID() };
    const first = await put(path, { body, headers });
    await put(path, { body: other });
    const again = await put(path, { body, headers });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([200, first.text, '"0"']);
    expect((await send(path)).headers.get('etag')).toBe('"1"');
    expect((await put(path, { body: other, headers })).json).toMatchObject({
      status: 422,
      reason: 'REQUEST_ID_REUSED',
    });
  });

  test('is not deleted by a request with a body, which may say that it should not be', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    await put(path, { body });
    const answer = await send(path, { method: 'DELETE', body: { validate_only: true } });
    expect(answer.json).toMatchObject({ status: 400, detail: expect.stringContaining('takes no body') });
    expect((await send(path)).status).toBe(200);
  });

  test('is deleted once by requests with the same Idempotency-Key', async () => {
    const path = `coaches/${randomUUID()}/${name}`;
    await put(path, { body });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send(path, { method: 'DELETE', headers });
    await put(path, { body });
    expect((await send(path, { method: 'DELETE', headers })).text).toBe(first.text);
    expect((await send(path)).status).toBe(200);
  });
});

test('time off is added with 201, and its place', async () => {
  const path = `coaches/${randomUUID()}/timeOff`;
  const body = { time_off: { start: '2030-04-01T08:00:00Z', end: '2030-04-01T09:00:00Z', reason: 'dentist' } };
  const headers = { 'idempotency-key': randomUUID() };
  const added = await send(path, { method: 'POST', body, headers });
  expect([added.status, added.headers.get('location')]).toEqual([201, `/api/v1/${path}/${added.json.time_off.id}`]);
  expect((await send(path, { method: 'POST', body, headers })).text).toBe(added.text);

  const place = added.headers.get('location')?.replace('/api/v1/', '') ?? '';
  expect((await send(place)).json).toEqual({ time_off: added.json.time_off });
  expect((await send(place, { method: 'DELETE' })).status).toBe(200);
  expect((await send(place)).json).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test('the id of a coach may have any of its characters, percent-encoded', async () => {
  const id = `spiffe://a.b/c@d|e=f+g~${randomUUID()}`;
  const coach = `coaches/${encodeURIComponent(id)}`;
  expect((await send(`${coach}/availability`, { method: 'PUT', body: { availability: MORNINGS } })).status).toBe(200);
  expect((await send(`${coach}/availability`)).json).toMatchObject({ availability: MORNINGS });
  const time_off = { first_date: '2030-04-08', last_date: '2030-04-08' };
  const added = await send(`${coach}/timeOff`, { method: 'POST', body: { time_off } });
  expect(added.json.time_off.coach_hash_id).toBe(id);
  expect((await send(added.headers.get('location')?.replace('/api/v1/', '') ?? '')).status).toBe(200);
  const span = 'from=2030-04-01T00:00:00Z&to=2030-04-15T00:00:00Z&duration=180';
  expect((await send(`${coach}/slots?${span}`)).json).toMatchObject({
    slots: [{ coach_hash_id: id, start: '2030-04-01T07:00:00Z' }],
    revision: { coach_hash_id: id, revision: '1' },
  });
  expect((await send(`${coach}/slots:explain?start=2030-04-08T07:00:00Z&duration=60`)).json).toMatchObject({
    obstacles: [{ code: 'TIME_OFF' }],
  });
  expect((await send(`${coach}/bookingPolicy`)).status).toBe(404);
});

test('a booking against the policy is a problem with all that is in the way', async () => {
  const coach_hash_id = randomUUID();
  const coach = `coaches/${coach_hash_id}`;
  await send(`${coach}/availability`, { method: 'PUT', body: { availability: MORNINGS } });
  const session = { coach_hash_id, client_hash_id: randomUUID(), start: '2030-04-01T05:00:00Z', duration: 60 };
  const refused = await send('sessions', { method: 'POST', body: { session } });
  const sentence = "The coach's hours on 2030-04-01 are 09:00 to 12:00 (Europe/Zurich).";
  expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(refused.json).toEqual({
    type: 'urn:aceup:scheduler:problem:against-policy',
    title: 'Against policy',
    status: 409,
    detail: sentence,
    code: 'FAILED_PRECONDITION',
    reason: 'AGAINST_POLICY',
    obstacles: [
      {
        code: 'OUTSIDE_HOURS',
        message: sentence,
        start: '2030-04-01T05:00:00Z',
        end: '2030-04-01T06:00:00Z',
        hours: [{ start: '2030-04-01T07:00:00Z', end: '2030-04-01T10:00:00Z' }],
      },
    ],
    correlation_id: expect.any(String),
  });
});

test('a refusal of a path or a query names its parameter', async () => {
  const asked = await send('coaches/a%20b/slots?from=2030-04-01&to=2030-03-01T00:00:00Z&duration=x&colour=red');
  expect(asked.json).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' });
  expect(asked.json.errors.map(({ field }: { field: string }) => field)).toEqual(['colour', 'from', 'duration']);
});

test('what is not there answers which methods are', async () => {
  const answer = await send(`coaches/${randomUUID()}/availability`, { method: 'PATCH', body: {} });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, expect.stringContaining('PUT')]);
});
