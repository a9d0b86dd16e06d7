import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, type Door, pick } from '../attack.js';
import { bytesOf, envelope, type HttpRequest, httpRequest, pathOf, written } from '../http1.js';
import { call, opening } from '../http2.js';
import type { World } from '../world.js';
import { lastOf, usualRequest } from './semantics.js';

/** Right messages under wrong methods, paths and headers. */
export const headers: AttackLayer = {
  doors: ['rest', 'connect', 'grpc-web', 'grpc'],
  attack: (random, world, door) => (door === 'grpc' ? grpcAttack(random, world) : httpAttack(random, world, door)),
};

function httpAttack(random: Random, world: World, door: Exclude<Door, 'grpc'>): Attack {
  const { method, json } = usualRequest(random, world);
  const [what, break_] = pick(random, BREAKS);
  const count = pick(random, [1, 1, 3]);
  const requests = Array.from({ length: count }, () => break_(httpRequest(door, method, json), random));
  const bytes = Buffer.concat(lastOf(requests).map(written));
  return { what, door, writes: [bytes], requests: count, answers: 1, hasDeadline: what === DEADLINE };
}

const DEADLINE = 'a deadline';
const long = (length: number) => 'x'.repeat(length);

/** Headers that the doors read, each with values that they should not have. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'content-type': [
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/JSON',
    'application/proto',
    'application/connect+json',
    'application/grpc',
    'application/grpc-web-text',
    'application/grpc-web+json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    ';;;',
    long(5_000),
  ],
  'content-encoding': ['gzip', 'br', 'identity', 'gzip, gzip', 'x', ''],
  'accept-encoding': ['gzip;q=9', '*;q=0', long(5_000)],
  accept: ['', '*/*;q=x', 'application/xml', long(5_000)],
  'if-match': ['"0"', '*', 'W/"0"', '"', '"0", "1"', '', long(5_000), '""'],
  'idempotency-key': ['', 'a b', long(128), long(129), '\xfc', '"x"'],
  'x-actor': ['', long(10_000), '\xff\xfe', 'a, b', '%00', '\t'],
  'x-correlation-id': ['', long(128), long(129), 'a b', '\xfc', '../..'],
  'connect-protocol-version': ['', '0', '2', 'x', '1, 1'],
  'connect-accept-encoding': ['gzip', 'x'],
  'connect-content-encoding': ['gzip', 'x'],
  'grpc-encoding': ['gzip', 'x', 'identity'],
  'grpc-accept-encoding': ['gzip', 'x'],
  'x-grpc-web': ['0', ''],
  te: ['trailers', 'gzip', 'x'],
  host: ['', '[', 'a b', 'x'.repeat(300), '127.0.0.1:99999', '\xff', 'a,b', '@'],
  origin: ['null', 'http://evil.example', '', 'http://[', long(5_000)],
  'access-control-request-method': ['POST', '', 'x y'],
  'access-control-request-headers': [long(10_000), 'x-actor', ''],
  cookie: [long(10_000)],
  range: ['bytes=0-', 'bytes=-1', 'x'],
  'if-none-match': ['*', '"0"'],
  'if-modified-since': ['x', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  'x-forwarded-for': ['127.0.0.1', long(5_000)],
  'x-http-method-override': ['DELETE'],
  expect: ['100-continue', 'x'],
  upgrade: ['h2c', 'websocket', 'x'],
  forwarded: ['for=_x', ';'],
  __proto__x: ['1'],
  constructor: ['1'],
};

const TIMEOUTS: Readonly<Record<string, readonly string[]>> = {
  'connect-timeout-ms': ['0', '1', '-1', '1e3', 'x', '9999999999', '99999999999', '', ' 5'],
  'grpc-timeout': ['0n', '1n', '1u', '1m', '99999999H', '999999999S', '-1S', '1', 'S', '', '1.5S', '1s'],
};

const TARGETS = [
  '/../../etc/passwd',
  '/api/v1/../v1/sessions',
  '//api//v1//sessions',
  '/api/v1/sessions/%2e%2e',
  '/api/v1/sessions/%',
  '/api/v1/sessions/%zz',
  '/api/v1/sessions/%ff',
  '/api/v1/sessions/%c0%ae',
  '/api/v1/sessions/%00',
  '/api/v1/sessions/x:y:z',
  '/api/v1/sessions:',
  '/api/v1/sessions/:cancel',
  '/api/v1/sessions?%',
  '/api/v1/sessions?coach_hash_id=%ff',
  '/api/v1/sessions?a[b]=1&a=2',
  '/api/v1/sessions?__proto__=1',
  '/api/v1/sessions?page_size=1&page_size=2',
  `/api/v1/sessions?${'a=1&'.repeat(3_000)}`,
  `/api/v1/sessions/${'x'.repeat(14_000)}`,
  `/api/v1/sessions?coach_hash_id=${'%41'.repeat(4_000)}`,
  '/api/v1/sessions?session.start.x.y=1',
  '/aceup.scheduler.v1.SessionService/',
  '/aceup.scheduler.v1.SessionService/X',
  '/aceup.scheduler.v1.SessionService/GetSession?connect=v1&encoding=json&message=%7B&base64=1',
  '/aceup.scheduler.v1.SessionService/GetSession?encoding=proto&message=////&base64=1&compression=gzip',
  '/aceup.scheduler.v1.SessionService/GetSession?encoding=x',
  '/grpc.health.v1.Health/Check',
  '/openapi.json',
  '/docs',
  '/docs/',
  '/docs/static/../../../package.json',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/healthz',
  '/readyz',
  '/favicon.ico',
  '/;x=1',
  '/?',
  '/#x',
  '*',
  'http://evil.example/api/v1/sessions',
  'https://[::1',
  '/api/v1/sessions/\xff',
];
const VERBS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'PURGE',
  'QUERY',
  'M-SEARCH',
  'LINK',
];

