import { request } from 'node:http';
import { create, toJson } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { SessionState } from '../../../src/gen/aceup/scheduler/v1/session_pb.js';
import { ScheduleSessionResponseSchema } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { invalidArgument } from '../../../src/handlers/answer/errors.js';
import { latch, post, seedRequest, sharedGateway, type TestGateway } from './support.js';

const SESSIONS = '/api/v1/sessions';

const gateway = sharedGateway();

/** The only request that reached the endpoints, in proto names. */
function asked(): unknown {
  const [{ request, call }] = gateway.asked as [TestGateway['asked'][number]];
  expect(gateway.asked).toHaveLength(1);
  return toJson(call.method.input, request, { useProtoFieldName: true });
}

test("the seed's request is answered 201, in the seed's names, with the place of the session", async () => {
  const session = { id: 'id-1', coachHashId: '123', duration: 60, state: SessionState.SCHEDULED, etag: '7' };
  gateway.answerWith(async () => create(ScheduleSessionResponseSchema, { session, consistencyToken: 'token' }));
  const answer = await post(gateway.url + SESSIONS, seedRequest);
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe('/api/v1/sessions/id-1');
  expect(answer.headers.get('etag')).toBe('"7"');
  expect(await answer.json()).toMatchObject({
    session: { id: 'id-1', coach_hash_id: '123', client_hash_id: '', duration: 60, state: 'SESSION_STATE_SCHEDULED' },
    consistency_token: 'token',
  });
  expect(asked()).toEqual(seedRequest);
});

test('a query is read by the rules of JSON, in either spelling', async () => {
  const query = 'coachHashId=123&from=2022-12-01T14:30:00%2B02:00&state=SESSION_STATE_SCHEDULED&page_size=5';
  const answer = await fetch(`${gateway.url}${SESSIONS}?${query}`);
  expect(await answer.json()).toEqual({ sessions: [], next_page_token: '' });
  expect(asked()).toEqual({
    coach_hash_id: '123',
    from: '2022-12-01T12:30:00Z',
    state: 'SESSION_STATE_SCHEDULED',
    page_size: 5,
  });
});

test('a query may have an enum by its number', async () => {
  expect((await fetch(`${gateway.url}${SESSIONS}?state=1`)).status).toBe(200);
  expect(asked()).toEqual({ state: 'SESSION_STATE_SCHEDULED' });
});

test('a + in a time in the query is refused with the advice to write %2B', async () => {
  const answer = await fetch(`${gateway.url}${SESSIONS}?from=2022-12-01T14:30:00+02:00`);
  expect(await answer.json()).toMatchObject({
    errors: [{ field: 'from', description: 'has a space in place of the + of its offset: write + as %2B in a URL' }],
  });
});

describe('Idempotency-Key', () => {
  test('fills request_id', async () => {
    await post(gateway.url + SESSIONS, seedRequest, { 'idempotency-key': 'k-1' });
    expect(asked()).toEqual({ ...seedRequest, request_id: 'k-1' });
  });

  test.each(['request_id', 'requestId'])('may repeat %s', async (name) => {
    await post(gateway.url + SESSIONS, { ...seedRequest, [name]: 'k-1' }, { 'idempotency-key': 'k-1' });
    expect(asked()).toEqual({ ...seedRequest, request_id: 'k-1' });
  });

  test.each(['request_id', 'requestId'])('fills an empty %s', async (name) => {
    await post(gateway.url + SESSIONS, { ...seedRequest, [name]: '' }, { 'idempotency-key': 'k-1' });
    expect(asked()).toEqual({ ...seedRequest, request_id: 'k-1' });
  });

  test('must not differ from request_id', async () => {
    const answer = await post(
      gateway.url + SESSIONS,
      { ...seedRequest, request_id: 'k-2' },
      { 'idempotency-key': 'k-1' },
    );
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'request_id', description: 'has another value in the header Idempotency-Key' }],
    });
  });

  test('is ignored where there is no request_id', async () => {
    expect((await fetch(gateway.url + SESSIONS, { headers: { 'idempotency-key': 'k-1' } })).status).toBe(200);
  });
});

