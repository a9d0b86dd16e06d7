import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, anyBytes, DOORS, type Door, pick } from '../attack.js';
import { bytesOf, connectRequest, envelope, httpRequest, pathOf, written } from '../http1.js';
import { call, callFields, dataFrames, FRAME, frame, headersFrame, opening, uint32 } from '../http2.js';
import { anyRequest } from '../values.js';
import { howMany } from './semantics.js';

const { watchSessions } = SessionService.method;

/** Streams of changes: begun anywhere, left open, not read, and cut. An answer has no end, so that none has to come. */
export const streams: AttackLayer = {
  doors: DOORS,
  attack(random, world, door): Attack {
    const strain = pick(random, [0, 0.3, 1]);
    const request = () => anyRequest(watchSessions.input, random, world, strain);
    const open = {
      door,
      answers: 0,
      hasDeadline: true,
      patience: pick(random, [5, 60, 400]),
      isDeaf: random.chance(0.2),
    };
    if (door === 'grpc') {
      const [how, make] = pick(random, GRPC);
      const data = Array.from({ length: howMany(random, 30) }, () => envelope(bytesOf(watchSessions, request())));
      const writes = [opening(pick(random, WINDOWS)), Buffer.concat(data.map((one, nr) => make(2 * nr + 1, one)))];
      return { ...open, what: `streams ${how}`, writes, requests: data.length };
    }
    const [how, make] = pick(random, HTTP);
    const connections = howMany(random, 10);
    return {
      ...open,
      what: `streams ${how}`,
      writes: make({ random, door, request }),
      requests: connections,
      connections,
    };
  },
};

/** Windows for answers: none, less than a message, and plenty. */
const WINDOWS = [0, 10, 2 ** 31 - 1];

const PATH = pathOf(watchSessions);
const reset = (stream: number) => frame(FRAME.reset, 0, stream, uint32(8));

const GRPC: readonly [how: string, make: (stream: number, data: Buffer) => Buffer][] = [
  ['left open', (stream, data) => call(stream, PATH, data)],
  ['reset at once', (stream, data) => Buffer.concat([call(stream, PATH, data), reset(stream)])],
  ['whose request does not end', (stream, data) => openCall(stream, data)],
  ['with two requests', (stream, data) => call(stream, PATH, Buffer.concat([data, data]))],
  ['with a deadline', (stream, data) => call(stream, PATH, data, [['grpc-timeout', '20m']])],
];

function openCall(stream: number, data: Buffer): Buffer {
  return Buffer.concat([headersFrame(stream, callFields(PATH)), dataFrames(stream, data, 0)]);
}

interface Given {
  readonly random: Random;
  readonly door: Exclude<Door, 'grpc'>;
  readonly request: () => ReturnType<typeof anyRequest>;
}

const watch = ({ door, request }: Given) => httpRequest(door, watchSessions, request());

const HTTP: readonly [how: string, make: (given: Given) => Buffer[]][] = [
  ['left open', (given) => [written(watch(given))]],
  ['with another one behind', (given) => [Buffer.concat([written(watch(given)), written(watch(given))])]],
  [
    'from an event that is none',
    (given) => {
      const asked = watch(given);
      const last = ['last-event-id', pick(given.random, EVENT_IDS)] as const;
      return [written({ ...asked, headers: [...asked.headers, last] })];
    },
  ],
  [
    'whose request is broken',
    ({ random }) => {
      const body = pick(random, [
        anyBytes(random, 30),
        envelope(anyBytes(random, 30), random.below(4)),
        Buffer.alloc(0),
      ]);
      return [written(connectRequest(watchSessions, pick(random, TYPES), body))];
    },
  ],
];

const EVENT_IDS = [
  '',
  'x',
  '-1',
  '1.5',
  '0x10',
  '9223372036854775807',
  '9223372036854775808',
  '9'.repeat(10_000),
  '\u00fc',
];
const TYPES = [
  'application/connect+json',
  'application/connect+proto',
  'application/grpc-web+proto',
  'application/json',
];
