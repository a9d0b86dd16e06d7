import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import * as browser from '@connectrpc/connect-web';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../../src/doors/gateway/gateway.js';
import { createGrpcServer } from '../../src/doors/grpc/server.js';
import { createAdmission } from '../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../src/doors/interceptors/call-frame.js';
import { doorLimits } from '../../src/doors/limits.js';
import { type LiveCertificates, openCertificates } from '../../src/doors/tls/live-certificates.js';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { refused } from '../../src/handlers/answer/errors.js';
import type { Call } from '../../src/handlers/call.js';
import { endpointsOf } from '../../src/handlers/endpoints.js';
import { writeFiles } from '../support/certificate-files.js';
import { createAuthority } from '../support/certificates.js';
import { fabricatedStream, fabricatedUpload } from './gateway/fabricated-service.js';
import { latch, ownGateway, post } from './gateway/support.js';

type Note = { note: { id: string; text?: string } };
type Watch = (request: { id: string }, call: Call) => AsyncGenerator<Note>;

const service = fabricatedStream();
const UNARY_LIMIT_MS = 50;

/** What the handler does; a test says. */
let watch: Watch;
/** Says of which test a call is: the line of one before may come late. */
let correlationId: string;
/** What is logged of the test's own calls. */
let lines: Record<string, unknown>[] = [];
let httpUrl: string;
let grpcUrl: string;
/** The same doors over TLS, and what a caller needs to trust them. */
let httpsUrl: string;
let grpcsUrl: string;
let nodeOptions: { readonly ca: string };
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const write = (text: string) => {
    const line = JSON.parse(text);
    if (line.correlationId === correlationId) lines.push(line);
  };
  const log = pino({ base: null, timestamp: false }, { write });
  const { endpoints, handleWith } = endpointsOf(
    service,
    createCallFrame(log, createAdmission(), UNARY_LIMIT_MS),
    () => 'not yet',
  );
  handleWith({ watch: ((request: { id: string }, call: Call) => watch(request, call)) as never });
  const shutdownGraceMs = 500;
  const limits = doorLimits(64 * 1024);

  async function openDoors(certificates?: LiveCertificates): Promise<[httpUrl: string, grpcAddress: string]> {
    const gateway = await createGateway({
      endpoints,
      log,
      allowedHosts: [],
      corsOrigins: [],
      maxRequestBytes: 64 * 1024,
      limits,
      ...(certificates && { certificates }),
      metrics: async () => [],
      readiness: async () => [],
      servesDocs: true,
      maySeeDetails: async () => true,
      zoneRules: '2026f',
      draining: new AbortController().signal,
      shutdownGraceMs,
    });
    const grpc = createGrpcServer({
      endpoints,
      maxRequestBytes: 64 * 1024,
      limits,
      reflects: true,
      ...(certificates && { certificates }),
    });
    closing.push(
      () => gateway.close(),
      () => grpc.close(shutdownGraceMs),
    );
    const url = await gateway.listen({ host: '127.0.0.1', port: 0 });
    return [url, `127.0.0.1:${await grpc.listen('127.0.0.1', 0)}`];
  }

  const [plain, address] = await openDoors();
  [httpUrl, grpcUrl] = [plain, `http://${address}`];
  const authority = await createAuthority();
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-streaming-'));
  const certificates = await openCertificates(await writeFiles(directory, await authority.issue()), log);
  closing.push(
    async () => certificates.stop(),
    () => rm(directory, { recursive: true }),
  );
  const [secure, secureAddress] = await openDoors(certificates);
  [httpsUrl, grpcsUrl, nodeOptions] = [secure, `https://${secureAddress}`, { ca: authority.ca }];
});

beforeEach(() => {
  correlationId = randomUUID();
  lines = [];
});

afterAll(() => Promise.all(closing.map((close) => close())));

const http2 = () => ({ baseUrl: httpsUrl, httpVersion: '2' as const, nodeOptions });
const http1 = (useBinaryFormat: boolean) => ({ baseUrl: httpUrl, httpVersion: '1.1' as const, useBinaryFormat });

const TRANSPORTS: [string, Call['door'], () => Transport][] = [
  ['Connect', 'connect', () => createConnectTransport(http1(true))],
  ['Connect JSON', 'connect', () => createConnectTransport(http1(false))],
  ['gRPC-Web', 'grpc-web', () => createGrpcWebTransport(http1(true))],
  ['gRPC-Web JSON', 'grpc-web', () => createGrpcWebTransport(http1(false))],
  ['gRPC', 'grpc', () => createGrpcTransport({ baseUrl: grpcUrl })],
  ['Connect over TLS and HTTP/2', 'connect', () => createConnectTransport(http2())],
  ['gRPC-Web over TLS and HTTP/2', 'grpc-web', () => createGrpcWebTransport(http2())],
  ['gRPC over TLS', 'grpc', () => createGrpcTransport({ baseUrl: grpcsUrl, nodeOptions })],
];