describe('If-Match', () => {
  const cancel = `${SESSIONS}/id-1:cancel`;

  test.each<[string, string, object, readonly string[] | undefined]>([
    ['an etag fills etag', '"7"', { id: 'id-1', etag: '7' }, ['7']],
    ['an etag may come without quotes, as the body shows it', '7', { id: 'id-1', etag: '7' }, ['7']],
    ['an etag may be the only one of a list', ' ,"7",, ', { id: 'id-1', etag: '7' }, ['7']],
    ['* stands for any', '*', { id: 'id-1' }, undefined],
    ['any of a list will do', '"7", 8,"a,b"', { id: 'id-1' }, ['7', '8', 'a,b']],
    ['a weak etag matches nothing', 'W/"7"', { id: 'id-1' }, []],
    ['a strong one beside a weak one counts', 'W/"7", "8"', { id: 'id-1', etag: '8' }, ['8']],
    ['an empty etag matches nothing', '""', { id: 'id-1' }, ['']],
  ])('%s', async (_, header, expected, etags) => {
    await post(gateway.url + cancel, {}, { 'if-match': header });
    expect(asked()).toEqual(expected);
    expect(gateway.asked[0]?.call.ifMatch).toEqual(etags);
  });

  test('fills an empty etag, and the path an empty id', async () => {
    await post(gateway.url + cancel, { id: '', etag: '' }, { 'if-match': '"7"' });
    expect(asked()).toEqual({ id: 'id-1', etag: '7' });
  });

  test.each(['"7', '7"', '"7" "8"', '', ' , ', 'W/"7'])('%j is refused', async (header) => {
    const answer = await post(gateway.url + cancel, {}, { 'if-match': header });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'etag', description: 'the header If-Match must be * or a list of etags in quotes' }],
    });
  });

  test.each(['"7"', '"7", "9"', 'W/"8"'])('%s must not differ from etag', async (header) => {
    const answer = await post(gateway.url + cancel, { etag: '8' }, { 'if-match': header });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'etag', description: 'has another value in the header If-Match' }],
    });
  });

  test('may have the etag of the body in a list', async () => {
    await post(gateway.url + cancel, { etag: '8' }, { 'if-match': '"7", "8"' });
    expect(asked()).toEqual({ id: 'id-1', etag: '8' });
  });

  test.each([SESSIONS, `${SESSIONS}:scheduleSeries`, '/api/v1/holds'])(
    'is never met where POST %s makes something new',
    async (path) => {
      for (const header of ['"7"', '*', '"7", "8"']) {
        expect((await post(gateway.url + path, {}, { 'if-match': header })).status).toBe(412);
      }
      expect(gateway.asked).toEqual([]);
    },
  );

  describe('is judged before the rules of the body', () => {
    const wrong = { reason: 7, unknown: true };

    /** The status of a request whose body breaks rules, while GET answers this etag. */
    async function statusFor(
      header: string,
      path = cancel,
      place: Record<string, unknown> = { session: { etag: '8' } },
    ) {
      gateway.answerWith(async (_, { method }) => {
        if (method.name.startsWith('Get')) return place;
        throw invalidArgument({ field: 'cancelled_by', description: 'is required' });
      });
      const statuses = [];
      for (const body of [wrong, {}, '{', '']) {
        statuses.push((await post(gateway.url + path, body, { 'if-match': header })).status);
      }
      return [...new Set(statuses)];
    }

    test.each<[string, number]>([
      ['"7"', 412],
      ['W/"8"', 412],
      ['"6", "7"', 412],
      [`"${'x'.repeat(100)}"`, 412],
      ['"8"', 400],
      ['"7", "8"', 400],
      ['*', 400],
    ])('%s: %d', async (header, status) => {
      expect(await statusFor(header)).toEqual([status]);
    });

    test('of a hold, too', async () => {
      expect(await statusFor('"open"', '/api/v1/holds/id-1:release', { hold: { etag: 'expired' } })).toEqual([412]);
    });

    test.each(['cancel', 'reschedule'])('of a series, too: %s', async (verb) => {
      expect(await statusFor('"7"', `/api/v1/series/id-1:${verb}`, { series: { etag: '8' } })).toEqual([412]);
      expect(await statusFor('"7", "8"', `/api/v1/series/id-1:${verb}`, { series: { etag: '8' } })).toEqual([400]);
    });

    test('unless there is nothing of that id', async () => {
      gateway.answerWith(async (_, { method }) => {
        if (method.name === 'GetSession') throw new ConnectError('there is no session id-1', Code.NotFound);
        return {};
      });
      expect((await post(gateway.url + cancel, wrong, { 'if-match': '"7"' })).status).toBe(400);
    });
  });

  test('tells the etag that there is', async () => {
    gateway.answerWith(async (_, { method }) => (method.name === 'GetSession' ? { session: { etag: '8' } } : {}));
    const answer = await post(gateway.url + cancel, { x: 1 }, { 'if-match': '"7"' });
    expect(await answer.json()).toMatchObject({ reason: 'STALE_ETAG', detail: 'changed since: the etag is now 8' });
  });

  test.each<[string, string, number]>([
    [`${SESSIONS}/id-1`, '"8"', 200],
    [`${SESSIONS}/id-1`, '*', 200],
    [`${SESSIONS}/id-1`, '"7", 8', 200],
    [`${SESSIONS}/id-1`, '"7"', 412],
    [`${SESSIONS}/id-1`, 'W/"8"', 412],
    [SESSIONS, '"8"', 412],
    [SESSIONS, '*', 200],
  ])('GET %s if it matches %s: %d', async (path, header, status) => {
    gateway.answerWith(async (_, { method }) => (method.name === 'GetSession' ? { session: { etag: '8' } } : {}));
    expect((await fetch(gateway.url + path, { headers: { 'if-match': header } })).status).toBe(status);
  });
});

