import { once } from 'node:events';
import { get } from 'node:http';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ErrorInfoSchema, RetryInfoSchema } from '../../../src/gen/google/rpc/error_details_pb.js';
import { UNVERIFIED } from '../../../src/handlers/access/principal.js';
import { detailOf } from '../../../src/handlers/answer/errors.js';
import { fabricatedStream } from '../gateway/fabricated-service.js';
import { type LimitedDoors, listThrough, openLimitedDoors, TRANSPORTS } from './limited-doors.js';

const SESSIONS = '/api/v1/sessions';

/** Lists over REST. */
const list = ({ httpUrl }: LimitedDoors, headers: Record<string, string> = {}) =>
  fetch(httpUrl + SESSIONS, { headers });

async function errorOf(promise: Promise<unknown>): Promise<ConnectError> {
  return promise.then(
    () => expect.fail('the call was answered'),
    (error) => ConnectError.from(error),
  );
}

/** A token is the name of its subject; `bad` is none. */
const authenticator = {
  authenticate({ authorization }: { authorization: () => readonly string[] }) {
    const subject = (authorization()[0] ?? '').replace(/^Bearer /, '');
    if (subject === 'bad') throw new ConnectError('the token is none', Code.Unauthenticated);
    return { principal: { ...UNVERIFIED, subject }, expiresAt: Number.POSITIVE_INFINITY, isRevoked: false };
  },
  stop() {},
};

describe('through REST', () => {
  test('a caller over its limit gets 429, with the fields of the draft and a problem', async () => {
    const doors = await openLimitedDoors({ RATE_LIMIT_READS: 1 });
    expect((await list(doors)).status).toBe(200);
    const refused = await list(doors);
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit-policy')).toBe('"reads";q=1;w=60');
    expect(refused.headers.get('ratelimit')).toBe(`"reads";r=0;t=${wait}`);
    expect(await refused.json()).toMatchObject({
      type: 'urn:aceup:scheduler:problem:rate-limited',
      code: 'RESOURCE_EXHAUSTED',
      reason: 'RATE_LIMITED',
    });
  });

  test('one that fails to say who it is gets 401, then 429', async () => {
    const doors = await openLimitedDoors({ RATE_LIMIT_FAILED_AUTH: 2 }, { authenticator });
    const headers = { authorization: 'Bearer bad' };
    const statuses = [await list(doors, headers), await list(doors, headers), await list(doors, headers)];
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect((await list(doors, { authorization: 'Bearer carol' })).status).toBe(200);
  });

  test('the request of one over its limit is not read', async () => {
    const doors = await openLimitedDoors({ RATE_LIMIT_WRITES: 1 });
    const post = () =>
      fetch(doors.httpUrl + SESSIONS, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{]' });
    expect([(await post()).status, (await post()).status]).toEqual([400, 429]);
  });

  test('health and the documents have no limit', async () => {
    const { httpUrl, ...others } = await openLimitedDoors({ RATE_LIMIT_READS: 1 });
    await list({ httpUrl, ...others });
    for (const path of ['/healthz', '/readyz', '/openapi.json']) expect((await fetch(httpUrl + path)).status).toBe(200);
  });
});

describe.each(TRANSPORTS)('through %s', (_, open) => {
  test('a caller over its limit gets RESOURCE_EXHAUSTED, with the same fields and details', async () => {
    const doors = await openLimitedDoors({ RATE_LIMIT_READS: 1 });
    const transport = open(doors);
    await listThrough(transport);
    const error = await errorOf(listThrough(transport));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(detailOf(error, ErrorInfoSchema)?.reason).toBe('RATE_LIMITED');
    const wait = Number(error.metadata.get('retry-after'));
    expect(wait).toBeGreaterThan(50);
    const { seconds, nanos } = detailOf(error, RetryInfoSchema)?.retryDelay ?? { seconds: 0n, nanos: 0 };
    expect(Math.ceil(Number(seconds) + nanos / 1e9)).toBe(wait);
    expect(error.metadata.get('ratelimit-policy')).toBe('"reads";q=1;w=60');
    expect(error.metadata.get('ratelimit')).toBe(`"reads";r=0;t=${wait}`);
  });

  test('callers behind a trusted proxy are told apart', async () => {
    const transport = open(await openLimitedDoors({ RATE_LIMIT_READS: 1 }, { proxies: ['loopback'] }));
    const from = (address: string) => listThrough(transport, { 'x-forwarded-for': address });
    await from('198.51.100.7');
    await from('198.51.100.8');
    expect((await errorOf(from('203.0.113.9, 198.51.100.7'))).code).toBe(Code.ResourceExhausted);
  });

  test('nobody gets another limit by a header of its own', async () => {
    const transport = open(await openLimitedDoors({ RATE_LIMIT_READS: 1 }));
    await listThrough(transport, { 'x-forwarded-for': '198.51.100.7' });
    const error = await errorOf(listThrough(transport, { 'x-forwarded-for': '198.51.100.8' }));
    expect(error.code).toBe(Code.ResourceExhausted);
  });

  test('a caller may have so many streams open, and another when one has ended', async () => {
    const doors = await openLimitedDoors({ RATE_LIMIT_STREAMS: 1 });
    const first = watchThrough(open(doors));
    await first.stream.next();
    const second = watchThrough(open(doors));
    expect((await errorOf(second.stream.next())).metadata.get('ratelimit-policy')).toMatch(/^"streams";q=1;/);
    first.stop();
    await expect
      .poll(async () => {
        const { stream, stop } = watchThrough(open(doors));
        const opened = await stream.next().then(
          () => true,
          () => false,
        );
        stop();
        return opened;
      })
      .toBe(true);
  });
});

/** Opens a stream, which goes on until it is stopped. */
function watchThrough(transport: Transport) {
  const ended = new AbortController();
  const client = createClient(fabricatedStream(), transport) as unknown as {
    watch(request: object, options: { signal: AbortSignal }): AsyncIterable<unknown>;
  };
  const stream = client.watch({}, { signal: ended.signal })[Symbol.asyncIterator]();
  return { stream, stop: () => ended.abort() };
}

test('the bytes of requests count for the callers behind a proxy, over REST and over gRPC', async () => {
  const counted: string[] = [];
  const requestBytes = {
    enter: ({ caller }: { caller: string }) => counted.push(caller) > 0,
    leave() {},
  };
  const doors = await openLimitedDoors({}, { proxies: ['loopback'], requestBytes });
  await fetch(doors.httpUrl + SESSIONS, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' },
    body: JSON.stringify({ session: { reason: 'x'.repeat(10_000) } }),
  });
  await listThrough(createGrpcTransport({ baseUrl: doors.grpcUrl }), { 'x-forwarded-for': '198.51.100.8' });
  expect(counted).toEqual(['198.51.100.7', '198.51.100.8']);
});

