import { create, fromBinary, type Message } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { describe, expect, test } from 'vitest';
import { AvailabilityService } from '../../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import {
  GetSessionRequestSchema,
  ListSessionsResponseSchema,
  ScheduleSessionResponseSchema,
  SessionService,
} from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { BadRequestSchema, ErrorInfoSchema } from '../../../src/gen/google/rpc/error_details_pb.js';
import { refused } from '../../../src/handlers/answer/errors.js';
import { latch, post, seedRequest, sharedGateway, type TestGateway } from './support.js';

const SERVICE = `/${SessionService.typeName}`;
const SCHEDULE = `${SERVICE}/ScheduleSession`;
const GET = `${SERVICE}/GetSession`;

const gateway = sharedGateway();

/** The ways in that a browser has. */
const TRANSPORTS: [string, 'connect' | 'grpc-web', (baseUrl: string) => Transport][] = [
  ['Connect JSON', 'connect', (baseUrl) => createConnectTransport({ baseUrl })],
  ['Connect binary', 'connect', (baseUrl) => createConnectTransport({ baseUrl, useBinaryFormat: true })],
  ['Connect by GET', 'connect', (baseUrl) => createConnectTransport({ baseUrl, useHttpGet: true })],
  [
    'Connect binary by GET',
    'connect',
    (baseUrl) => createConnectTransport({ baseUrl, useHttpGet: true, useBinaryFormat: true }),
  ],
  ['gRPC-Web', 'grpc-web', (baseUrl) => createGrpcWebTransport({ baseUrl })],
  ['gRPC-Web JSON', 'grpc-web', (baseUrl) => createGrpcWebTransport({ baseUrl, useBinaryFormat: false })],
];

describe.each(TRANSPORTS)('%s', (_, door, transportTo) => {
  const client = () => createClient(SessionService, transportTo(gateway.url));

  test('carries a command and its answer', async () => {
    const response = create(ScheduleSessionResponseSchema, { session: { id: 'é' }, consistencyToken: 't' });
    gateway.answerWith(async () => response);
    const request = { session: { coachHashId: '123', start: timestampFromDate(new Date(0)), duration: 60 } };
    expect(await client().scheduleSession(request)).toEqual(response);
    expect(gateway.asked).toMatchObject([{ request, call: { door, method: { name: 'ScheduleSession' } } }]);
  });

  test('carries a query and its answer', async () => {
    const response = create(ListSessionsResponseSchema, { sessions: [{ id: '1' }, { id: '2' }] });
    gateway.answerWith(async () => response);
    expect(await client().listSessions({ coachHashId: 'é+ /' })).toEqual(response);
    expect(gateway.asked).toMatchObject([{ request: { coachHashId: 'é+ /' } }]);
  });

  test('carries an error with its details', async () => {
    gateway.answerWith(async () => {
      throw refused(Code.AlreadyExists, 'COACH_OVERLAP', 'the coach is in é', { start: 's', end: 'e' });
    });
    const error = await failureOf(client().getSession({ id: '1' }));
    expect(error).toMatchObject({ code: Code.AlreadyExists, rawMessage: 'the coach is in é' });
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: 'COACH_OVERLAP', metadata: { start: 's', end: 'e' } },
    ]);
  });

  test("carries the caller's deadline, its headers and its correlation id", async () => {
    const before = Date.now();
    const headers = { 'x-correlation-id': 'c-1', traceparent: 'x' };
    await client().getSession({ id: '1' }, { timeoutMs: 5_000, headers });
    const [{ call }] = gateway.asked as [TestGateway['asked'][number]];
    expect(call.deadline).toBeGreaterThan(before + 3_000);
    expect(call.deadline).toBeLessThanOrEqual(Date.now() + 5_000);
    expect(call.correlationId).toBe('c-1');
    expect(call.header('traceparent')).toBe('x');
  });

  test('has no deadline when the caller has none', async () => {
    await client().getSession({ id: '1' });
    expect(gateway.asked[0]).toMatchObject({ call: { deadline: undefined } });
  });

  test('aborts the call when the caller hangs up', async () => {
    const [begun, aborted] = [latch(), latch()];
    gateway.answerWith((_request, { cancellation, method }) => {
      cancellation.signal.addEventListener('abort', aborted.open);
      begun.open();
      return aborted.opened.then(() => create(method.output));
    });
    const caller = new AbortController();
    const failed = failureOf(client().getSession({ id: '1' }, { signal: caller.signal }));
    await begun.opened;
    caller.abort();
    await aborted.opened;
    expect(await failed).toMatchObject({ code: Code.Canceled });
  });

  test('calls a request beyond the limit RESOURCE_EXHAUSTED', async () => {
    const error = await failureOf(client().scheduleSession({ requestId: 'x'.repeat(100_000) }));
    expect(error).toMatchObject({ code: Code.ResourceExhausted, rawMessage: 'the body is larger than 65536 bytes' });
  });
});