describe('If-None-Match', () => {
  test.each<[string, string, number]>([
    [`${SESSIONS}/id-1`, '"8"', 304],
    [`${SESSIONS}/id-1`, '8', 304],
    [`${SESSIONS}/id-1`, 'W/"8"', 304],
    [`${SESSIONS}/id-1`, '"7", "8"', 304],
    [`${SESSIONS}/id-1`, '*', 304],
    [`${SESSIONS}/id-1`, '"7"', 200],
    [SESSIONS, '"8"', 200],
  ])('GET %s unless it matches %s: %d', async (path, header, status) => {
    gateway.answerWith(async (_, { method }) => (method.name === 'GetSession' ? { session: { etag: '8' } } : {}));
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(gateway.url + path, { method, headers: { 'if-none-match': header } });
      expect(answer.status).toBe(status);
      if (status !== 304) continue;
      expect([answer.headers.get('etag'), answer.headers.get('content-type')]).toEqual(['"8"', null]);
      expect(await answer.text()).toBe('');
    }
  });

  test('of a hold', async () => {
    gateway.answerWith(async () => ({ hold: { etag: 'open' } }));
    const answer = await fetch(`${gateway.url}/api/v1/holds/id-1`, { headers: { 'if-none-match': '"open"' } });
    expect(answer.status).toBe(304);
  });

  test('is refused by commands for what exists', async () => {
    const answer = await post(`${gateway.url}${SESSIONS}/id-1:cancel`, {}, { 'if-none-match': '"7"' });
    expect(answer.status).toBe(400);
    expect(gateway.asked).toEqual([]);
  });

  test('is met where something new is made', async () => {
    expect((await post(gateway.url + SESSIONS, seedRequest, { 'if-none-match': '*' })).ok).toBe(true);
  });
});

test('a list of which some fields were asked for has those fields only, also with their defaults', async () => {
  gateway.answerWith(async () => ({ sessions: [{ id: 'id-1', occurrence: 0 }, {}, { duration: 60 }] }));
  const answer = await fetch(`${gateway.url + SESSIONS}?fields=id,occurrence&fields=duration&states=1&states=4`);
  expect(await answer.json()).toEqual({
    sessions: [{ id: 'id-1', occurrence: 0 }, {}, { duration: 60 }],
    next_page_token: '',
  });
  expect(asked()).toEqual({
    fields: ['id,occurrence', 'duration'],
    states: ['SESSION_STATE_SCHEDULED', 'SESSION_STATE_NO_SHOW'],
  });
});

test('what was only validated is answered 200, without Location and ETag', async () => {
  const session = { coachHashId: '123' };
  gateway.answerWith(async () => create(ScheduleSessionResponseSchema, { session }));
  const answer = await post(gateway.url + SESSIONS, { ...seedRequest, validate_only: true });
  expect([answer.status, answer.headers.get('location'), answer.headers.get('etag')]).toEqual([200, null, null]);
});

