import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { json } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { DescMethodUnary } from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import pino from 'pino';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../../../src/doors/gateway/gateway.js';
import { createGrpcServer } from '../../../src/doors/grpc/server.js';
import { type DoorLimits, doorLimits } from '../../../src/doors/limits.js';
import { type LiveCertificates, openCertificates } from '../../../src/doors/tls/live-certificates.js';
import { createFairShares } from '../../../src/fair-shares.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import type { Invoke } from '../../../src/handlers/call.js';
import { callFields, FRAME, frame, headersFrame, opening, uint32 } from '../../hostile/http2.js';
import { ownDirectory, writeFiles } from '../../support/certificate-files.js';
import { type Authority, createAuthority, type Pair } from '../../support/certificates.js';
import { unframed } from '../../support/endpoints.js';
import { emptyAnswer, latch } from '../gateway/support.js';

const SESSIONS = '/api/v1/sessions';
const GET_SESSION = '/aceup.scheduler.v1.SessionService/GetSession';
const MAX_BYTES = 64 * 1024;

let authority: Authority;
let callers: Authority;
let own: Pair;
let caller: Pair;

beforeAll(async () => {
  [authority, callers] = [await createAuthority(), await createAuthority('Authority of callers')];
  [own, caller] = [await authority.issue(), await callers.issue()];
});

/** Both doors, over TLS. */
interface Doors {
  readonly gateway: number;
  readonly grpc: number;
  readonly certificates: LiveCertificates;
  readonly logged: { readonly msg: string; readonly why?: string; readonly status?: number }[];
  /** Where the certificates are. */
  readonly directory: string;
  answerWith(invoke: Invoke): void;
  drain(): void;
  close(): Promise<unknown>;
}

interface Given {
  readonly mutual?: boolean;
  readonly limits?: Partial<DoorLimits>;
  readonly graceMs?: number;
}

async function openDoors({ mutual = false, limits = {}, graceMs = 5_000 }: Given = {}): Promise<Doors> {
  const directory = await ownDirectory();
  const files = await writeFiles(directory, own, mutual ? callers.ca : undefined);
  const logged: Doors['logged'] = [];
  const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) });
  const certificates = await openCertificates(files, log, 10);
  let invoke = emptyAnswer;
  const endpoints = SessionService.methods.flatMap((method) =>
    method.methodKind === 'unary' ? [unframed(method as DescMethodUnary, (...args) => invoke(...args))] : [],
  );
  const draining = new AbortController();
  const both = { ...doorLimits(MAX_BYTES), ...limits };
  const gateway = await createGateway({
    endpoints,
    log,
    allowedHosts: [],
    corsOrigins: [],
    maxRequestBytes: MAX_BYTES,
    limits: both,
    certificates,
    metrics: async () => [],
    readiness: async () => [],
    servesDocs: true,
    maySeeDetails: async () => true,
    zoneRules: '2026f',
    draining: draining.signal,
    shutdownGraceMs: graceMs,
  });
  const grpc = createGrpcServer({ endpoints, maxRequestBytes: MAX_BYTES, limits: both, reflects: true, certificates });
  const url = await gateway.listen({ host: '127.0.0.1', port: 0 });
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  let closed: Promise<unknown> | undefined;
  const close = () => {
    closed ??= Promise.all([gateway.close(), grpc.close(graceMs)]);
    return closed;
  };
  onTestFinished(async () => {
    certificates.stop();
    await close();
  });
  return {
    gateway: Number(new URL(url).port),
    grpc: await grpc.listen('127.0.0.1', 0),
    certificates,
    logged,
    directory,
    answerWith: (other) => {
      invoke = other;
    },
    drain: () => draining.abort(),
    close,
  };
}

/** What a TLS handshake comes to: a version, or an error that ends it, perhaps after it, as TLS 1.3 refuses callers. */
async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', ca: authority.ca, ...options });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    // The server speaks first in HTTP/2: with its settings it says that the caller is in.
    socket.once('data', () => resolve(socket.getProtocol() ?? ''));
    socket.once('end', () => resolve('ended'));
  });
}