/** Calls Watch. */
function open(transport: Transport, options: CallOptions = {}, request = { id: 'n-1' }): AsyncIterator<Note> {
  const client = createClient(service, transport) as unknown as {
    watch(request: object, options: CallOptions): AsyncIterable<Note>;
  };
  const headers = { 'x-correlation-id': correlationId };
  return client.watch(request, { headers, ...options })[Symbol.asyncIterator]();
}

describe.each(TRANSPORTS)('%s', (_, door, transport) => {
  /** The error with which a stream ends that has no more messages. */
  async function failureOf(stream: AsyncIterator<Note>): Promise<ConnectError> {
    return stream.next().then(
      () => expect.fail('the stream went on'),
      (error) => ConnectError.from(error),
    );
  }

  test('messages arrive one by one, before the stream ends', async () => {
    const go = latch();
    watch = async function* ({ id }) {
      yield { note: { id } };
      await go.opened;
      yield { note: { id: 'é' } };
    };
    const stream = open(transport());
    expect(await stream.next()).toMatchObject({ value: { note: { id: 'n-1' } } });
    expect(lines).toEqual([]);
    go.open();
    expect(await stream.next()).toMatchObject({ value: { note: { id: 'é' } } });
    expect(await stream.next()).toMatchObject({ done: true });
    await expect.poll(() => lines).toMatchObject([{ msg: 'OK', method: 'Watch', door, session: 'n-1' }]);
  });

  test('a stream may be empty', async () => {
    watch = async function* () {};
    expect(await open(transport()).next()).toMatchObject({ done: true });
  });

  test('an error in the middle arrives after the messages before it, with its details', async () => {
    watch = async function* () {
      yield { note: { id: '1' } };
      throw refused(Code.FailedPrecondition, 'TOO_LATE', 'it is too late');
    };
    const stream = open(transport());
    await stream.next();
    const error = await failureOf(stream);
    expect(error).toMatchObject({ code: Code.FailedPrecondition, rawMessage: 'it is too late' });
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'TOO_LATE' }]);
    expect(lines).toMatchObject([{ msg: 'FailedPrecondition', why: 'it is too late', door }]);
  });

  test('a defect arrives as INTERNAL, without its message', async () => {
    watch = async function* () {
      yield { note: { id: '1' } };
      throw new TypeError('secret');
    };
    const stream = open(transport());
    await stream.next();
    expect(await failureOf(stream)).toMatchObject({ code: Code.Internal, rawMessage: 'internal error' });
    expect(lines).toMatchObject([{ level: 50, msg: 'Internal', err: { message: 'secret' } }]);
  });

  test('a caller that hangs up ends a handler that waits', async () => {
    const ended = latch();
    watch = async function* (_request, { cancellation: { signal } }) {
      try {
        yield { note: { id: '1' } };
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      } finally {
        ended.open();
      }
    };
    const caller = new AbortController();
    const stream = open(transport(), { signal: caller.signal });
    await stream.next();
    caller.abort();
    expect(await failureOf(stream)).toMatchObject({ code: Code.Canceled });
    await ended.opened;
    await expect.poll(() => lines).toMatchObject([{ msg: 'Canceled', door }]);
  });

  test('a slow caller makes the handler wait, and ends it by hanging up', async () => {
    const messages = 2_000;
    const ended = latch();
    let sent = 0;
    watch = async function* () {
      try {
        for (; sent < messages; sent += 1) yield { note: { id: '1', text: 'x'.repeat(64 * 1024) } };
      } finally {
        ended.open();
      }
    };
    const caller = new AbortController();
    const stream = open(transport(), { signal: caller.signal });
    await stream.next();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await sleep(200);
    }
    expect(sent).toBeLessThan(messages / 2);
    caller.abort();
    await ended.opened;
    await expect.poll(() => lines).toMatchObject([{ msg: 'Canceled', door }]);
  });

  test('lasts longer than a unary call may', async () => {
    watch = async function* () {
      await sleep(4 * UNARY_LIMIT_MS);
      yield { note: { id: '1' } };
    };
    expect(await open(transport()).next()).toMatchObject({ done: false });
  });

  test("ends with the caller's deadline", async () => {
    const ended = latch();
    watch = async function* (_request, { cancellation: { signal } }) {
      yield { note: { id: '1' } };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.open();
    };
    let stream = open(transport(), { timeoutMs: 300 });
    // A busy machine may take longer for the first message.
    for (let timeoutMs = 1_000; !(await stream.next().catch(() => undefined)); timeoutMs *= 3) {
      correlationId = randomUUID();
      stream = open(transport(), { timeoutMs });
    }
    expect(await failureOf(stream)).toMatchObject({ code: Code.DeadlineExceeded });
    await ended.opened;
    await expect.poll(() => lines).toHaveLength(1);
  });

  test('a request beyond the limit is RESOURCE_EXHAUSTED', async () => {
    const stream = open(transport(), {}, { id: 'x'.repeat(100_000) });
    expect(await failureOf(stream)).toMatchObject({ code: Code.ResourceExhausted });
  });
});