test.each([
  ['/api/v1/sessions/id-1:reschedule', 'RescheduleSession'],
  ['/api/v1/sessions/id-1%3Acancel', 'CancelSession'],
  ['/api/v1/sessions/id-1:markNoShow', 'MarkNoShow'],
  ['/api/v1/sessions:scheduleSeries', 'ScheduleSeries'],
  ['/api/v1/sessions%3AscheduleSeries', 'ScheduleSeries'],
  ['/api/v1/sessions%3ascheduleSeries', 'ScheduleSeries'],
  ['/api/v1/series/id-1:cancel', 'CancelSeries'],
  ['/api/v1/holds', 'HoldSlot'],
  ['/api/v1/holds/id-1:confirm', 'ConfirmHold'],
])('POST %s is %s', async (path, name) => {
  await post(gateway.url + path, {});
  expect(gateway.asked.map(({ call }) => call.method.name)).toEqual([name]);
});

test.each([
  ['POST', '/api/v1/sessions/id-1:praise', 404],
  ['GET', '/api/v1/sessions/id-1:praise', 404],
  ['POST', '/api/v1/sessions:praise', 404],
  ['POST', '/api/v1/holds/:confirm', 404],
  ['POST', '/api/v1/sessions/a:b:cancel', 404],
  ['POST', '/api/v1/sessions/id-1:cancel/', 404],
  ['GET', '/api/v1/sessions/id-1:cancel', 405],
  ['GET', '/api/v1/sessions/id-1%3Acancel', 405],
  ['GET', '/api/v1/sessions:scheduleSeries', 405],
  ['POST', '/api/v1/sessions/id-1', 405],
])('%s %s leads nowhere', async (method, path, status) => {
  const answer = await fetch(gateway.url + path, { method });
  expect(answer.status).toBe(status);
  expect(gateway.asked).toEqual([]);
});

describe('the body', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.api+json'])(
    'is taken as %s',
    async (type) => {
      expect((await post(gateway.url + SESSIONS, seedRequest, { 'content-type': type })).ok).toBe(true);
    },
  );

  test.each<[string, string | Uint8Array, string]>([
    ['that is not JSON', '{"session":', 'the body is not JSON'],
    ['that is empty', '', 'the body is empty: send a JSON object'],
    ['that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'the body is not UTF-8'],
    ['that is a list', '[]', 'must be a JSON object'],
    ['that is null', 'null', 'must be a JSON object'],
    ['nested without end', '['.repeat(60_000), 'the body is not JSON'],
    ['of lists in lists', '['.repeat(30_000) + ']'.repeat(30_000), 'must be a JSON object'],
  ])('%s is refused, and the connection stays open', async (_, body, description) => {
    const answer = await post(gateway.url + SESSIONS, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('connection')).toBe('keep-alive');
    expect(await answer.json()).toMatchObject({ code: 'INVALID_ARGUMENT', errors: [{ field: '', description }] });
    expect(gateway.asked).toEqual([]);
  });

  test('with mistakes is refused with all of them', async () => {
    const answer = await post(gateway.url + SESSIONS, {
      session: { start: '2022-12-01T14:30:00', duration: 1.5 },
      x: 1,
    });
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'session.start' }, { field: 'session.duration' }, { field: 'x' }],
    });
  });

  test('full of mistakes is refused with the first fifty, and long names are cut', async () => {
    const body = Object.fromEntries(Array.from({ length: 100 }, (_, nr) => [`${nr}-${'x'.repeat(500)}`, 1]));
    const answer = await post(gateway.url + SESSIONS, body);
    const { errors } = (await answer.json()) as { errors: { field: string }[] };
    expect(errors).toHaveLength(50);
    expect(errors[0]?.field).toHaveLength(128);
  });

  test("has names that are well-formed, also when the caller's are not, or are cut amid a character", async () => {
    const answer = await post(gateway.url + SESSIONS, { [`${'x'.repeat(127)}😀`]: 1, 'a\ud800': 1 });
    const text = await answer.text();
    expect(JSON.parse(text).errors).toMatchObject([{ field: `${'x'.repeat(127)}\ufffd` }, { field: 'a\ufffd' }]);
    expect(text).not.toMatch(/\\ud8/);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'nonsense', ''])(
    'as %j is refused with 415',
    async (type) => {
      const answer = await post(gateway.url + SESSIONS, seedRequest, { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({ code: 'UNIMPLEMENTED', detail: 'the body must be application/json' });
    },
  );

  test('of 10 MB is refused with 413', async () => {
    const answer = await post(gateway.url + SESSIONS, 'x'.repeat(10_000_000));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      detail: 'the body is larger than 65536 bytes',
    });
  });

  test('of unknown length beyond the limit is refused with 413', async () => {
    const chunks = new Blob(['x'.repeat(100_000)]).stream();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: chunks, duplex: 'half' };
    expect((await fetch(gateway.url + SESSIONS, init as RequestInit)).status).toBe(413);
  });
});

