import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { createRequire } from 'node:module';
import { connect as connectSocket } from 'node:net';
import { dirname, join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createGrpcServer, type GrpcServer } from '../../src/doors/grpc/server.js';
import { type DoorLimits, doorLimits, SMALL_REQUEST } from '../../src/doors/limits.js';
import { createFairShares } from '../../src/fair-shares.js';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { GetSessionResponseSchema, SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.js';
import { invalidArgument } from '../../src/handlers/answer/errors.js';
import type { Call, Invoke } from '../../src/handlers/call.js';
import { unframed } from '../support/endpoints.js';

const { getSession } = SessionService.method;
const PATH = '/aceup.scheduler.v1.SessionService/GetSession';

const MAX_BYTES = 10_000;
const LIMITS = doorLimits(MAX_BYTES);
const SERVICES = ['aceup.scheduler.v1.SessionService', 'aceup.scheduler.v1.AvailabilityService'];
const { getAvailability, syncTimeOff } = AvailabilityService.method;
const endpoints = [getSession, getAvailability, syncTimeOff].map((method) =>
  unframed(method, (request, call) => invoke(request, call)),
);

const PARTS = { endpoints, maxRequestBytes: MAX_BYTES, limits: LIMITS, reflects: true };

let server: GrpcServer;
let address: string;
let client: Client;
let invoke: Invoke;

beforeEach(async () => {
  server = createGrpcServer(PARTS);
  address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  client = new Client(address, credentials.createInsecure());
  invoke = async () => create(GetSessionResponseSchema);
});

afterEach(async () => {
  client.close();
  await server.close(100);
});

/** Sends bytes; answers the error, or undefined when there was none. */
function send(
  bytes: Uint8Array,
  { headers = {}, deadline = Date.now() + 60_000 } = {},
): Promise<ServiceError | undefined> {
  const same = (buffer: Buffer) => buffer;
  const metadata = Metadata.fromHttp2Headers(headers);
  return new Promise((resolve) => {
    client.makeUnaryRequest(PATH, same, same, Buffer.from(bytes), metadata, { deadline }, (error) =>
      resolve(error ?? undefined),
    );
  });
}

/** The call that the endpoint gets for a request. */
async function callFor(options: Parameters<typeof send>[1]): Promise<Call> {
  const call = new Promise<Call>((resolve) => {
    invoke = async (_, given) => {
      resolve(given);
      return create(GetSessionResponseSchema);
    };
  });
  await send(new Uint8Array(), options);
  return call;
}

/** A client of a service that a proto file of a library describes. */
function clientOf(file: string, service: string) {
  const definition = loadPackageDefinition(loadSync(file));
  const found = service.split('.').reduce((node, name) => node[name] as GrpcObject, definition);
  return new (found as unknown as ServiceClientConstructor)(address, credentials.createInsecure());
}

describe('a request', () => {
  test('that is not a message of its type is INVALID_ARGUMENT', async () => {
    const error = await send(Uint8Array.of(0xff, 0xff, 0xff));
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error?.details).toContain('GetSessionRequest');
  });

  test('with a field that is unknown here is handled', async () => {
    const ids: unknown[] = [];
    invoke = async (request) => {
      ids.push((request as { id?: string }).id);
      return {};
    };
    // id = 1; 99 is no field.
    expect(await send(Uint8Array.of(0x0a, 1, 0x61, 0x98, 0x06, 1))).toBeUndefined();
    expect(ids).toEqual(['a']);
  });

  test('that is too large is RESOURCE_EXHAUSTED', async () => {
    expect((await send(new Uint8Array(20_000)))?.code).toBe(status.RESOURCE_EXHAUSTED);
  });

  test('brings its deadline', async () => {
    const deadline = Date.now() + 60_000;
    const { deadline: seen = 0 } = await callFor({ deadline });
    expect(Math.abs(seen - deadline)).toBeLessThan(30_000);
  });

  test.each([
    ['well-formed', 'order-7', 'order-7'],
    ['malformed', 'a b', expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ])('brings its correlation id when that is %s', async (_, given, expected) => {
    expect((await callFor({ headers: { 'x-correlation-id': given } })).correlationId).toEqual(expected);
  });

  test('that was answered is over, and its signal never aborts', async () => {
    const { cancellation } = await callFor({});
    // The server learns that the first stream has ended before it reads the next one.
    await send(new Uint8Array());
    expect(cancellation.aborted).toBe(false);
  });

  test('aborts its signal when the caller gives up', async () => {
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const aborted = new Promise<void>((resolve) => {
      invoke = (_, { cancellation: { signal } }) =>
        new Promise((answer) => {
          signal.addEventListener('abort', () => {
            resolve();
            answer(create(GetSessionResponseSchema));
          });
          begin();
        });
    });
    const same = (buffer: Buffer) => buffer;
    const call = client.makeUnaryRequest(PATH, same, same, Buffer.of(), () => {});
    await begun;
    call.cancel();
    await aborted;
  });
});

/** Sends an empty message with a header that grpc-js would not write. Answers status and message. */
async function sendWith(name: string, value: string, path = PATH): Promise<readonly [status: number, message: string]> {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    [name]: value,
  });
  stream.end(Buffer.alloc(5)).resume();
  const told: Record<string, unknown> = {};
  stream.on('response', (headers) => Object.assign(told, headers));
  stream.on('trailers', (trailers) => Object.assign(told, trailers));
  await once(stream, 'close');
  session.close();
  return [Number(told['grpc-status']), decodeURIComponent(String(told['grpc-message'] ?? ''))];
}