type Break = (right: HttpRequest, random: Random) => HttpRequest;

const replaced = ({ headers, ...rest }: HttpRequest, name: string, value: string): HttpRequest => ({
  ...rest,
  headers: [...headers.filter(([other]) => other !== name), [name, value]],
});

function oneHeader(right: HttpRequest, random: Random, of = HEADERS): HttpRequest {
  const name = pick(random, Object.keys(of));
  return replaced(right, name, pick(random, of[name]!));
}

const BREAKS: readonly [what: string, break_: Break][] = [
  ['a header', oneHeader],
  ['three headers', (right, random) => oneHeader(oneHeader(oneHeader(right, random), random), random)],
  [DEADLINE, (right, random) => oneHeader(right, random, TIMEOUTS)],
  [
    'a header twice',
    (right, random) => {
      const {
        headers: [one],
      } = oneHeader({ ...right, headers: [] }, random);
      return { ...right, headers: [...right.headers, one!, one!] };
    },
  ],
  ['no headers', (right) => ({ ...right, headers: [] })],
  ['another method', (right, random) => ({ ...right, verb: pick(random, VERBS) })],
  ['another path', (right, random) => ({ ...right, target: pick(random, TARGETS) })],
  [
    'another path and method',
    (right, random) => ({ ...right, target: pick(random, TARGETS), verb: pick(random, VERBS) }),
  ],
  [
    'a path with one character replaced',
    (right, random) => {
      const at = random.below(right.target.length);
      const odd = pick(random, [
        '%',
        '%2',
        '%00',
        ':',
        '//',
        '?',
        '&',
        '=',
        ';',
        '\\',
        '\xff',
        '*',
        '{}',
        '%25',
        '%3A',
      ]);
      return { ...right, target: right.target.slice(0, at) + odd + right.target.slice(at + 1) };
    },
  ],
  [
    'an envelope that lies',
    (right, random) => {
      const message = right.body.subarray(5);
      const [flags, length] = pick(random, [
        [1, 1],
        [0x80, 5],
        [2, message.length],
        [0, 2 ** 32 - 1],
        [0, message.length + 1],
        [0xff, 0],
      ]);
      return { ...right, body: envelope(message, flags, length) };
    },
  ],
  [
    'trailers of gRPC-Web in the request',
    (right) => {
      return { ...right, body: Buffer.concat([right.body, envelope(Buffer.from('grpc-status: 0\r\n'), 0x80)]) };
    },
  ],
];

function grpcAttack(random: Random, world: World): Attack {
  const { method, json } = usualRequest(random, world);
  const name = pick(random, Object.keys(METADATA));
  const value = pick(random, METADATA[name]!);
  const count = pick(random, [1, 1, 10]);
  const data = envelope(bytesOf(method, json));
  const calls = Array.from({ length: count }, (_, index) => call(2 * index + 1, pathOf(method), data, [[name, value]]));
  const bytes = Buffer.concat([opening(), ...calls]);
  const hasDeadline = name === 'grpc-timeout';
  return {
    what: `${method.name}: ${name}`,
    door: 'grpc',
    writes: [bytes],
    requests: count,
    answers: 0,
    patience: 60,
    hasDeadline,
  };
}

/** Metadata, malformed or unexpected; what HTTP/2 forbids is in the layer of frames. */
const METADATA: Readonly<Record<string, readonly string[]>> = {
  ...HEADERS,
  ...TIMEOUTS,
  ':path': [
    '',
    '/',
    '//',
    '/aceup.scheduler.v1.SessionService',
    '/aceup.scheduler.v1.SessionService/X',
    '/x/y/z',
    `/${long(10_000)}`,
    '/aceup.scheduler.v1.SessionService/GetSession?x=1',
  ],
  ':method': ['GET', 'PUT', 'OPTIONS', 'x'],
  ':scheme': ['https', 'ftp', ''],
  ':authority': ['', 'a b', '[', long(5_000)],
  'content-type': ['application/grpc+json', 'application/grpc;x', 'application/grpcx', 'text/html', ''],
  'x-some-bin': ['!!!', 'AA,BB', '====', '', long(5_000), '\xff'],
  'grpc-status-details-bin': ['!!!', 'CAE='],
  'grpc-trace-bin': ['AAAA'],
  'grpc-status': ['0'],
  'grpc-message': ['%', '%zz'],
  'x-correlation-id-bin': ['AAAA'],
};
