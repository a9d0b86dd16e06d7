import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, anyBytes, between, type Door, pick } from '../attack.js';
import { httpRequest, written } from '../http1.js';
import { FRAME, frame, opening, PREFACE } from '../http2.js';
import type { World } from '../world.js';
import { flipped } from './json.js';
import { usualRequest } from './semantics.js';

/** Bytes that are no HTTP, another HTTP than the door speaks, or two requests for one reader and one for another. */
export const bytes: AttackLayer = {
  doors: ['rest', 'connect', 'grpc-web', 'grpc'],
  attack(random, world, door): Attack {
    const [what, make] = pick(random, door === 'grpc' ? GRPC : HTTP);
    const made = make(random, world, door);
    const writes = Array.isArray(made) ? made : [made as Buffer];
    const isSlow = what.startsWith(SLOW);
    return {
      what,
      door,
      writes,
      requests: what === PIPELINE ? PIPELINED : 1,
      answers: 0,
      patience: isSlow ? 2_000 : 40,
      ...(isSlow && { pause: 20 }),
    };
  },
};

type Make = (random: Random, world: World, door: Door) => Buffer | Buffer[];

/** Those that take their time have a name that begins so. */
const SLOW = 'slow';
const PIPELINE = 'a pipeline';
const PIPELINED = 50;

// A hello of TLS 1.2 with one cipher.
const TLS_HELLO = Buffer.from('160301002f0100002b0303'.concat('00'.repeat(32), '000002c02b0100000000'), 'hex');