function http2(port: number, options: ConnectionOptions = {}): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.ca, ...options });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** One request over HTTP/2. */
async function ask(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}, body?: string) {
  const stream = session.request({ ':path': path, ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answer] = await once(stream, 'response');
  return { status: answer[':status'] as number, type: String(answer['content-type']), body: await json(stream) };
}

/** One request over HTTP/1.1, by a connection of its own. */
async function askHttp1(port: number, path: string, options: ConnectionOptions = {}): Promise<number | string> {
  const sent = request({ port, host: '127.0.0.1', path, ca: authority.ca, agent: false, ...options }).end();
  try {
    const [answer] = await once(sent, 'response');
    answer.resume();
    return answer.statusCode;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function grpcClient(port: number, pair?: Pair): Client {
  const given = pair ? [Buffer.from(pair.key), Buffer.from(pair.cert)] : [null, null];
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(authority.ca), ...given));
  onTestFinished(() => client.close());
  return client;
}

function callGrpc(client: Client): Promise<ServiceError | undefined> {
  const same = (buffer: Buffer) => buffer;
  const deadline = Date.now() + 10_000;
  return new Promise((resolve) => {
    client.makeUnaryRequest(GET_SESSION, same, same, Buffer.of(), { deadline }, (error) => resolve(error ?? undefined));
  });
}

describe.each(['gateway', 'grpc'] as const)('versions of TLS: %s', (door) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    const { [door]: port } = await openDoors();
    const only = { minVersion: version, maxVersion: version, ALPNProtocols: ['h2'] };
    expect(await handshake(port, only)).toBe(version);
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused', async (version) => {
    const { [door]: port } = await openDoors();
    const only = { minVersion: version, maxVersion: version, ALPNProtocols: ['h2'], ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await handshake(port, only)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });
});

describe('the gateway over TLS', () => {
  test.each([
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [[], false],
  ])('of %j it speaks %s', async (offered, spoken) => {
    const { gateway: port } = await openDoors();
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.ca, ALPNProtocols: offered });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe(spoken);
  });

  test('health, pages, REST, Connect and refusals are the same over HTTP/2 and HTTP/1.1', async () => {
    const { gateway: port } = await openDoors();
    const session = http2(port);
    expect(await ask(session, '/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect(await ask(session, '/openapi.json')).toMatchObject({ status: 200 });
    expect(await ask(session, SESSIONS)).toMatchObject({ status: 200, body: { sessions: [] } });
    const typed = { ':method': 'POST', 'content-type': 'application/json' };
    expect(await ask(session, GET_SESSION, typed, '{}')).toMatchObject({ status: 200, body: {} });
    expect(await ask(session, SESSIONS, typed, '{')).toMatchObject({
      status: 400,
      type: expect.stringMatching(/^application\/problem\+json/),
    });
    for (const path of ['/readyz', '/docs', SESSIONS]) expect(await askHttp1(port, path)).toBe(200);
  });

  test.each([
    ['another name in :authority', { ':authority': 'evil.example.com' }, 421],
    ['another name in Host', { ':authority': 'localhost', host: 'evil.example.com' }, 400],
    ['the same in both', { ':authority': 'localhost', host: 'localhost' }, 200],
    ['another name in Host, and none in :authority', { host: 'evil.example.com' }, 421],
  ])('a request of HTTP/2 with %s', async (_, headers: Record<string, string>, expected) => {
    const { gateway: port } = await openDoors();
    expect((await ask(http2(port), SESSIONS, headers)).status).toBe(expected);
  });

  test('a body of HTTP/2 without a type is refused, however it is framed', async () => {
    const { gateway: port } = await openDoors();
    const session = http2(port);
    const path = `${SESSIONS}/x:cancel`;
    expect((await ask(session, path, { ':method': 'POST' }, '{"reason":"x"}')).status).toBe(415);
    expect((await ask(session, path, { ':method': 'POST', 'content-length': '2' }, '{}')).status).toBe(415);
    expect((await ask(session, path, { ':method': 'POST' })).status).toBe(200);
  });

  test('plain HTTP at its port is a line in the log', async () => {
    const { gateway: port, logged } = await openDoors();
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'close');
    await expect
      .poll(() => logged)
      .toMatchObject([{ msg: 'refused', why: 'the TLS handshake failed: ERR_SSL_HTTP_REQUEST' }]);
  });
});

