import { deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, anyBytes, between, pick } from '../attack.js';
import { bytesOf, envelope, pathOf } from '../http1.js';
import {
  call,
  callFields,
  dataFrames,
  FLAG,
  FRAME,
  frame,
  headerBlock,
  headersFrame,
  opening,
  setting,
  uint32,
} from '../http2.js';
import { usualRequest } from './semantics.js';

/** Frames that HTTP/2 or gRPC forbids, and floods of frames that it allows. */
export const frames: AttackLayer = {
  doors: ['grpc'],
  attack(random, world): Attack {
    const [what, make, answers = 0] = pick(random, FRAMES);
    const { method, json } = usualRequest(random, world);
    const message = bytesOf(method, json);
    const sequence = make({ random, path: pathOf(method), message, data: envelope(message) });
    const isSlow = what.startsWith(SLOW);
    const first = what === NO_WINDOW ? opening(0) : opening();
    return {
      what,
      door: 'grpc',
      writes: [first, Buffer.concat(sequence)],
      requests: Math.max(1, Math.min(sequence.length, 100)),
      answers,
      patience: isSlow ? 1_500 : 60,
      isDeaf: what === NOT_READ,
    };
  },
};

interface Given {
  readonly random: Random;
  readonly path: string;
  /** A right message of the method at the path, and the same with its prefix. */
  readonly message: Buffer;
  readonly data: Buffer;
}
type Make = (given: Given) => Buffer[];

const SLOW = 'slow';
const NO_WINDOW = `${SLOW}: no window for answers`;
const NOT_READ = `${SLOW}: answers that are not read`;
const times = (count: number, make: (index: number) => Buffer) =>
  Array.from({ length: count }, (_, index) => make(index));
const stream = (index: number) => 2 * index + 1;
const headersOf = (path: string) => headerBlock(callFields(path));
const withData = (path: string, data: Buffer, ...fields: readonly (readonly [string, string])[]) => [
  call(1, path, data, fields),
];
const ZEROS = Buffer.alloc(20_000_000);
const BOMBS = { gzip: gzipSync(ZEROS), deflate: deflateSync(ZEROS) };