const right: Make = (random, world, door) => {
  const { method, json } = usualRequest(random, world);
  return written(httpRequest(door === 'grpc' ? 'rest' : door, method, json));
};
const rightBytes = (...given: Parameters<Make>) => right(...given) as Buffer;
const raw = (...lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
const post = (...lines: readonly string[]) =>
  raw('POST /api/v1/sessions HTTP/1.1', 'host: localhost', 'content-type: application/json', ...lines);
const withBody = (head: Buffer, body: string) => Buffer.concat([head, Buffer.from(body, 'latin1')]);
const chunked = (body: string) => withBody(post('transfer-encoding: chunked'), body);

/** Requests whose length is told in two ways, or in one that is no length. RFC 9112, 11.2. */
const SMUGGLED: readonly Buffer[] = [
  withBody(
    post('content-length: 4', 'transfer-encoding: chunked'),
    '0\r\n\r\nGET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n',
  ),
  withBody(post('transfer-encoding: chunked', 'content-length: 40'), '5\r\n{"a":\r\n0\r\n\r\n'),
  withBody(post('content-length: 2', 'content-length: 30'), '{}'),
  withBody(post('content-length: 2, 2'), '{}'),
  ...['-1', '+2', '0x2', '2 ', '1e1', '99999999999999999999', '', '٢'].map((length) =>
    withBody(post(`content-length: ${length}`), '{}'),
  ),
  ...[
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    '\tchunked',
    'chunked\x0b',
    'gzip, chunked',
    'CHUNKED',
    'chunked, chunked',
  ].map((te) => withBody(post(`transfer-encoding: ${te}`), '2\r\n{}\r\n0\r\n\r\n')),
  withBody(post('transfer-encoding : chunked'), '0\r\n\r\n'),
  withBody(post('x: y', ' transfer-encoding: chunked'), '0\r\n\r\n'),
  withBody(
    raw('GET /api/v1/sessions HTTP/1.1', 'host: localhost', 'content-length: 30'),
    'GET /healthz HTTP/1.1\r\n\r\n',
  ),
  Buffer.from('POST /api/v1/sessions HTTP/1.1\nhost: x\ncontent-length: 2\n\n{}'),
  Buffer.from('POST /api/v1/sessions HTTP/1.1\rhost: localhost\r\r'),
];

const CHUNKS: readonly string[] = [
  '-1\r\n{}\r\n0\r\n\r\n',
  'FFFFFFFFFFFFFFFFFF\r\n{}',
  'zz\r\n{}\r\n0\r\n\r\n',
  '2\r\n{}0\r\n\r\n',
  '2{}\r\n',
  `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  '0\r\nx: y\r\n\r\n',
  `0\r\n${'x: y\r\n'.repeat(2_000)}\r\n`,
  `0\r\ncontent-length: 5\r\n\r\n`,
  `${'1\r\n{\r\n'.repeat(5_000)}0\r\n\r\n`,
  '7fffffff\r\n',
  '2\r\n{}\r\n',
  '0',
  '',
];

const LINES: readonly Buffer[] = [
  raw('GET / HTTP/0.9'),
  raw('GET / HTTP/1.0'),
  raw('GET / HTTP/2.0'),
  raw('GET / HTTP/9.9'),
  raw('GET /'),
  raw('GET'),
  raw(''),
  raw('GET  /  HTTP/1.1'),
  raw('get / HTTP/1.1', 'host: localhost'),
  raw('CONNECT evil.example:443 HTTP/1.1', 'host: localhost'),
  raw('OPTIONS * HTTP/1.1', 'host: localhost'),
  raw('GET http://evil.example/ HTTP/1.1', 'host: localhost'),
  raw('HELO x'),
  raw('EHLO x'),
  raw('*1', '$4', 'PING'),
  raw('GET / HTTP/1.1', 'host: localhost', 'host: y'),
  raw('GET / HTTP/1.1'),
  raw('GET / HTTP/1.1', 'host: localhost', 'a\0b: c'),
  raw('GET / HTTP/1.1', 'host: localhost', 'a: b\0c'),
  raw('GET /\0 HTTP/1.1', 'host: localhost'),
  raw('GET / HTTP/1.1', 'host: localhost', ': y'),
  raw('GET / HTTP/1.1', 'host: localhost', 'no colon'),
  raw('GET / HTTP/1.1', 'host: localhost', 'a: b', ' folded'),
  raw(
    'GET / HTTP/1.1',
    'host: localhost',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-key: eA==',
    'sec-websocket-version: 13',
  ),
  raw(
    'GET / HTTP/1.1',
    'host: localhost',
    'connection: upgrade, http2-settings',
    'upgrade: h2c',
    'http2-settings: AAMAAABkAAQAAP__',
  ),
  raw('GET / HTTP/1.1', 'host: localhost', ...Array(3_000).fill('a: b')),
];

const HTTP: readonly [what: string, make: Make][] = [
  ['any bytes', (random) => anyBytes(random, between(random, 1, 2_000))],
  ['a hello of TLS', () => TLS_HELLO],
  ['HTTP/2', () => Buffer.concat([opening(), frame(FRAME.ping, 0, 0, Buffer.alloc(8))])],
  ['a request cut off', (...given) => rightBytes(...given).subarray(0, given[0].below(300))],
  ['bytes flipped', (...given) => flipped(rightBytes(...given), given[0])],
  [
    'bytes in between',
    (...given) => {
      const [whole, at] = [rightBytes(...given), given[0].below(200)];
      return Buffer.concat([whole.subarray(0, at), anyBytes(given[0], between(given[0], 1, 4)), whole.subarray(at)]);
    },
  ],
  [
    'a header that is too long',
    (random) => raw('GET / HTTP/1.1', 'host: localhost', `x: ${'x'.repeat(between(random, 10_000, 100_000))}`),
  ],
  [
    'a path that is too long',
    (random) => raw(`GET /${'x'.repeat(between(random, 10_000, 100_000))} HTTP/1.1`, 'host: localhost'),
  ],
  [PIPELINE, (...given) => Array.from({ length: PIPELINED }, () => rightBytes(...given))],
  ['chunks', (random) => chunked(pick(random, CHUNKS))],
  ['two lengths', (random) => pick(random, SMUGGLED)],
  ['an odd line', (random) => pick(random, LINES)],
  ['a body that is too short', (random) => withBody(post(`content-length: ${between(random, 3, 1_000_000)}`), '{}')],
  [
    'a body that is too long',
    (...given) => Buffer.concat([rightBytes(...given), anyBytes(given[0], 50), rightBytes(...given)]),
  ],
  ['two requests in one packet', (...given) => Buffer.concat([rightBytes(...given), rightBytes(...given)])],
  ['a packet for each byte', (...given) => inPieces(rightBytes(...given).subarray(0, 400), 1)],
  [`${SLOW}: a few bytes at a time`, (...given) => inPieces(rightBytes(...given), 7)],
  [`${SLOW}: a body that does not come`, () => post('content-length: 200000')],
  [
    `${SLOW}: a header that does not end`,
    (random) => Array.from({ length: 50 }, () => Buffer.from(`x-${random.below(1_000)}: y\r\n`)),
  ],
  [`${SLOW}: nothing`, () => Buffer.from('G')],
];

function inPieces(whole: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, nr) => whole.subarray(nr * size, (nr + 1) * size));
}

const GRPC: readonly [what: string, make: Make][] = [
  ['any bytes', (random) => anyBytes(random, between(random, 1, 2_000))],
  ['a hello of TLS', () => TLS_HELLO],
  ['HTTP/1.1', right],
  ['a preface cut off', (random) => PREFACE.subarray(0, random.below(PREFACE.length))],
  ['a preface changed', (random) => flipped(PREFACE, random)],
  ['any bytes after the preface', (random) => Buffer.concat([PREFACE, anyBytes(random, between(random, 1, 2_000))])],
  ['frames cut off', (random) => opening().subarray(0, PREFACE.length + random.below(40))],
  [
    'frames of any bytes',
    (random) => {
      const any = Array.from({ length: 20 }, () =>
        frame(random.below(12), random.below(256), random.below(9), anyBytes(random, random.below(60))),
      );
      return Buffer.concat([opening(), ...any]);
    },
  ],
  [`${SLOW}: a few bytes at a time`, () => inPieces(opening(), 3)],
];
