import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { MAX_PIPELINED } from '../../../src/doors/gateway/http/connections.js';
import { doorLimits } from '../../../src/doors/limits.js';
import { createFairShares } from '../../../src/fair-shares.js';
import { emptyAnswer, latch, ownGateway, post, seedRequest } from './support.js';

const SESSIONS = '/api/v1/sessions';
const GET_SESSION = '/aceup.scheduler.v1.SessionService/GetSession';

describe('the log', () => {
  const headers = { 'x-correlation-id': 'c-1' };
  const line = { level: 30, correlationId: 'c-1', msg: 'refused' };

  test('has a line for a request that reaches no endpoint, without its query and its body', async () => {
    const gateway = await ownGateway();
    await post(`${gateway.url}${SESSIONS}?secret=1`, { secret: 2 }, { ...headers, 'content-type': 'text/plain' });
    await fetch(`${gateway.url}/nothing?secret=1`, { headers });
    await fetch(`${gateway.url}/%zz`, { headers });
    await gateway.close();
    expect(gateway.logged).toEqual([
      {
        ...line,
        method: 'POST',
        path: SESSIONS,
        status: 415,
        why: 'the body must be application/json',
      },
      { ...line, method: 'GET', path: '/nothing', status: 404, why: 'nothing is served at this path' },
      {
        ...line,
        method: 'GET',
        path: '/%zz',
        status: 400,
        why: 'the path must be UTF-8, with two hexadecimal digits after every %',
      },
    ]);
  });

  test.each([
    ['simple tokens', `scheduler_${'aB_-'.repeat(12)}9`],
    ['JSON Web Tokens', `eyJhbGciOiJFUzI1NiJ9.${'aB_-'.repeat(99)}.${'aB_-'.repeat(20)}`],
  ])('has paths without the %s in them', async (_, token) => {
    const gateway = await ownGateway();
    for (const path of [`/nothing/${token}/more`, `/%zz/${token}`]) await fetch(gateway.url + path, { headers });
    await gateway.close();
    expect(gateway.logged.map((one) => (one as { path: string }).path)).toEqual([
      '/nothing/<token>/more',
      '/%zz/<token>',
    ]);
  });

  test('has paths that are cut after 256 characters', async () => {
    const gateway = await ownGateway();
    await post(`${gateway.url}${SESSIONS}/${'x'.repeat(1_000)}`, {});
    await gateway.close();
    const [cut] = gateway.logged as { path: string }[];
    expect(cut?.path).toBe(`${SESSIONS}/${'x'.repeat(256 - SESSIONS.length - 1)}...`);
  });

  test('has a line for what is no HTTP', async () => {
    const gateway = await ownGateway();
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write('hello\r\n\r\n');
    await text(socket);
    await gateway.close();
    const why = 'the request is not well-formed HTTP';
    expect(gateway.logged).toEqual([
      { level: 30, correlationId: expect.any(String), msg: 'refused', status: 400, why },
    ]);
  });

  test.each<[string, string, string, number, string, Record<string, string>?]>([
    [
      'gRPC-Web refuses, with status 200',
      'application/grpc-web',
      'x',
      200,
      'protocol error: invalid grpc timeout value: soon',
      { 'grpc-timeout': 'soon' },
    ],
    [
      'Connect refuses',
      'application/json',
      '{}',
      400,
      'protocol error: invalid connect timeout value: soon',
      { 'connect-timeout-ms': 'soon' },
    ],
    [
      'Connect refuses for its size',
      'application/json',
      'x'.repeat(65 * 1024),
      429,
      'the body is larger than 65536 bytes',
    ],
    [
      'Connect refuses for its content type',
      'text/plain',
      'x',
      415,
      'the content type must be one of Connect or gRPC-Web',
    ],
  ])('has a line for what %s', async (_, type, body, status, why, others = {}) => {
    const gateway = await ownGateway();
    await post(gateway.url + GET_SESSION, body, { ...headers, 'content-type': type, ...others });
    await gateway.close();
    expect(gateway.logged).toEqual([{ ...line, method: 'POST', path: GET_SESSION, status, why }]);
  });

  test('has a line for a query that Connect refuses, without the query', async () => {
    const gateway = await ownGateway();
    await fetch(`${gateway.url}${GET_SESSION}?connect=v1&encoding=xml&message=secret`, { headers });
    await gateway.close();
    const why = 'the content type must be one of Connect or gRPC-Web';
    expect(gateway.logged).toEqual([{ ...line, method: 'GET', path: GET_SESSION, status: 415, why }]);
  });

  test('has none for what an endpoint refuses, which has its own', async () => {
    const gateway = await ownGateway();
    gateway.answerWith(() => Promise.reject(new ConnectError('taken', Code.AlreadyExists)));
    await post(gateway.url + SESSIONS, seedRequest);
    await gateway.close();
    expect(gateway.logged).toEqual([]);
  });

  test.each([
    ['ready', []],
    ['not ready', ['the event store is unavailable']],
  ])('has none for health and pages while the service is %s', async (_, problems) => {
    const gateway = await ownGateway({ readiness: async () => problems });
    for (const path of ['/healthz', '/readyz', '/docs', '/openapi.json']) await fetch(gateway.url + path);
    await gateway.close();
    expect(gateway.logged).toEqual([]);
  });
});