describe('metadata that is not printable ASCII', () => {
  const [CONTROL, NO_BREAK_SPACE] = ['\u009b2J', '\u00a0'];

  test.each(['x-actor', 'x-correlation-id', 'user-agent', 'x-of-nobody'])('%s is INVALID_ARGUMENT', async (name) => {
    const broken = `${name}: must be printable ASCII characters`;
    expect(await sendWith(name, `anna${CONTROL}`)).toEqual([status.INVALID_ARGUMENT, broken]);
  });

  test('a token that ends with such a character is none', async () => {
    let authorization: readonly string[] | undefined;
    invoke = async (_, call) => {
      authorization = call.authorization();
      return {};
    };
    await sendWith('authorization', `Bearer secret${NO_BREAK_SPACE}`);
    expect(authorization).toEqual([]);
  });

  test('is written to no log, nor is a name that gRPC does not allow', async () => {
    const write = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => write.mockRestore());
    await sendWith('authorization', `Bearer secret${NO_BREAK_SPACE}`);
    await sendWith('x-actor', CONTROL);
    await sendWith('x!actor', 'anna');
    expect(write).not.toHaveBeenCalled();
  });
});

describe('a timeout', () => {
  const send = (timeout: string, path = PATH) => sendWith('grpc-timeout', timeout, path);

  test.each(['99999999H', '2147484S', '99999999M', '2147483S', '60S', '99999999m', '99999999u'])(
    '%s is long enough for an answer',
    async (timeout) => {
      expect(await send(timeout)).toEqual([status.OK, expect.anything()]);
    },
  );

  const broken = 'grpc-timeout: must be 1 to 8 digits and a unit, one of H, M, S, m, u and n';

  test.each(['', 'soon', '1', 'S', '-1S', '1.5S', '1s', '1 S', '1S2', '123456789S', '١S'])(
    '%j is INVALID_ARGUMENT',
    async (timeout) => {
      expect(await send(Buffer.from(timeout).toString('latin1'))).toEqual([status.INVALID_ARGUMENT, broken]);
    },
  );

  test.each([
    '/grpc.health.v1.Health/Check',
    '/grpc.health.v1.Health/Watch',
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  ])('is judged alike for %s', async (path) => {
    expect(await send('soon', path)).toEqual([status.INVALID_ARGUMENT, broken]);
    expect((await send('0S', path))[0]).toBe(status.DEADLINE_EXCEEDED);
  });

  test('that is well-formed is none the worse for a standard service', async () => {
    expect((await send('60S', '/grpc.health.v1.Health/Check'))[0]).toBe(status.OK);
  });

  test.each(['0S', '99999999n'])('%s is soon over: DEADLINE_EXCEEDED', async (timeout) => {
    invoke = () => new Promise(() => {});
    expect((await send(timeout))[0]).toBe(status.DEADLINE_EXCEEDED);
  });
});

