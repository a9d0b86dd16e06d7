import { once, setMaxListeners } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { SessionQueries } from '../../../src/application/read-model.js';
import type { AvailabilitySet } from '../../../src/domain/availability/events.js';
import { createGrpcServer } from '../../../src/doors/grpc/server.js';
import { createAdmission } from '../../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../../src/doors/interceptors/call-frame.js';
import { doorLimits } from '../../../src/doors/limits.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { endpointsOf } from '../../../src/handlers/endpoints.js';
import { watchSessionsHandler } from '../../../src/handlers/session/watch-sessions.js';
import { feedOf, SMALL } from '../../feeds/support.js';
import { book, NOON } from '../../projections/support.js';
import { createMemoryLog } from '../../support/memory-event-store.js';
import { everyDay } from '../../support/offering-samples.js';
import { ownGateway } from '../gateway/support.js';
import { WATCHES } from './watching.js';

const ANSWER_TIMEOUT = 1_500;
const HEARTBEAT = 100;

/** Both doors before the watch of a log in memory. */
async function openDoors() {
  const store = createMemoryLog().open();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const feed = feedOf(store, ending.signal, { limits: { ...SMALL, queue: 20 } });
  const lines: { msg: string; why?: string }[] = [];
  const open = new Set<object>();
  const admission = {
    ...createAdmission(),
    enter: (call: object) => {
      open.add(call);
      return () => void open.delete(call);
    },
  };
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  const { endpoints, handleWith } = endpointsOf(SessionService, createCallFrame(log, admission, 1_000), () => '');
  const watchSessions = watchSessionsHandler(feed, {} as SessionQueries, store, HEARTBEAT);
  handleWith({ watchSessions } as never);
  const limits = { ...doorLimits(64 * 1024), answerTimeout: ANSWER_TIMEOUT };
  const gateway = await ownGateway({ endpoints, limits });
  const grpc = createGrpcServer({ endpoints, maxRequestBytes: 64 * 1024, limits, reflects: false });
  const grpcAddress = `127.0.0.1:${await grpc.listen('127.0.0.1', 0)}`;
  onTestFinished(async () => {
    ending.abort();
    await grpc.close(0);
  });
  return { store, lines, open, httpUrl: gateway.url, grpcAddress };
}

type Doors = Awaited<ReturnType<typeof openDoors>>;

/** Hours of a coach, in 100 kB. */
const LARGE: AvailabilitySet = {
  type: 'AvailabilitySet',
  coachHashId: 'ann',
  setAt: NOON,
  outside: [],
  outsideCount: 0,
  ...everyDay('09:00-17:00', {
    dates: Array.from({ length: 1_000 }, (_, day) => ({
      date: new Date(NOON + 86_400_000 * day).toISOString().slice(0, 10),
      hours: [
        { from: '09:00', to: '10:00' },
        { from: '11:00', to: '12:00' },
      ],
    })),
  }),
};

const REQUEST = '{"types":["AvailabilitySet"]}';

/** Whether the connection, or the stream, of a reader was cut. */
type IsCut = () => boolean;

/** A reader that asks and reads nothing, on a connection of its own. */
async function overHttp1({ httpUrl }: Doors, head: string, body: string): Promise<IsCut> {
  const { hostname, port } = new URL(httpUrl);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.on('error', () => {});
  socket.write(`${head} HTTP/1.1\r\nHost: localhost\r\n${body}`);
  return () => {
    // Who does not read learns it by writing.
    if (!socket.destroyed) socket.write('\r\n');
    return socket.destroyed;
  };
}

const CONNECT_BODY = `content-type: application/connect+json\r\ncontent-length: ${REQUEST.length + 5}\r\n\r\n\0\0\0\0${String.fromCharCode(REQUEST.length)}${REQUEST}`;

const READERS: readonly [string, (doors: Doors) => Promise<IsCut>][] = [
  ['server-sent events', (doors) => overHttp1(doors, 'GET /api/v1/sessions:watch?types=AvailabilitySet', '\r\n')],
  ['Connect', (doors) => overHttp1(doors, `POST /${SessionService.typeName}/WatchSessions`, CONNECT_BODY)],
  [
    'gRPC',
    async ({ grpcAddress }) => {
      const session = connectHttp2(`http://${grpcAddress}`);
      onTestFinished(() => session.destroy());
      const stream = session.request({
        ':method': 'POST',
        ':path': `/${SessionService.typeName}/WatchSessions`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => {});
      const types = Buffer.from('AvailabilitySet');
      const message = Buffer.concat([Buffer.from([0x1a, types.length]), types]);
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
      return () => stream.rstCode !== 0;
    },
  ],
];

test.each(READERS)(
  'a reader of %s who stops reading is ended and cut off, and keeps nobody waiting',
  async (_, ask) => {
    const doors = await openDoors();
    const { store, lines, open } = doors;
    const other = await WATCHES[0]![1](doors)({ types: ['AvailabilitySet'] });
    onTestFinished(other.stop);
    await other.next();
    const isCut = await ask(doors);
    await expect.poll(() => open.size).toBe(2);
    let count = 0;
    for (; lines.length === 0 && count < 500; count += 1) {
      await book(store, LARGE);
      expect((await other.nextChange())['revision']).toBe(String(count));
    }
    expect(lines).toMatchObject([{ msg: 'Aborted', why: expect.stringMatching(/go on after position \d+$/) }]);
    expect(open.size).toBe(1);
    await expect.poll(isCut).toBe(true);
    await book(store, LARGE);
    expect((await other.nextChange())['revision']).toBe(String(count));
  },
);

test('while nothing happens, a message with the position comes now and then', async () => {
  const doors = await openDoors();
  for (const [, watch] of WATCHES) {
    const watching = await watch(doors)({});
    onTestFinished(watching.stop);
    const { position } = await watching.next();
    await book(doors.store, LARGE);
    await expect.poll(async () => Number((await watching.next()).position)).toBe(Number(position) + 1);
  }
});