test.each([
  ['Connect', browser.createConnectTransport],
  ['gRPC-Web', browser.createGrpcWebTransport],
])('a browser gets the messages of %s one by one', async (_, createTransport) => {
  const go = latch();
  watch = async function* () {
    yield { note: { id: '1' } };
    await go.opened;
    yield { note: { id: '2' } };
  };
  const stream = open(createTransport({ baseUrl: httpUrl }));
  expect(await stream.next()).toMatchObject({ value: { note: { id: '1' } } });
  go.open();
  expect(await stream.next()).toMatchObject({ value: { note: { id: '2' } } });
  expect(await stream.next()).toMatchObject({ done: true });
});

describe('at the gateway', () => {
  const PATH = '/fabricated.Notes/Watch';
  const envelope = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, 0, text.length]), Buffer.from(text)]);

  test('mistakes in JSON are all reported, and the handler is not asked', async () => {
    const body = envelope('{"id":1,"x":2}');
    const answer = await post(httpUrl + PATH, body, {
      'content-type': 'application/connect+json',
      'x-correlation-id': correlationId,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-correlation-id')).toBe(correlationId);
    const end = JSON.parse((await answer.text()).slice(5));
    expect(end.error).toMatchObject({
      code: 'invalid_argument',
      message: 'id: must be a string; x: is an unknown field',
    });
    await expect.poll(() => lines).toMatchObject([{ msg: 'InvalidArgument', door: 'connect' }]);
  });

  test.each(['application/json', 'application/proto', 'text/plain'])('a stream is not served as %s', async (type) => {
    expect((await post(httpUrl + PATH, '{}', { 'content-type': type })).status).toBe(415);
  });

  test('a caller that goes ends all the calls that it sent in one go over one connection', async () => {
    const begun: Call[] = [];
    watch = async function* (_request, call) {
      begun.push(call);
      await new Promise((resolve) => call.cancellation.signal.addEventListener('abort', resolve));
    };
    const { hostname, port } = new URL(httpUrl);
    const connection = connect(Number(port), hostname);
    const request = [
      'POST /fabricated.Notes/Watch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/connect+json',
      `X-Correlation-Id: ${correlationId}\r\nContent-Length: 7\r\n`,
      '\0\0\0\0\u0002{}',
    ].join('\r\n');
    connection.write(request.repeat(3));
    await expect.poll(() => begun).toHaveLength(3);
    connection.destroy();
    await expect.poll(() => begun.filter(({ cancellation }) => cancellation.aborted)).toHaveLength(3);
    await expect.poll(() => lines).toMatchObject(Array(3).fill({ msg: 'Canceled', door: 'connect' }));
  });

  test('a gRPC caller that reads too slowly for its deadline hears of it once it reads', async () => {
    watch = async function* () {
      for (;;) yield { note: { id: '1', text: 'x'.repeat(60_000) } };
    };
    const session = connectHttp2(grpcUrl);
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ':method': 'POST',
      ':path': '/fabricated.Notes/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '1S',
      'x-correlation-id': correlationId,
    });
    // Sooner than an answer that is not taken is cut off.
    const trailers = once(stream, 'trailers', { signal: AbortSignal.timeout(25_000) });
    stream.end(Buffer.alloc(5));
    await expect.poll(() => lines).toHaveLength(1);
    stream.resume();
    expect((await trailers)[0]).toMatchObject({ 'grpc-status': String(Code.DeadlineExceeded) });
  });

  test('a route for a stream that does not say how it becomes events stops the start', async () => {
    const { endpoints } = endpointsOf(
      fabricatedStream({ pattern: { case: 'get', value: '/notes' } }),
      createCallFrame(pino({ level: 'silent' }), createAdmission(), UNARY_LIMIT_MS),
      () => 'not yet',
    );
    await expect(ownGateway({ endpoints })).rejects.toThrow(
      'Watch: REST serves a stream only with the option (rest).events',
    );
  });
});

describe('endpoints', () => {
  const frame = createCallFrame(pino({ level: 'silent' }), createAdmission(), UNARY_LIMIT_MS);

  test('refuse calls until there are handlers', async () => {
    const { endpoints } = endpointsOf(service, frame, () => 'the service waits for the event store');
    const gateway = await ownGateway({ endpoints });
    const stream = open(browser.createConnectTransport({ baseUrl: gateway.url }));
    await expect(stream.next()).rejects.toMatchObject({
      code: Code.Unavailable,
      rawMessage: 'the service waits for the event store',
    });
  });

  test('cannot be made for a method that streams its requests', () => {
    expect(() => endpointsOf(fabricatedUpload(), frame, () => '')).toThrow(
      'Upload: a method that streams its requests is not supported',
    );
  });
});