describe('mutual TLS', () => {
  test.each([
    ['without a certificate', () => ({}), false],
    ['with one of another authority', () => own, false],
    ['with one of the authority of callers', () => caller, true],
  ])('a caller %s: HTTP/1.1, HTTP/2 and gRPC', async (_, given: () => Partial<Pair>, isLetIn) => {
    const doors = await openDoors({ mutual: true });
    const pair = given();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { ...pair, minVersion: version, maxVersion: version };
      expect(await askHttp1(doors.gateway, '/healthz', options)).toEqual(isLetIn ? 200 : expect.any(String));
      for (const port of [doors.gateway, doors.grpc]) {
        expect((await handshake(port, { ...options, ALPNProtocols: ['h2'] })) === version).toBe(isLetIn);
      }
    }
    const error = await callGrpc(grpcClient(doors.grpc, pair.cert ? (pair as Pair) : undefined));
    expect(error?.code).toBe(isLetIn ? undefined : status.UNAVAILABLE);
  });
});

describe('a new certificate', () => {
  const serialOf = async (port: number) => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.ca, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };

  test('is shown to new connections at both doors, while calls under way and open connections go on', async () => {
    const doors = await openDoors();
    const [go, begun] = [latch(), latch()];
    let calls = 0;
    doors.answerWith(async (message, call) => {
      calls += 1;
      if (calls === 2) begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const session = http2(doors.gateway);
    const client = grpcClient(doors.grpc);
    const answers = Promise.all([ask(session, SESSIONS), callGrpc(client)]);
    await begun.opened;
    const before = await serialOf(doors.gateway);

    await writeFiles(doors.directory, await authority.issue());
    await expect.poll(() => serialOf(doors.gateway)).not.toBe(before);
    expect(await serialOf(doors.grpc)).toBe(await serialOf(doors.gateway));
    go.open();
    expect(await answers).toMatchObject([{ status: 200 }, undefined]);
    expect(await ask(session, SESSIONS)).toMatchObject({ status: 200 });
    expect(await callGrpc(client)).toBeUndefined();
  });

  test('of the authority of callers counts for new connections', async () => {
    const doors = await openDoors({ mutual: true });
    expect(await askHttp1(doors.gateway, '/healthz', caller)).toBe(200);
    const others = await createAuthority('Others');
    await writeFiles(doors.directory, own, others.ca);
    await expect.poll(() => askHttp1(doors.gateway, '/healthz', caller)).toEqual(expect.any(String));
    const other = await others.issue();
    expect(await askHttp1(doors.gateway, '/healthz', other)).toBe(200);
    expect(await callGrpc(grpcClient(doors.grpc, other))).toBeUndefined();
    expect((await callGrpc(grpcClient(doors.grpc, caller)))?.code).toBe(status.UNAVAILABLE);
  });

  test.each(['gateway', 'grpc'] as const)(
    'of the authority of callers is not evaded by a session that is resumed: %s',
    async (door) => {
      const doors = await openDoors({ mutual: true });
      const options = { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2', ...caller } as const;
      const socket = connectTls({ port: doors[door], host: '127.0.0.1', ca: authority.ca, ...options });
      onTestFinished(() => void socket.destroy());
      const [session] = await once(socket, 'session');
      const resumed = connectTls({ port: doors[door], host: '127.0.0.1', ca: authority.ca, ...options, session });
      onTestFinished(() => void resumed.destroy());
      await once(resumed, 'secureConnect');
      expect(resumed.isSessionReused()).toBe(true);

      await writeFiles(doors.directory, own, (await createAuthority('Others')).ca);
      const isIn = async () => (await handshake(doors[door], { ...options, session })) === 'TLSv1.2';
      await expect.poll(isIn).toBe(false);
    },
  );

  test('that does not fit refuses nobody: the old one is shown meanwhile', async () => {
    const doors = await openDoors();
    const { cert } = await authority.issue();
    await writeFiles(doors.directory, { cert, key: own.key });
    await expect.poll(() => doors.logged.length).toBe(1);
    expect(await askHttp1(doors.gateway, '/healthz')).toBe(200);
    expect(await callGrpc(grpcClient(doors.grpc))).toBeUndefined();
  });
});

test.each(['gateway', 'grpc'] as const)('connections beyond the limit are closed: %s', async (door) => {
  const doors = await openDoors({ limits: { maxConnections: 1 } });
  const offer = { ALPNProtocols: ['h2'] };
  expect(await handshake(doors[door], offer)).toBe('TLSv1.3');
  expect(await handshake(doors[door], offer)).toMatch(/^(ended|ECONNRESET)$/);
});

describe('limits of HTTP/2', () => {
  test('a session has at most 100 requests at once', async () => {
    const { gateway: port } = await openDoors();
    const session = http2(port);
    const [settings] = await once(session, 'remoteSettings');
    expect(settings.maxConcurrentStreams).toBe(100);
  });

  test('a request that is not sent in time is cancelled, and its session goes on', async () => {
    const { gateway: port } = await openDoors({ limits: { requestTimeout: 1_000 } });
    const session = http2(port);
    const stream = session.request({ ':path': SESSIONS, ':method': 'POST', 'content-type': 'application/json' });
    stream.on('error', () => {}).write('{');
    await once(stream, 'close');
    expect(await ask(session, SESSIONS)).toMatchObject({ status: 200 });
  });

  test('a request that was sent may take longer to be answered', async () => {
    const { gateway: port, answerWith } = await openDoors({ limits: { requestTimeout: 1_000 } });
    answerWith(async (message, call) => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return emptyAnswer(message, call);
    });
    const typed = { ':method': 'POST', 'content-type': 'application/json' };
    const session = http2(port);
    expect(await ask(session, GET_SESSION, typed, '{}')).toMatchObject({ status: 200 });
    expect(await ask(session, SESSIONS)).toMatchObject({ status: 200 });
  });

  test('an answer that is not taken in time is cancelled, and its session goes on', async () => {
    const { gateway: port, answerWith } = await openDoors({ limits: { answerTimeout: 500 } });
    answerWith(async () => ({ session: { reason: 'x'.repeat(1_000_000) } }));
    const session = http2(port);
    const stream = session.request({ ':path': `${SESSIONS}/x` });
    stream.on('error', () => {}).pause();
    await once(stream, 'close');
    answerWith(emptyAnswer);
    expect(await ask(session, SESSIONS)).toMatchObject({ status: 200 });
  });

  test('a body without a length counts as the largest', async () => {
    const doors = await openDoors({ limits: { requestBytes: createFairShares(15_000, 0) } });
    const [begun, go] = [latch(), latch()];
    doors.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const session = http2(doors.gateway);
    const typed = { ':method': 'POST', 'content-type': 'application/json' };
    const first = ask(session, GET_SESSION, typed, '{}');
    await begun.opened;
    expect((await ask(session, GET_SESSION, typed, '{}')).status).toBe(429);
    const known = ask(session, GET_SESSION, { ...typed, 'content-length': '2' }, '{}');
    go.open();
    expect([(await first).status, (await known).status]).toEqual([200, 200]);
    expect((await ask(session, GET_SESSION, typed, '{}')).status).toBe(200);
  });

  test('a session without requests is closed after its time', async () => {
    const { gateway: port } = await openDoors({ limits: { idleTimeout: 1_000, pingInterval: 10 } });
    const session = http2(port);
    await ask(session, SESSIONS);
    await once(session, 'close');
  });

  test('a session with a request under way is not idle, and one that answers its pings stays', async () => {
    const doors = await openDoors({ limits: { idleTimeout: 500, pingInterval: 10, pingTimeout: 60_000 } });
    const go = latch();
    doors.answerWith(async (message, call) => {
      await go.opened;
      return emptyAnswer(message, call);
    });
    const session = http2(doors.gateway);
    let pings = 0;
    session.on('ping', () => {
      pings += 1;
    });
    const answer = ask(session, SESSIONS);
    // For longer than an idle session stays.
    await expect.poll(() => pings).toBeGreaterThan(60);
    go.open();
    expect((await answer).status).toBe(200);
  });

  const preface = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  const dataOfNoStream = Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 5, 0]);

  test.each([
    ['answers no ping', preface],
    ['breaks HTTP/2', Buffer.concat([preface, dataOfNoStream])],
  ])('a session that %s is cut', async (_, bytes) => {
    const { gateway: port } = await openDoors({ limits: { pingInterval: 20, pingTimeout: 50 } });
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.ca, ALPNProtocols: ['h2'] });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {}).resume();
    socket.write(bytes);
    await once(socket, 'close');
  });

  test.each(['gateway', 'grpc'] as const)(
    'a connection of the %s whose caller resets one stream after the other is closed',
    async (door) => {
      const doors = await openDoors();
      const socket = connectTls({ port: doors[door], host: '127.0.0.1', ca: authority.ca, ALPNProtocols: ['h2'] });
      onTestFinished(() => void socket.destroy());
      const answers: Buffer[] = [];
      socket.on('error', () => {}).on('data', (bytes: Buffer) => answers.push(bytes));
      const reset = (stream: number) => [
        headersFrame(stream, callFields(GET_SESSION)),
        frame(FRAME.reset, 0, stream, uint32(constants.NGHTTP2_CANCEL)),
      ];
      socket.write(opening());
      await once(socket, 'data');
      socket.write(Buffer.concat(Array.from({ length: 250 }, (_, nr) => reset(2 * nr + 1)).flat()));
      await once(socket, 'close');
      // The code of a GOAWAY.
      expect(Buffer.concat(answers).includes(uint32(constants.NGHTTP2_ENHANCE_YOUR_CALM))).toBe(true);
    },
  );

  test('a caller who leaves cancels its call', async () => {
    const { gateway: port, answerWith } = await openDoors();
    const cancelled = latch();
    const begun = latch();
    answerWith((_, call) => {
      call.cancellation.notify(cancelled.open);
      begun.open();
      return new Promise(() => {});
    });
    const session = http2(port);
    session.request({ ':path': SESSIONS }).on('error', () => {});
    await begun.opened;
    session.destroy();
    await cancelled.opened;
  });
});