test('an answer is not compressed, though the caller takes gzip: a message is small, and its network near', async () => {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    'grpc-accept-encoding': 'gzip',
  });
  const [[headers], [frame]] = await Promise.all([
    once(stream, 'response'),
    once(stream, 'data'),
    stream.end(Buffer.alloc(5)),
  ]);
  session.close();
  expect(headers['grpc-encoding'] ?? 'identity').toBe('identity');
  expect(frame[0]).toBe(0);
});

describe('what the caller sends wrongly is INVALID_ARGUMENT', () => {
  /** Sends a prefix and these bytes; answers the status. */
  async function statusFor(path: string, flags: number, bytes: Uint8Array, headers: object = {}): Promise<number> {
    const session = connect(`http://${address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      ...headers,
    });
    const told: Record<string, unknown> = {};
    stream.on('response', (answer) => Object.assign(told, answer));
    stream.on('trailers', (trailers) => Object.assign(told, trailers));
    stream.end(Buffer.from([flags, 0, 0, 0, bytes.length, ...bytes])).resume();
    await once(stream, 'close');
    session.close();
    return Number(told['grpc-status']);
  }

  test.each(['gzip', 'deflate'])('bytes that are not %s', async (encoding) => {
    const code = await statusFor(PATH, 1, Uint8Array.of(1, 2, 3), { 'grpc-encoding': encoding });
    expect(code).toBe(status.INVALID_ARGUMENT);
  });

  test.each<[string, number, object]>([
    ['as compressed, without an encoding', 1, {}],
    ['as compressed, with the encoding identity', 1, { 'grpc-encoding': 'identity' }],
    ['in a way that is reserved', 2, {}],
    ['in another way that is reserved', 255, {}],
  ])('a message that is flagged %s', async (_, flags, headers) => {
    expect(await statusFor(PATH, flags, new Uint8Array(), headers)).toBe(status.INVALID_ARGUMENT);
  });

  test.each<object>([{}, { 'grpc-encoding': 'identity' }, { 'grpc-encoding': 'gzip' }])(
    'but not a message that is not compressed, with the headers %j',
    async (headers) => {
      expect(await statusFor(PATH, 0, new Uint8Array(), headers)).toBe(status.OK);
    },
  );

  test.each([
    ['health', '/grpc.health.v1.Health/Check'],
    ['reflection', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
  ])('bytes that are no message for %s', async (_, path) => {
    expect(await statusFor(path, 0, Uint8Array.of(0x0a, 0xff))).toBe(status.INVALID_ARGUMENT);
  });
});

describe('beyond the limits', () => {
  /** The port of a server with other limits. */
  async function listenWith(limits: Partial<DoorLimits>): Promise<number> {
    const limited = createGrpcServer({ ...PARTS, limits: { ...LIMITS, ...limits } });
    onTestFinished(() => limited.close(100));
    return limited.listen('127.0.0.1', 0);
  }

  async function connectWith(limits: Partial<DoorLimits>): Promise<ClientHttp2Session> {
    const session = connect(`http://127.0.0.1:${await listenWith(limits)}`);
    onTestFinished(() => session.close());
    return session;
  }

  function begin(session: ClientHttp2Session, path = PATH): ClientHttp2Stream {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    return stream.on('error', () => {});
  }

  /** The HTTP/2 code with which the stream ends. */
  async function codeOf(stream: ClientHttp2Stream): Promise<number | undefined> {
    await new Promise((resolve) => {
      if (stream.closed) resolve(undefined);
      else stream.once('close', resolve);
    });
    return stream.rstCode;
  }

  test('a request that is not sent to its end in time is cancelled', async () => {
    const stream = begin(await connectWith({ requestTimeout: 100 }));
    stream.write(Buffer.alloc(3));
    expect(await codeOf(stream)).toBe(constants.NGHTTP2_CANCEL);
  });

  test('an answer that its caller does not take in time is cancelled', async () => {
    invoke = async () => ({ session: { reason: 'x'.repeat(200_000) } });
    const stream = begin(await connectWith({ answerTimeout: 100 }));
    stream.end(Buffer.alloc(5));
    expect(await codeOf(stream)).toBe(constants.NGHTTP2_CANCEL);
  });

  test('more connections than are allowed are closed', async () => {
    const first = await connectWith({ maxConnections: 1 });
    await once(first, 'remoteSettings');
    const second = connect(`http://127.0.0.1:${first.socket.remotePort}`);
    second.on('error', () => {});
    await once(second, 'close');
    expect(first.closed).toBe(false);
  });

  test('a connection that breaks HTTP/2 is closed', async () => {
    const socket = connectSocket(await listenWith({ pingInterval: 100, pingTimeout: 100 }), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const dataOfNoStream = Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 5, 0]);
    socket.resume().write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, dataOfNoStream]));
    await expect.poll(() => socket.closed).toBe(true);
  });

  test('a connection that answers its pings stays', async () => {
    const session = await connectWith({ pingInterval: 10, pingTimeout: 60_000 });
    const pings = { count: 0 };
    session.on('ping', () => {
      pings.count += 1;
    });
    await expect.poll(() => pings.count).toBeGreaterThan(3);
    expect(session.closed).toBe(false);
  });

  test('a stream for whose bytes there is no room is reset, until others end', async () => {
    // Room for four of one caller: with four under way, more is taken than twice of what is free.
    const session = await connectWith({ requestBytes: createFairShares(5 * SMALL_REQUEST, 0) });
    const streams = Array.from({ length: 5 }, () => begin(session));
    expect(await codeOf(streams[4]!)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => codeOf(begin(session).end(Buffer.alloc(5)).resume())).toBe(constants.NGHTTP2_NO_ERROR);
  });

  test.each([
    ['an unknown path', { ':path': '/x.Y/Z' }],
    ['another content type', { 'content-type': 'text/plain' }],
  ])('with %s, which grpc-js answers at once, it is reset all the same', async (_, headers) => {
    const session = await connectWith({ requestBytes: createFairShares(5 * SMALL_REQUEST, 0) });
    for (let streams = 0; streams < 4; streams += 1) begin(session);
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      ...headers,
    });
    expect(await codeOf(stream.on('error', () => {}))).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(session.closed).toBe(false);
  });

  test('a stream of a method that takes documents is counted as large as its message says', async () => {
    const path = '/aceup.scheduler.v1.AvailabilityService/SyncTimeOff';
    const prefix = (length: number) => {
      const bytes = Buffer.alloc(5 + SMALL_REQUEST);
      bytes.writeUInt32BE(length, 1);
      return bytes;
    };
    const session = await connectWith({ requestBytes: createFairShares(6 * MAX_BYTES, 0) });
    const usual = begin(session, path);
    usual.write(prefix(MAX_BYTES));
    const large = begin(session, path);
    // The length comes in pieces.
    large.write(prefix(1_000_000).subarray(0, 3));
    large.write(prefix(1_000_000).subarray(3));
    const third = begin(session, path);
    third.write(prefix(MAX_BYTES));
    expect(await codeOf(third)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect([usual.closed, large.closed]).toEqual([false, false]);
  });

  test('a stream that is larger than small is counted as the largest', async () => {
    const session = await connectWith({ requestBytes: createFairShares(2 * SMALL_REQUEST, 0) });
    const [small, large] = [begin(session), begin(session)];
    small.resume().end(Buffer.alloc(SMALL_REQUEST));
    large.write(Buffer.alloc(SMALL_REQUEST + 1));
    expect(await codeOf(large)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(await codeOf(small)).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

describe('an error', () => {
  test('has its details as google.rpc.Status in the trailers, and the correlation id', async () => {
    invoke = async () => {
      throw invalidArgument({ field: 'id', description: 'must be a UUID' });
    };
    const error = await send(new Uint8Array(), { headers: { 'x-correlation-id': 'order-7' } });
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'id: must be a UUID' });
    expect(error?.metadata.get('x-correlation-id')).toEqual(['order-7']);
    const [trailer] = error?.metadata.get('grpc-status-details-bin') ?? [];
    expect(fromBinary(StatusSchema, trailer as Buffer)).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: [{ typeUrl: 'type.googleapis.com/google.rpc.BadRequest' }],
    });
  });

  test('without details has none', async () => {
    invoke = async () => {
      throw new ConnectError('there is no session', Code.NotFound);
    };
    const error = await send(new Uint8Array());
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: 'there is no session' });
    expect(error?.metadata.get('grpc-status-details-bin')).toEqual([]);
  });
});