describe('a path', () => {
  test('that is not served is 404', async () => {
    for (const path of ['/nothing', '/api/v1', '/api/v1/sessions/a/b']) {
      const answer = await fetch(gateway.url + path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ type: 'about:blank', title: 'Not Found', code: 'NOT_FOUND' });
    }
  });

  test('that is not served is 404, whatever the body', async () => {
    expect((await post(`${gateway.url}/nothing`, '{', { 'content-type': 'text/x' })).status).toBe(404);
  });

  test('is 405 by another method, whatever the body', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await fetch(gateway.url + SESSIONS, { method, body: 'x', headers: { 'content-type': 'text/x' } });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
      expect(await answer.json()).toMatchObject({ title: 'Method Not Allowed', code: 'UNIMPLEMENTED' });
    }
  });

  test('answers OPTIONS with its methods', async () => {
    const answer = await fetch(`${gateway.url}${SESSIONS}/id-1`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('with a malformed percent-encoding is 400', async () => {
    for (const path of ['/%', '/%zz', `${SESSIONS}/%ff`]) {
      const answer = await fetch(gateway.url + path);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  test('is answered to HEAD as to GET, without a body', async () => {
    const answer = await fetch(gateway.url + SESSIONS, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String('{"sessions":[],"next_page_token":""}'.length));
    expect(await answer.text()).toBe('');
  });
});

describe('a call', () => {
  test('knows its method, its door and its headers, and has no deadline', async () => {
    await fetch(gateway.url + SESSIONS, { headers: { Traceparent: 'x' } });
    const [{ call }] = gateway.asked as [TestGateway['asked'][number]];
    expect(call).toMatchObject({ deadline: undefined, method: { name: 'ListSessions' }, door: 'rest' });
    expect(call.header('traceparent')).toBe('x');
    expect(call.header('nothing')).toBeUndefined();
  });

  test('is aborted when the caller hangs up', async () => {
    const aborted = latch();
    const begun = latch();
    gateway.answerWith((_request, { cancellation, method }) => {
      cancellation.signal.addEventListener('abort', () => aborted.open());
      begun.open();
      return aborted.opened.then(() => create(method.output));
    });
    const client = request(gateway.url + SESSIONS).on('error', () => {});
    client.end();
    await begun.opened;
    client.destroy();
    await aborted.opened;
  });

  test('is not aborted by its answer', async () => {
    await (await fetch(gateway.url + SESSIONS, { headers: { connection: 'close' } })).text();
    expect(gateway.asked[0]?.call.cancellation.aborted).toBe(false);
  });
});

describe('the correlation id', () => {
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  test("is the caller's, and comes back", async () => {
    const answer = await fetch(gateway.url + SESSIONS, { headers: { 'x-correlation-id': 'a.b:c_d-1' } });
    expect(answer.headers.get('x-correlation-id')).toBe('a.b:c_d-1');
    expect(gateway.asked[0]?.call.correlationId).toBe('a.b:c_d-1');
  });

  test.each(['a b', 'x'.repeat(129), '<script>'])('is a new one for %.20j', async (given) => {
    const answer = await fetch(gateway.url + SESSIONS, { headers: { 'x-correlation-id': given } });
    expect(answer.headers.get('x-correlation-id')).toMatch(UUID);
  });

  test.each(['/nothing', '/%zz', '/healthz', '/docs', SESSIONS])('is in the answer to %s', async (path) => {
    const answer = await fetch(gateway.url + path, { headers: { 'x-correlation-id': 'c-1' } });
    expect(answer.headers.get('x-correlation-id')).toBe('c-1');
    if (!answer.ok) expect(await answer.json()).toMatchObject({ correlation_id: 'c-1' });
  });
});