describe('closing', () => {
  test('does not wait for idle sessions and idle connections', async () => {
    const doors = await openDoors({ graceMs: 60_000 });
    const session = http2(doors.gateway);
    await ask(session, SESSIONS);
    const client = grpcClient(doors.grpc);
    await callGrpc(client);
    const kept = connectTls({ port: doors.gateway, host: '127.0.0.1', ca: authority.ca });
    kept.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(kept, 'data');
    await doors.close();
  });

  test('waits for calls under way, and answers them', async () => {
    const doors = await openDoors();
    const [begun, go] = [latch(), latch()];
    doors.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const answer = ask(http2(doors.gateway), SESSIONS);
    await begun.opened;
    const closed = doors.close();
    go.open();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test('cuts off at the end of the grace time: calls, and handshakes that are not ended', async () => {
    const doors = await openDoors({ graceMs: 50 });
    const begun = latch();
    doors.answerWith(() => {
      begun.open();
      return new Promise(() => {});
    });
    const silent = [doors.gateway, doors.grpc].map((port) => connectTcp(port, '127.0.0.1').on('error', () => {}));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    http2(doors.gateway)
      .request({ ':path': SESSIONS })
      .on('error', () => {});
    await begun.opened;
    await doors.close();
  });

  test('before it, while the service drains, callers are sent elsewhere, and what they still ask is answered', async () => {
    const doors = await openDoors();
    const [begun, go] = [latch(), latch()];
    doors.answerWith(async (message, call) => {
      begun.open();
      await go.opened;
      return emptyAnswer(message, call);
    });
    const session = http2(doors.gateway);
    const answer = ask(session, SESSIONS);
    await begun.opened;
    const told = once(session, 'goaway');
    doors.drain();
    expect((await told).slice(0, 2)).toEqual([0, 2 ** 31 - 1]);
    const later = http2(doors.gateway);
    const toldLater = once(later, 'goaway');
    const laterAnswer = ask(later, SESSIONS);
    await toldLater;
    go.open();
    expect([(await answer).status, (await laterAnswer).status]).toEqual([200, 200]);
  });
});