async function failureOf(call: Promise<Message>): Promise<ConnectError> {
  return call.then(
    () => expect.fail('the call was answered'),
    (error) => ConnectError.from(error),
  );
}

test('Connect answers in protobuf JSON: lowerCamelCase, without what has its default', async () => {
  gateway.answerWith(async () =>
    create(ScheduleSessionResponseSchema, { session: { coachHashId: '123' }, consistencyToken: 't' }),
  );
  const answer = await post(gateway.url + SCHEDULE, seedRequest);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({ session: { coachHashId: '123' }, consistencyToken: 't' });
});

describe('mistakes in JSON are reported as REST reports them', () => {
  const mistakes = { session: { start: '2022-12-01T14:30:00', duration: 1.5 }, extra: 1 };
  const violations = [
    { field: 'session.start', description: 'has no zone: end it with Z or with an offset such as +02:00' },
    { field: 'session.duration', description: 'must be a whole number from -2147483648 to 2147483647' },
    { field: 'extra', description: 'is an unknown field' },
  ];

  test('by Connect, also in the message', async () => {
    const answer = await post(gateway.url + SCHEDULE, mistakes);
    expect(answer.status).toBe(400);
    const { code, details } = (await answer.json()) as { code: string; details: [{ value: string; debug: object }] };
    expect(code).toBe('invalid_argument');
    expect(details).toMatchObject([{ type: 'google.rpc.BadRequest', debug: { fieldViolations: violations } }]);
    const bytes = Buffer.from(details[0].value, 'base64');
    expect(fromBinary(BadRequestSchema, bytes).fieldViolations).toMatchObject(violations);
    expect(gateway.asked).toEqual([]);
  });

  test('by Connect GET', async () => {
    const query = new URLSearchParams({ connect: 'v1', encoding: 'json', message: '{"id":1}' });
    expect(await (await fetch(`${gateway.url}${GET}?${query}`)).json()).toMatchObject({
      code: 'invalid_argument',
      message: 'id: must be a string',
    });
  });

  test('by gRPC-Web', async () => {
    const body = envelope(new TextEncoder().encode(JSON.stringify(mistakes)));
    const trailer = await grpcWebTrailer(SCHEDULE, body, 'application/grpc-web+json');
    expect(trailer).toContain('grpc-status: 3');
    expect(decodeURIComponent(trailer)).toContain('extra: is an unknown field');
  });
});