const FRAMES: readonly [what: string, make: Make, answers?: number][] = [
  ['headers without end', ({ path, data }) => [frame(FRAME.headers, 0, 1, headersOf(path)), dataFrames(1, data)]],
  [
    'a flood of continuations',
    ({ random, path }) => {
      const part = Buffer.alloc(pick(random, [0, 1, 1_000]), 0);
      return [
        frame(FRAME.headers, 0, 1, headersOf(path)),
        ...times(between(random, 100, 2_000), () => frame(FRAME.continuation, 0, 1, part)),
      ];
    },
  ],
  [
    'a flood of settings',
    ({ random }) => times(between(random, 100, 2_000), (nr) => frame(FRAME.settings, 0, 0, setting(4, nr))),
  ],
  [
    'a flood of pings',
    ({ random }) => times(between(random, 100, 2_000), () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))),
  ],
  [
    'a flood of empty data',
    ({ path }) => [headersFrame(1, callFields(path)), ...times(2_000, () => frame(FRAME.data, 0, 1, Buffer.alloc(0)))],
  ],
  [
    'a flood of priorities',
    () => times(2_000, (nr) => frame(FRAME.priority, 0, stream(nr), Buffer.concat([uint32(0), Buffer.of(1)]))),
  ],
  ['a flood of frames of no known type', () => times(2_000, () => frame(0xee, 0, 0, Buffer.alloc(10)))],
  [
    'a flood of windows',
    ({ path }) => [headersFrame(1, callFields(path)), ...times(2_000, () => frame(FRAME.window, 0, 1, uint32(1)))],
  ],
  ['rapid resets', ({ random, path }) => times(between(random, 50, 500), (nr) => reset(nr, path))],
  [
    'rapid resets of whole calls',
    ({ path, data }) =>
      times(100, (nr) => Buffer.concat([call(stream(nr), path, data), frame(FRAME.reset, 0, stream(nr), uint32(8))])),
  ],
  [
    'a window that overflows',
    ({ path }) => [
      headersFrame(1, callFields(path)),
      ...times(2, () => frame(FRAME.window, 0, 1, uint32(2 ** 31 - 1))),
    ],
  ],
  ['a window of the connection that overflows', () => times(2, () => frame(FRAME.window, 0, 0, uint32(2 ** 31 - 1)))],
  ['a window that grows by nothing', ({ random }) => [frame(FRAME.window, 0, random.below(3), uint32(0))]],
  [
    'data on a stream that is closed',
    ({ path, data }) => [call(1, path, data), ...times(50, () => dataFrames(1, data))],
  ],
  ['data on a stream that is not open', ({ random, data }) => [dataFrames(random.below(10), data)]],
  [
    'streams of even or falling numbers',
    ({ path, data }) => [call(9, path, data), call(2, path, data), call(5, path, data)],
  ],
  [
    'headers twice',
    ({ path, data }) => [headersFrame(1, callFields(path)), headersFrame(1, callFields(path)), dataFrames(1, data)],
  ],
  [
    'HPACK: an index that is not there',
    ({ random }) => [frame(FRAME.headers, 5, 1, Buffer.of(0x80 | between(random, 62, 126)))],
  ],
  ['HPACK: any bytes', ({ random }) => [frame(FRAME.headers, 5, 1, anyBytes(random, between(random, 1, 200)))]],
  ['HPACK: an integer without end', () => [frame(FRAME.headers, 5, 1, Buffer.alloc(60, 0xff))]],
  ['HPACK: a table that grows', () => [frame(FRAME.headers, 5, 1, Buffer.of(0x3f, 0xe1, 0xff, 0xff, 0x07))]],
  ['HPACK: a bomb', ({ path }) => bomb(path)],
  ['fields that HTTP/2 forbids', ({ random, path, data }) => withData(path, data, pick(random, FORBIDDEN)), 1],
  [
    'a prefix that lies',
    ({ random, path, message }) =>
      withData(path, envelope(message, 0, pick(random, [0, 1, message.length + 1, 262_145, 2 ** 31, 2 ** 32 - 1]))),
    1,
  ],
  [
    'a request for health or reflection',
    ({ random, message }) =>
      withData(
        pick(random, LIBRARIES),
        pick(random, [envelope(message), envelope(anyBytes(random, 20)), Buffer.alloc(0)]),
      ),
    1,
  ],
  ['half a prefix', ({ random, path, data }) => withData(path, data.subarray(0, random.below(5))), 1],
  ['no message', ({ path }) => [headersFrame(1, callFields(path), FLAG.endHeaders | FLAG.endStream)], 1],
  ['two messages', ({ path, data }) => withData(path, Buffer.concat([data, data])), 1],
  ['a thousand messages', ({ path, data }) => withData(path, Buffer.concat(Array(1_000).fill(data))), 1],
  ['a message that is too large', ({ path }) => withData(path, envelope(Buffer.alloc(300_000))), 1],
  [
    'a compressed message without an encoding',
    ({ random, path, message }) => withData(path, envelope(message, pick(random, [1, 2, 0xff]))),
    1,
  ],
  [
    'a compressed message that is none',
    ({ random, path }) => withData(path, envelope(anyBytes(random, 50), 1), ['grpc-encoding', pick(random, ENCODINGS)]),
    1,
  ],
  [
    'a compressed message',
    ({ path, message }) => withData(path, envelope(gzipSync(message), 1), ['grpc-encoding', 'gzip']),
    1,
  ],
  [
    'a compressed message of 20 MB',
    ({ random, path }) => {
      const encoding = pick(random, ['gzip', 'deflate'] as const);
      return withData(path, envelope(BOMBS[encoding], 1), ['grpc-encoding', encoding]);
    },
    1,
  ],
  [
    'much metadata',
    ({ random, path, data }) =>
      withData(
        path,
        data,
        ...Array.from({ length: between(random, 1, 60) }, (_, nr) => [`x-${nr}`, 'x'.repeat(1_000)] as const),
      ),
    1,
  ],
  [
    '2,000 fields',
    ({ path, data }) =>
      withData(path, data, ...Array.from({ length: 2_000 }, (_, nr) => [`x-${nr % 50}`, 'y'] as const)),
    1,
  ],
  [
    'a frame that is too large',
    ({ random, path }) => [
      headersFrame(1, callFields(path)),
      frame(FRAME.data, 0, 1, Buffer.alloc(pick(random, [16_385, 100_000]))),
    ],
  ],
  [
    'a length beyond the frame',
    ({ path }) => [headersFrame(1, callFields(path)), frame(FRAME.data, 1, 1, Buffer.alloc(5), 500)],
  ],
  [
    'padding beyond the frame',
    ({ path }) => [headersFrame(1, callFields(path)), frame(FRAME.data, FLAG.padded | 1, 1, Buffer.of(200, 0, 0))],
  ],
  ['settings that are not allowed', ({ random }) => [frame(FRAME.settings, 0, 0, pick(random, SETTINGS))]],
  [
    'settings of odd lengths',
    ({ random }) => [frame(FRAME.settings, random.below(2), random.below(2), anyBytes(random, between(random, 1, 20)))],
  ],
  ['a promise of the client', ({ path }) => [frame(FRAME.push, 4, 1, Buffer.concat([uint32(2), headersOf(path)]))]],
  [
    'an end of the connection, and calls after it',
    ({ path, data }) => [frame(FRAME.goAway, 0, 0, Buffer.concat([uint32(0), uint32(0)])), call(1, path, data)],
  ],
  ['1,100 calls at once', ({ path, data }) => times(1_100, (nr) => call(stream(nr), path, data))],
  [
    `${SLOW}: calls that do not end`,
    ({ random, path, data }) =>
      times(between(random, 10, 500), (nr) =>
        Buffer.concat([headersFrame(stream(nr), callFields(path)), dataFrames(stream(nr), data.subarray(0, 3), 0)]),
      ),
  ],
  [NO_WINDOW, ({ path, data }) => times(50, (nr) => call(stream(nr), path, data))],
  [NOT_READ, ({ path, data }) => times(200, (nr) => call(stream(nr), path, data))],
];