test('several lines of the header count as one list, over REST and over gRPC', async () => {
  const doors = await openLimitedDoors({ RATE_LIMIT_READS: 1 }, { proxies: ['loopback', '10.0.0.0/8'] });
  const rest = async () => {
    const headers = { 'x-forwarded-for': ['198.51.100.7', '10.1.2.3'] };
    const [{ statusCode }] = await once(get(doors.httpUrl + SESSIONS, { headers }), 'response');
    return statusCode;
  };
  expect([await rest(), await rest()]).toEqual([200, 429]);
  expect((await list(doors, { 'x-forwarded-for': '10.1.2.3' })).status).toBe(200);

  const client = new Client(doors.grpcUrl.slice('http://'.length), credentials.createInsecure());
  const grpc = (...lines: string[]) => {
    const metadata = new Metadata();
    for (const line of lines) metadata.add('x-forwarded-for', line);
    return new Promise<number>((resolve) => {
      const bytes = (value: Buffer) => value;
      client.makeUnaryRequest(
        '/aceup.scheduler.v1.SessionService/ListSessions',
        bytes,
        bytes,
        Buffer.alloc(0),
        metadata,
        (error) => resolve(error?.code ?? 0),
      );
    });
  };
  expect(await grpc('198.51.100.7', '10.1.2.3')).toBe(Code.ResourceExhausted);
  expect(await grpc('198.51.100.9', '10.1.2.3')).toBe(0);
  client.close();
});
