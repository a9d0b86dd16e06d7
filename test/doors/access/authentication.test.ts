import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { revokeTokens } from '../../../src/authentication/tokens/revoke-tokens.js';
import { doorsOf, listSessions } from '../../support/doors.js';
import { rawGrpcCall } from '../../support/raw-http2.js';
import { startTestService, type TestService } from '../../support/service.js';
import { makeCallers } from './callers.js';

const GET_SESSION = '/aceup.scheduler.v1.SessionService/GetSession';

let service: TestService;
let callers: Awaited<ReturnType<typeof makeCallers>>;
/** Says of which test a request is: the line of one before may come late. */
let correlationId: string;
/** What is logged of the test's own requests. */
let lines: Record<string, unknown>[] = [];
/** All that is logged meanwhile. */
let written = '';

beforeAll(async () => {
  callers = await makeCallers();
  const write = (text: string) => {
    written += text;
    const line = JSON.parse(text);
    if (line.correlationId === correlationId) lines.push(line);
  };
  const log = pino({ level: 'trace' }, { write });
  service = await startTestService(undefined, { AUTH_TOKENS_FILE: callers.path }, log);
});

beforeEach(() => {
  correlationId = randomUUID();
  lines = [];
  written = '';
});

afterAll(async () => {
  await service?.stop();
  await callers?.remove();
});

/** Sends a request whose headers may come twice, and with others than what browsers send. */
async function send(path: string, headers: string[] = [], body?: string) {
  const request = httpRequest(service.httpUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: ['Host', '127.0.0.1', 'X-Correlation-Id', correlationId, ...headers],
  });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** The status and message of a gRPC call with these values of `authorization`. */
function call(...values: string[]): Promise<Pick<ServiceError, 'code' | 'details' | 'metadata'>> {
  const client = new Client(service.grpcAddress, credentials.createInsecure());
  const metadata = new Metadata();
  for (const value of values) metadata.add('authorization', value);
  const bytes = (one: Buffer) => one;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(GET_SESSION, bytes, bytes, Buffer.alloc(0), metadata, (error) => {
      client.close();
      if (error) resolve(error);
      else reject(new Error('the call was let in'));
    });
  });
}

describe('a call is UNAUTHENTICATED', () => {
  const token = () => callers.headersOf('service').authorization;

  test.each<[string, () => string[], string]>([
    ['without a token', () => [], 'a token is needed: Authorization: Bearer …'],
    ['with an empty header', () => [''], 'authorization must be Bearer and a token'],
    [
      'with a user name and a password',
      () => [`Basic ${btoa('me:secret')}`],
      'authorization must be Bearer and a token',
    ],
    ['with a token and no scheme', () => [token().slice(7)], 'authorization must be Bearer and a token'],
    ['with two tokens in one header', () => [`${token()}, ${token()}`], 'authorization must be Bearer and a token'],
    ['with a token of no known kind', () => ['Bearer abc'], 'the token is of no kind that is accepted here'],
    ['with half a token', () => [token().slice(0, 30)], 'the token is cut off or mistyped'],
  ])('%s', async (_, values, why) => {
    const rest = await send(
      '/api/v1/sessions',
      values().flatMap((value) => ['authorization', value]),
    );
    expect(rest).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(JSON.parse(rest.body)).toMatchObject({ code: 'UNAUTHENTICATED', detail: why });
    const grpc = await call(...values());
    expect(grpc).toMatchObject({ code: status.UNAUTHENTICATED, details: why });
  });

  test('with two headers', async () => {
    const values = [token(), token()];
    const rest = await send(
      '/api/v1/sessions',
      values.flatMap((value) => ['authorization', value]),
    );
    expect(rest).toMatchObject({ status: 401 });
    await rawGrpcCall(service.grpcAddress, GET_SESSION, [
      ['x-correlation-id', correlationId],
      ...values.map((value) => ['authorization', value] as const),
    ]);
    // The answer is compressed as headers are in HTTP/2; the log is not.
    const why = 'authorization must be Bearer and a token';
    await expect.poll(() => lines.at(-1)).toMatchObject({ door: 'grpc', msg: 'Unauthenticated', why });
  });

  test.each([
    ['REST', '/api/v1/sessions', 'application/json', '"code":"UNAUTHENTICATED"'],
    ['Connect', GET_SESSION, 'application/json', '"code":"unauthenticated"'],
    ['Connect in bytes', GET_SESSION, 'application/proto', '"code":"unauthenticated"'],
    ['gRPC-Web', GET_SESSION, 'application/grpc-web', 'grpc-status: 16'],
  ])('before its body is looked at, over %s', async (_, path, type, code) => {
    expect((await send(path, ['content-type', type], '{')).body).toContain(code);
  });

  test('before its query is looked at, over Connect', async () => {
    const query = '?connect=v1&encoding=json&message=%7B';
    expect(await send(GET_SESSION + query)).toMatchObject({ status: 401 });
  });

  test('and the log says which method it was, from where and why, and nothing of what was sent', async () => {
    await send('/api/v1/sessions?page_size=7', ['authorization', 'Bearer marked-secret', 'cookie', 'marked-secret']);
    await expect
      .poll(() => lines)
      .toEqual([
        expect.objectContaining({
          msg: 'Unauthenticated',
          method: 'ListSessions',
          door: 'rest',
          caller: '127.0.0.1',
          why: 'the token is of no kind that is accepted here',
        }),
      ]);
    expect(written).not.toContain('marked-secret');
  });
});