describe('what is not a message is INVALID_ARGUMENT', () => {
  const malformed = new Uint8Array([0x0a, 0x7f, 0x01]);
  const words = `the bytes are not a valid ${GetSessionRequestSchema.typeName}`;

  test.each<[string, string, Uint8Array | string, string]>([
    ['malformed bytes', 'application/proto', malformed, words],
    ['a text that is not UTF-8', 'application/proto', new Uint8Array([0x0a, 0x01, 0xff]), words],
    ['no JSON', 'application/json', '{', 'the body is not JSON'],
    ['an empty body', 'application/json', '', 'the body is empty: send a JSON object'],
  ])('by Connect: %s', async (_, type, body, message) => {
    const answer = await post(gateway.url + GET, body, { 'content-type': type });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument', message });
  });

  test.each([
    ['malformed bytes', `encoding=proto&base64=1&message=${Buffer.from(malformed).toString('base64url')}`, words],
    ['no base64', 'encoding=proto&base64=1&message=!!!!Cg', words],
    ['no message', 'encoding=json', 'the body is empty: send a JSON object'],
  ])('by Connect GET: %s', async (_, query, message) => {
    const answer = await fetch(`${gateway.url}${GET}?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument', message });
  });

  const envelopes = 'the body must be one message in an envelope, uncompressed';
  test.each<[string, Uint8Array, string]>([
    ['malformed bytes', envelope(malformed), words],
    ['no envelope', new Uint8Array([1, 2, 3]), envelopes],
    ['no body', new Uint8Array(), envelopes],
    ['a message shorter than its envelope says', envelope(malformed).subarray(0, 7), envelopes],
    ['two messages', new Uint8Array([...envelope(new Uint8Array()), ...envelope(new Uint8Array())]), envelopes],
    ['a compressed message', new Uint8Array([1, ...envelope(malformed).subarray(1)]), envelopes],
  ])('by gRPC-Web: %s', async (_, body, message) => {
    const trailer = await grpcWebTrailer(GET, body, 'application/grpc-web+proto');
    expect(trailer).toContain('grpc-status: 3');
    expect(decodeURIComponent(trailer)).toContain(`grpc-message: ${message}`);
  });
});

describe('what is not served', () => {
  test('an unknown method is 404, which clients call UNIMPLEMENTED', async () => {
    const method = { ...SessionService.method.getSession, name: 'Nothing' };
    const transport = createConnectTransport({ baseUrl: gateway.url });
    const error = await failureOf(
      transport.unary(method, undefined, undefined, undefined, {}).then(({ message }) => message),
    );
    expect(error.code).toBe(Code.Unimplemented);
  });

  test('a query may come by GET, a command by GET is 405', async () => {
    for (const { methods, typeName } of [SessionService, AvailabilityService, WebhookService]) {
      for (const { name, idempotency } of methods.filter(({ methodKind }) => methodKind === 'unary')) {
        const answer = await fetch(`${gateway.url}/${typeName}/${name}?encoding=json&message={}`);
        const isQuery = idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
        expect([name, answer.status]).toEqual([name, isQuery ? 200 : 405]);
        if (!isQuery) expect(answer.headers.get('allow')).toBe('OPTIONS, POST');
      }
    }
  });

  test.each(['text/plain', 'application/grpc', 'application/connect+json', 'application/grpc-web-text', 'nonsense'])(
    'a body as %s is 415',
    async (type) => {
      expect((await post(gateway.url + GET, '{}', { 'content-type': type })).status).toBe(415);
    },
  );

  test('a compressed body is UNIMPLEMENTED', async () => {
    const answer = await post(gateway.url + GET, '{}', { 'content-encoding': 'gzip' });
    expect(await answer.json()).toMatchObject({ code: 'unimplemented' });
  });
});

describe('a deadline', () => {
  test.each<[string, Record<string, string>]>([
    ['of Connect', { 'connect-timeout-ms': '9999999999' }],
    ['of gRPC-Web', { 'grpc-timeout': '99999999H', 'content-type': 'application/grpc-web+proto' }],
  ])('%s in months counts as none', async (_, headers) => {
    const body = 'grpc-timeout' in headers ? envelope(new Uint8Array()) : '{}';
    await (await post(gateway.url + GET, body, headers)).arrayBuffer();
    expect(gateway.asked).toHaveLength(1);
    expect(gateway.asked[0]).toMatchObject({ call: { deadline: undefined } });
  });

  test('that is malformed is INVALID_ARGUMENT', async () => {
    const answer = await post(gateway.url + GET, '{}', { 'connect-timeout-ms': 'soon' });
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument' });
  });
});

/** A message in its envelope of gRPC-Web. */
function envelope(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}

/** The trailers that gRPC-Web answers in the body. */
async function grpcWebTrailer(path: string, body: Uint8Array, type: string): Promise<string> {
  const answer = await post(gateway.url + path, body, { 'content-type': type });
  expect(answer.status).toBe(200);
  return answer.text();
}