const LIBRARIES = [
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/List',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];
const ENCODINGS = ['gzip', 'deflate', 'br', 'identity', '', 'x'];
const FORBIDDEN = [
  ['connection', 'close'],
  ['Upper', 'x'],
  ['te', 'gzip'],
  ['transfer-encoding', 'chunked'],
  [':status', '200'],
  [':x', 'y'],
  ['x', '\r\n'],
  ['', 'x'],
  ['x', '\0'],
  ['host', 'a'],
  ['content-length', '7'],
] as const;
const SETTINGS = [
  setting(2, 2),
  setting(4, 2 ** 31),
  setting(5, 0),
  setting(5, 2 ** 24),
  setting(99, 1),
  setting(3, 0),
  Buffer.concat(Array(3_000).fill(setting(6, 1))),
];

function reset(index: number, path: string): Buffer {
  return Buffer.concat([
    headersFrame(stream(index), callFields(path)),
    frame(FRAME.reset, 0, stream(index), uint32(8)),
  ]);
}

/** A field of 4 kB that the table keeps, then named two thousand times in two kilobytes. */
function bomb(path: string): Buffer[] {
  const value = Buffer.alloc(4_000, 0x61);
  const kept = Buffer.concat([Buffer.of(0x40, 1, 0x78, 0x7f, 0xa1, 0x1e), value]);
  return times(5, (nr) =>
    frame(FRAME.headers, 5, stream(nr), Buffer.concat([headersOf(path), kept, Buffer.alloc(2_000, 0xbe)])),
  );
}
