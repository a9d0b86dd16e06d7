import type { DescMethodUnary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { anyText } from '../../gen/arbitrary.js';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, between, pick } from '../attack.js';
import { connectRequest, type HttpRequest, httpRequest, written } from '../http1.js';
import { lastOf, METHODS, usualRequest } from './semantics.js';

/** JSON that is malformed, deep, large, ambiguous, or of the wrong shape. */
export const json: AttackLayer = {
  doors: ['rest', 'connect'],
  attack(random, world, door): Attack {
    const { method, json } = usualRequest(random, world);
    const right = JSON.stringify(json);
    const [what, break_] = pick(random, random.chance(LARGE_SHARE) ? LARGE_ONES : SMALL);
    const bodies = Array.from({ length: pick(random, [1, 1, 5]) }, () => break_(right, random, method));
    const requests = bodies.map((body) => withBody(httpRequest(door as 'rest', method, json), method, body));
    return {
      what: `${method.name}: ${what}`,
      door,
      writes: [Buffer.concat(lastOf(requests).map(written))],
      requests: requests.length,
      // The service closes the connection after its answer, which the bytes that it did not read may cut off.
      answers: what.endsWith('too large') ? 0 : requests.length,
    };
  },
};

/** The body in the place of the request's own; the query of a GET has no JSON, but a GET may have a body. */
function withBody(request: HttpRequest, method: DescMethodUnary, body: Buffer): HttpRequest {
  if (request.verb === 'POST') return { ...request, body };
  return connectRequest(method, 'application/json', body);
}

const LARGE = 250_000;

/** Few are large, so that most of the time goes to many different ones. */
const LARGE_SHARE = 0.05;

const long = (text: string, length = LARGE) => text.repeat(Math.floor(length / text.length));

/** Something hostile for a member or a value of JSON. */
const VALUES = [
  'null',
  '{}',
  '[]',
  '[[]]',
  '""',
  'true',
  '-0',
  '1e400',
  '-1e-400',
  '1.5',
  '9007199254740993',
  '0x10',
  'NaN',
  '01',
  '1_000',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":1}}',
  '"\\x41"',
  "'a'",
  '{"a":1,"a":2}',
  '[1,]',
  '{"a":}',
  '/**/1',
  '123456789012345678901234567890',
  '{"seconds":1}',
  '"2030-02-30T09:00:00Z"',
];

type Break = (right: string, random: Random, method: DescMethodUnary) => Buffer;

const text =
  (make: (right: string, random: Random, method: DescMethodUnary) => string): Break =>
  (...given) =>
    Buffer.from(make(...given));

const SMALL: readonly [what: string, break_: Break][] = [
  ['JSON for the message, right or wrong', text((_right, random, method) => pick(random, textsOf(method)))],
  ['JSON cut off', text((right, random) => right.slice(0, random.below(right.length)))],
  [
    'a value replaced',
    text((right, random) =>
      right.replace(/"[^"]*"(?=[,}])/g, (one) => (random.chance(0.4) ? pick(random, VALUES) : one)),
    ),
  ],
  ['a member added', text((right, random) => right.replace('{', `{"${pick(random, KEYS)}":${pick(random, VALUES)},`))],
  ['members twice', text((right) => right.replace(/\{(.*)\}/s, '{$1,$1}'))],
  ['a value of any type', text((_right, random) => pick(random, VALUES))],
  ['a byte order mark', text((right) => `\ufeff${right}`)],
  ['something after the end', text((right, random) => right + pick(random, ['{}', ',', '\u0000', '//', '}', '"']))],
  ['UTF-16', (right) => Buffer.from(right, 'utf16le')],
  ['bytes flipped', (right, random) => flipped(Buffer.from(right), random)],
  [
    'malformed UTF-8',
    (right, random) =>
      Buffer.concat([Buffer.from(right.slice(0, 9)), pick(random, MALFORMED), Buffer.from(right.slice(9))]),
  ],
  ['nothing', () => Buffer.alloc(0)],
];

/** Those that take as many bytes as the service allows, or more. */
const LARGE_ONES: readonly [what: string, break_: Break][] = [
  ['deep lists', text((_right, random) => '['.repeat(between(random, 100, LARGE)))],
  ['deep lists, closed', text((right, random) => nest(right, random, '[', ']'))],
  ['deep objects', text((right, random) => nest(right, random, '{"session":', '}'))],
  ['a list of 250 kB', text((_right, random) => `[${long(pick(random, ['0,', '{},', '[],', '"",', '1e9,']))}0]`)],
  [
    'a text of 250 kB',
    text((right, random) =>
      right.replace(/"[^"]*"(?=[,}])/, `"${long(pick(random, ['x', 'ü', '\\u0000', '\\ud800']))}"`),
    ),
  ],
  ['a key of 250 kB', text((right) => right.replace('{', `{"${long('k')}":1,`))],
  [
    '10,000 unknown members',
    text((right) => right.replace('{', `{${Array.from({ length: 10_000 }, (_, nr) => `"u${nr}":${nr}`)},`)),
  ],
  ['a body that is too large', text((right) => right.padEnd(300_000))],
  ['white space without end', text((right) => `${long(' \n\t')}${right}`.slice(0, LARGE))],
  [
    'a number of 250 kB',
    text((right, random) =>
      right.replace(/:\d+/, `:${long(pick(random, ['9', '0']))}`).replace('{', `{"page_size":${long('1')},`),
    ),
  ],
];

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '$typeName',
  'session',
  'sessions',
  'id',
  'ID',
  '\\u0000',
  'session.start',
];
const MALFORMED = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0x80],
  [0xe2, 0x28, 0xa1],
].map((bytes) => Buffer.from(bytes));

function nest(right: string, random: Random, open: string, close: string): string {
  const depth = between(random, 10, Math.floor(LARGE / (open.length + close.length)) - 10);
  return open.repeat(depth) + (right.length < 200 ? right : '1') + close.repeat(depth);
}

/** The bytes with one to eight of them changed. */
export function flipped(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  for (let left = between(random, 1, 8); left > 0 && copy.length > 0; left -= 1)
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

const texts = new Map<DescMethodUnary, readonly string[]>();

/** Texts that the tests of the generated readers are made of, the same in every run. */
function textsOf(method: DescMethodUnary): readonly string[] {
  const found = texts.get(method) ?? fc.sample(anyText(method.input), { numRuns: 300, seed: METHODS.indexOf(method) });
  texts.set(method, found);
  return found;
}