test('reflection reads no further requests while the caller does not take the answers', async () => {
  const session = connect(`http://${address}`, { settings: { initialWindowSize: 0 } });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  // file_containing_symbol = 4
  const symbol = Buffer.from('aceup.scheduler.v1.SessionService');
  const message = Buffer.concat([Buffer.of(0x22, symbol.length), symbol]);
  const request = Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]);
  stream.write(Buffer.concat(Array.from({ length: 100_000 }, () => request)));
  for (let nr = 0; nr < 100; nr += 1) stream.write(request);

  let unread = -1;
  const isStill = () => {
    const before = unread;
    unread = stream.writableLength;
    return unread === before;
  };
  await expect.poll(isStill, { interval: 300 }).toBe(true);
  expect(unread).toBeGreaterThan(1_000_000);
  stream.destroy();
  session.destroy();
});

test.each([
  ['NOT_SERVING', false],
  ['SERVING', true],
])('the health service answers %s', async (expected, serving) => {
  server.setServing(serving);
  const health = clientOf(healthProtoPath, 'grpc.health.v1.Health');
  for (const service of ['', ...SERVICES]) {
    const answer = await new Promise((resolve, reject) => {
      health['Check']?.({ service }, (error: unknown, response: unknown) =>
        error ? reject(error) : resolve(response),
      );
    });
    expect(answer).toEqual({ status: expected === 'SERVING' ? 1 : 2 });
  }
  health.close();
});