test('requests beyond the limit of one connection are refused, and those within it answered', async () => {
  const go = latch();
  const gateway = await ownGateway();
  gateway.answerWith(async (message, call) => {
    await go.opened;
    return emptyAnswer(message, call);
  });
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const answers = text(socket);
  const requests = Array.from(
    { length: 1 + MAX_PIPELINED + 5 },
    () => `GET ${SESSIONS} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  );
  socket.write(requests.join(''));
  await expect.poll(() => gateway.asked).toHaveLength(1 + MAX_PIPELINED);
  await expect.poll(() => gateway.logged.length).toBe(5);
  go.open();
  socket.end();
  const statuses = (await answers).match(/HTTP\/1.1 \d+/g) ?? [];
  expect(statuses.filter((status) => status.endsWith('200'))).toHaveLength(1 + MAX_PIPELINED);
  expect(statuses.filter((status) => status.endsWith('429'))).toHaveLength(5);
});

test('a request for whose bytes there is no room is refused, to be tried again', async () => {
  const limits = { ...doorLimits(64 * 1024), requestBytes: createFairShares(15_000, 0) };
  const gateway = await ownGateway({ limits });
  const [begun, go] = [latch(), latch()];
  gateway.answerWith(async (message, call) => {
    begun.open();
    await go.opened;
    return emptyAnswer(message, call);
  });
  const large = { session: { reason: 'x'.repeat(10_000) } };
  const first = post(gateway.url + SESSIONS, large);
  await begun.opened;
  const refused = await post(gateway.url + SESSIONS, large);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  go.open();
  await first;
  expect((await post(gateway.url + SESSIONS, large)).status).toBe(200);
});

test('bytes of pipelined requests are free again when their connection is closed', async () => {
  const limits = { ...doorLimits(64 * 1024), requestBytes: createFairShares(50_000, 0) };
  const gateway = await ownGateway({ limits });
  gateway.answerWith(() => new Promise(() => {}));
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ session: { reason: 'x'.repeat(10_000) } });
  const head = `POST ${SESSIONS} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`.repeat(3));
  await expect.poll(() => gateway.asked).toHaveLength(3);
  socket.destroy();
  gateway.answerWith(emptyAnswer);
  const status = async () => (await post(gateway.url + SESSIONS, { session: { reason: 'x'.repeat(50_000) } })).status;
  await expect.poll(status).toBe(200);
});

test.each([
  ['REST', `${SESSIONS}/x`],
  ['Connect', `${GET_SESSION}?connect=v1&encoding=json&message=%7B%7D`],
])('a caller of %s who does not take the answer in time loses the connection', async (_, path) => {
  const gateway = await ownGateway({ limits: { ...doorLimits(64 * 1024), answerTimeout: 100 } });
  gateway.answerWith(async () => ({ session: { reason: 'x'.repeat(20_000_000) } }));
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.pause().write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await expect.poll(() => gateway.asked).toHaveLength(1);
  await new Promise<void>((closed) => gateway.asked[0]!.call.cancellation.whenClosed(closed));
  socket.destroy();
});

describe('closing', () => {
  const patient = { shutdownGraceMs: 60_000 };

  test('waits for the request under way, and answers it', async () => {
    const [begun, go] = [latch(), latch()];
    const gateway = await ownGateway(patient);
    gateway.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const answer = fetch(gateway.url + SESSIONS);
    await begun.opened;
    const closed = gateway.close();
    go.open();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test('answers what still comes over an open connection', async () => {
    const [begun, go] = [latch(), latch()];
    const gateway = await ownGateway(patient);
    gateway.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const answers = text(socket);
    const line = `GET ${SESSIONS} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    socket.write(line);
    await begun.opened;
    const closed = gateway.close();
    socket.write(line);
    await expect.poll(() => gateway.asked).toHaveLength(2);
    go.open();
    expect((await answers).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    await closed;
  });

  test.each(['/api/v1/sessions/nobody', '/healthz', '/nowhere'])(
    'before it, while the service drains, an answer of %s ends its connection',
    async (path) => {
      const draining = new AbortController();
      const gateway = await ownGateway({ draining: draining.signal });
      const connectionOf = async () => (await fetch(gateway.url + path)).headers.get('connection');
      expect(await connectionOf()).toBe('keep-alive');
      draining.abort();
      expect(await connectionOf()).toBe('close');
    },
  );

  test('before it, a call of Connect that began before the drain ends its connection too', async () => {
    const [begun, go] = [latch(), latch()];
    const draining = new AbortController();
    const gateway = await ownGateway({ draining: draining.signal });
    gateway.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const answer = post(gateway.url + GET_SESSION, { id: 'x' });
    await begun.opened;
    draining.abort();
    go.open();
    expect((await answer).headers.get('connection')).toBe('close');
  });

  test('before it, every pipelined request has its answer', async () => {
    const draining = new AbortController();
    const gateway = await ownGateway({ draining: draining.signal });
    draining.abort();
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const answers = text(socket);
    socket.write(`GET ${SESSIONS} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(20));
    socket.end();
    expect((await answers).match(/HTTP\/1.1 200/g)).toHaveLength(20);
  });

  test('cuts off a request that takes longer than the grace time', async () => {
    const begun = latch();
    const gateway = await ownGateway({ shutdownGraceMs: 50 });
    gateway.answerWith(() => {
      begun.open();
      return new Promise(() => {});
    });
    const client = request(gateway.url + SESSIONS);
    const failed = once(client, 'error');
    client.end();
    await begun.opened;
    await gateway.close();
    await failed;
  });
});