test('a call that is not allowed is a line in the log: who, which method and why', async () => {
  const { authorization } = callers.headersOf('analyst');
  await send('/api/v1/sessions', ['authorization', authorization, 'content-type', 'application/json'], '{}');
  await expect
    .poll(() => lines)
    .toEqual([
      expect.objectContaining({
        msg: 'PermissionDenied',
        method: 'ScheduleSession',
        subject: 'the analyst',
        caller: '127.0.0.1',
        why: "the caller's roles may not call ScheduleSession",
      }),
    ]);
});

test('the name of the scheme may be written in any case', async () => {
  const authorization = callers.headersOf('service').authorization.replace('Bearer', 'bEARER');
  expect(await send('/api/v1/sessions', ['authorization', authorization])).toMatchObject({ status: 200 });
});

test('a token in an address is refused, and is in no line of the log', async () => {
  const [, token] = callers.headersOf('service').authorization.split(' ');
  const answer = await send(`/api/v1/sessions?access_token=${token}`);
  expect(answer).toMatchObject({ status: 400 });
  expect(answer.body).not.toContain(token);
  await expect.poll(() => lines).toHaveLength(1);
  expect(written).not.toContain(token);
});

test('a cookie means nothing', async () => {
  const { authorization } = callers.headersOf('service');
  expect(await send('/api/v1/sessions', ['cookie', `authorization=${authorization}`])).toMatchObject({ status: 401 });
});

describe('/readyz', () => {
  test.each([
    ['nobody', undefined, false],
    ['analyst', 'analyst', false],
    ['coach', 'coach', false],
    ['service', 'service', true],
    ['admin', 'admin', true],
  ] as const)('tells %s whether the service is ready; details: %3$s', async (_, caller, isTold) => {
    const headers = caller ? ['authorization', callers.headersOf(caller).authorization] : [];
    await expect.poll(() => send('/readyz', headers)).toMatchObject({ status: 200 });
    const { body } = await send('/readyz', headers);
    expect(Object.keys(JSON.parse(body))).toEqual(isTold ? ['status', 'zone_rules'] : ['status']);
  });
});

test('/healthz needs no token', async () => {
  expect(await send('/healthz')).toMatchObject({ status: 200 });
});

test.each(['/docs', '/openapi.json'])('%s is not served, unless API_DOCS says so', async (path) => {
  expect(await send(path)).toMatchObject({ status: 404 });
});

test('a token that is revoked is soon worth nothing, and others still are', async () => {
  const [door] = doorsOf(service, callers.headersOf('admin'));
  const [other] = doorsOf(service, callers.headersOf('service'));
  expect(await door!.call(listSessions, {})).toMatchObject({ code: 'OK' });
  await revokeTokens(callers.path, { subject: 'the admin' }, Date.now());
  await expect.poll(async () => (await door!.call(listSessions, {})).code).toBe('Unauthenticated');
  expect(await other!.call(listSessions, {})).toMatchObject({ code: 'OK' });
});