/** A stream of reflection. */
function openReflection() {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const file = join(folder, 'build/proto/grpc/reflection/v1/reflection.proto');
  const reflection = clientOf(file, 'grpc.reflection.v1.ServerReflection');
  onTestFinished(() => reflection.close());
  const stream: ClientDuplexStream<object, unknown> = reflection['ServerReflectionInfo']!();
  const ask = (request: object): Promise<Record<string, never>> =>
    new Promise((resolve, reject) => {
      stream.once('data', resolve).once('error', reject).write(request);
    });
  return { stream, ask };
}

test('reflection ends at the shutdown, with a status', async () => {
  const { stream, ask } = openReflection();
  await ask({ listServices: '' });
  server.endStreams();
  await expect(once(stream, 'end')).rejects.toMatchObject({
    code: status.UNAVAILABLE,
    details: 'the service is stopping',
  });
});

test('reflection lists the services and answers their files', async () => {
  const { stream, ask } = openReflection();

  expect(await ask({ listServices: '' })).toMatchObject({
    listServicesResponse: {
      service: expect.arrayContaining([...SERVICES, 'grpc.health.v1.Health'].map((name) => ({ name }))),
    },
  });
  for (const fileContainingSymbol of SERVICES) {
    expect(await ask({ fileContainingSymbol })).toMatchObject({
      fileDescriptorResponse: { fileDescriptorProto: expect.arrayContaining([expect.any(Buffer)]) },
    });
  }

  const { fileDescriptorResponse } = await ask({ fileContainingSymbol: 'grpc.health.v1.Health' });
  const { fileDescriptorProto } = fileDescriptorResponse as unknown as { fileDescriptorProto: Buffer[] };
  const files = fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  const messages = files.flatMap(({ messageType }) => messageType);
  // Go refuses a map entry of any other name.
  expect(messages.flatMap(({ nestedType }) => nestedType).map(({ name }) => name)).toContain('StatusesEntry');
  stream.end();
});
