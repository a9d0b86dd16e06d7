import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBack } from '../calendars/written.js';
import { startTestService, type TestService } from '../support/service.js';

// What only REST has: the headers of documents, and questions whether they are still the same.

let service: TestService;
let coach: string;
let path: string;
let sessionId: string;

beforeAll(async () => {
  service = await startTestService();
  coach = randomUUID();
  path = `/api/v1/coaches/${coach}/calendar.ics`;
  sessionId = await book('2030-05-01T09:00:00Z');
});
afterAll(() => service?.stop());

async function post(to: string, body: object): Promise<Record<string, { readonly id: string }>> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${service.httpUrl}/api/v1/${to}`, init);
  expect(answer.ok, await answer.clone().text()).toBe(true);
  return (await answer.json()) as Record<string, { readonly id: string }>;
}

async function book(start: string, coach_hash_id = coach): Promise<string> {
  const session = { coach_hash_id, client_hash_id: randomUUID(), start, duration: 60 };
  return (await post('sessions', { session }))['session']!.id;
}

const get = (to: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  fetch(service.httpUrl + to, { method, headers });

/** An answer as it comes over the connection, compressed or not. */
function raw(to: string, acceptEncoding: string) {
  return new Promise<{ headers: Readonly<Record<string, unknown>>; bytes: Buffer }>((resolve, reject) => {
    request(service.httpUrl + to, { headers: { 'accept-encoding': acceptEncoding } }, async (answer) => {
      resolve({ headers: answer.headers, bytes: await buffer(answer) });
    })
      .on('error', reject)
      .end();
  });
}

describe('a calendar', () => {
  test('is a file with a name, that nobody keeps without asking again', async () => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="calendar.ics"');
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('etag')).toMatch(/^W\/"[\w-]{22}"$/);
  });

  test('of a client has its own path', async () => {
    const text = await (await get(`/api/v1/clients/${encodeURIComponent('auth0|1f')}/calendar.ics`)).text();
    expect(text).toContain('\r\nNAME:Sessions of client auth0|1f\r\n');
  });

  test('is answered whatever a program puts behind its link', async () => {
    const known = await get(path);
    for (const query of ['nocache=1', '_=1&_=2', 'utm_source=mail', 'nocache', '&', '__proto__=1', 'coach_hash_id=x']) {
      const { status, headers } = await get(`${path}?${query}`);
      expect([query, status, headers.get('etag')]).toEqual([query, 200, known.headers.get('etag')]);
    }
  });

  test.each(['client_hash_id=bob', 'key=a&key=b', 'access_token=a'])('is refused with %s', async (query) => {
    expect((await get(`${path}?${query}`)).status).toBe(400);
  });

  test('of one session names a parameter that it does not know', async () => {
    const answer = await get(`/api/v1/sessions/${sessionId}.ics?organiser=office@example.com`);
    expect(await answer.json()).toMatchObject({
      status: 400,
      errors: [{ field: 'organiser', description: 'is an unknown query parameter' }],
    });
  });

  test('answers HEAD like GET', async () => {
    const [full, head] = [await get(path), await get(path, {}, 'HEAD')];
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control'])
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    expect(await head.text()).toBe('');
  });

  test('that is long comes compressed, with the same etag', async () => {
    const many = randomUUID();
    const series = { coach_hash_id: many, client_hash_id: 'bob', local_start: '2030-03-18T09:30', time_zone: 'UTC' };
    await post('sessions:scheduleSeries', { series: { ...series, duration: 60, recurrence: 'FREQ=DAILY;COUNT=40' } });
    const to = `/api/v1/coaches/${many}/calendar.ics`;
    const [plain, compressed] = [await raw(to, 'identity'), await raw(to, 'gzip')];
    expect(compressed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers['etag'] });
    expect(plain.headers['vary']).toContain('accept-encoding');
    expect(gunzipSync(compressed.bytes).toString()).toBe(plain.bytes.toString());
    expect(readBack(plain.bytes.toString())).toHaveLength(40);
  });
});

describe('whoever has a calendar, and asks whether it is still the same,', () => {
  const forms: Readonly<Record<string, (etag: string) => string>> = {
    'as it was given': (etag) => etag,
    'as a strong etag': (etag) => etag.slice(2),
    'in a list': (etag) => `"a", ${etag}, W/"b"`,
    'as any': () => '*',
  };

  test.each(Object.entries(forms))('gets 304: %s', async (_, form) => {
    const etag = (await get(path)).headers.get('etag') as string;
    const answer = await get(path, { 'if-none-match': form(etag) });
    expect([answer.status, await answer.text()]).toEqual([304, '']);
    expect(answer.headers.get('etag')).toBe(etag);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(answer.headers.get('vary')).toContain('accept-encoding');
    expect(answer.headers.get('content-type')).toBeNull();
  });

  test('gets it when something was booked', async () => {
    const etag = (await get(path)).headers.get('etag') as string;
    await book('2030-05-02T09:00:00Z');
    const answer = await get(path, { 'if-none-match': etag });
    expect(answer.status).toBe(200);
    expect(readBack(await answer.text())).toHaveLength(2);
  });

  test('gets 400 for what is no etag', async () => {
    expect((await get(path, { 'if-none-match': '"a' })).status).toBe(400);
  });
});

describe('a session for a mail', () => {
  test('has the method in its content type, and its id as the name of the file', async () => {
    const { status, headers } = await get(`/api/v1/sessions/${sessionId}.ics`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/calendar; method=REQUEST; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${sessionId}.ics"`);
  });

  test('that is cancelled has the method CANCEL', async () => {
    const id = await book('2030-05-03T09:00:00Z', randomUUID());
    await post(`sessions/${id}:cancel`, { cancelled_by: 'PARTY_COACH' });
    const { headers } = await get(`/api/v1/sessions/${id}.ics`);
    expect(headers.get('content-type')).toBe('text/calendar; method=CANCEL; charset=utf-8');
  });

  test('is not found by what is no id, nor is JSON', async () => {
    expect((await get('/api/v1/sessions/none.ics')).status).toBe(400);
    expect((await get(`/api/v1/sessions/${randomUUID()}.ics`)).status).toBe(404);
    const { session } = (await (await get(`/api/v1/sessions/${sessionId}`)).json()) as { session: { id: string } };
    expect(session.id).toBe(sessionId);
  });
});

test('no query, whatever is in it, fails otherwise than by 400 or 404', async () => {
  const name = fc.constantFrom('key', 'coach_hash_id', 'client_hash_id', 'clientHashId', 'organizer', 'attendee', 'x');
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a@b.ch', 'bob', coach, '\r\nX:1'));
  const query = fc.array(fc.tuple(name, value), { maxLength: 4 });
  const to = fc.constantFrom(path, '/api/v1/clients/bob/calendar.ics', `/api/v1/sessions/${sessionId}.ics`);
  await fc.assert(
    fc.asyncProperty(to, query, async (place, parameters) => {
      const answer = await get(`${place}?${new URLSearchParams(parameters)}`);
      expect([200, 400, 404]).toContain(answer.status);
      if (answer.ok) readBack(await answer.text());
      else expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    }),
    { numRuns: 200 },
  );
});
