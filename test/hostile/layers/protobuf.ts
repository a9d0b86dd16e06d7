import type { DescMethodUnary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { anyBytes as bytesFor } from '../../gen/arbitrary.js';
import type { Random } from '../../model/random.js';
import { type Attack, type AttackLayer, anyBytes, between, type Door, pick } from '../attack.js';
import { bytesOf, connectRequest, envelope, grpcWebRequest, written } from '../http1.js';
import { flipped } from './json.js';
import { grpcCalls, lastOf, METHODS, usualRequest } from './semantics.js';

/** Messages that are no protobuf, or another message than the method takes. */
export const protobuf: AttackLayer = {
  doors: ['connect', 'grpc-web', 'grpc'],
  attack(random, world, door): Attack {
    const { method, json } = usualRequest(random, world);
    const right = bytesOf(method, json);
    const [what, break_] = pick(random, random.chance(LARGE_SHARE) ? LARGE_ONES : SMALL);
    const messages = Array.from({ length: pick(random, [1, 1, 5, 20]) }, () => break_(right, random, method));
    return {
      what: `${method.name}: ${what}`,
      door,
      writes: [sent(door, method, messages)],
      requests: messages.length,
      // The service closes the connection after its answer, which the bytes that it did not read may cut off.
      answers: what.endsWith('too large') ? 0 : messages.length,
    };
  },
};

function sent(door: Door, method: DescMethodUnary, messages: readonly Buffer[]): Buffer {
  if (door === 'grpc')
    return grpcCalls(
      method,
      messages.map((message) => envelope(message)),
    );
  const requests = messages.map((message) =>
    door === 'connect' ? connectRequest(method, 'application/proto', message) : grpcWebRequest(method, message),
  );
  return Buffer.concat(lastOf(requests).map(written));
}

type Break = (right: Buffer, random: Random, method: DescMethodUnary) => Buffer;

const LARGE = 250_000;

/** Few are large, so that most of the time goes to many different ones. */
const LARGE_SHARE = 0.05;

const of = (...parts: (readonly number[] | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const tag = (number: number, wireType: number) => varint(BigInt(number) * 8n + BigInt(wireType));

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const SMALL: readonly [what: string, break_: Break][] = [
  ['bytes for the message, right or wrong', (_right, random, method) => pick(random, samplesOf(method))],
  ['bytes cut off', (right, random) => right.subarray(0, random.below(right.length + 1))],
  ['bytes flipped', (right, random) => flipped(right, random)],
  ['any bytes', (_right, random) => anyBytes(random, random.below(300))],
  ['a varint without end', (right, random) => of(right, Array(between(random, 1, 30)).fill(0xff))],
  [
    'an overlong varint',
    (right, random) => of(right, tag(between(random, 1, 20), 0), [...Array(9).fill(0x80), random.below(256)]),
  ],
  ['a wrong wire type', (_right, random) => of(tag(between(random, 1, 12), random.below(8)), anyBytes(random, 12))],
  [
    'a length beyond the end',
    (right, random) => of(right, tag(between(random, 1, 12), 2), varint(pick(random, LENGTHS)), [1]),
  ],
  ['unknown fields', (right, random) => of(...Array.from({ length: 50 }, () => unknown(random)), right)],
  ['groups', (right, random) => of(...Array(between(random, 1, 1_000)).fill(tag(99, 3)), right)],
  ['deep messages', (_right, random) => deep(between(random, 10, 300))],
  ['malformed UTF-8', (right, random) => of(right, tag(between(random, 1, 7), 2), [4, 0xff, 0xc0, 0xed, 0xa0])],
  ['field number 0', (right) => of([0, 0], right)],
  ['a message of another method', (_right, random) => pick(random, samplesOf(pick(random, METHODS)))],
  ['nothing', () => Buffer.alloc(0)],
];

/** Those that take as many bytes as the service allows, or more. */
const LARGE_ONES: readonly [what: string, break_: Break][] = [
  [
    '20,000 unknown fields',
    (right) => of(...Array.from({ length: 20_000 }, (_, nr) => of(tag(100 + nr, 0), [1])), right),
  ],
  ['the same field 50,000 times', (right) => of(...Array(50_000).fill(of(tag(1, 2), [1, 0x61])), right)],
  [
    'deep groups',
    () =>
      of(
        Array(LARGE / 2)
          .fill(tag(15, 3))
          .flat(),
      ),
  ],
  ['deep groups, closed', () => of(Array(60_000).fill(tag(15, 3)).flat(), Array(60_000).fill(tag(15, 4)).flat())],
  [
    'a text of 250 kB',
    (right, random) =>
      of(
        right,
        tag(between(random, 1, 8), 2),
        varint(BigInt(LARGE)),
        Buffer.alloc(LARGE, pick(random, [0x61, 0, 0xc3])),
      ),
  ],
  ['a message that is too large', (right) => of(right, Buffer.alloc(300_000, 0x0a))],
];

const LENGTHS = [2n, 127n, 128n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];

function unknown(random: Random): Buffer {
  const number = pick(random, [15, 100, 19_000, 2 ** 29 - 1]);
  return pick(random, [
    of(tag(number, 0), [random.below(128)]),
    of(tag(number, 1), Array(8).fill(7)),
    of(tag(number, 5), Array(4).fill(7)),
    of(tag(number, 2), [2, 1, 1]),
  ]);
}

function deep(depth: number): Buffer {
  let message = Buffer.from([0x0a, 0]);
  for (let left = depth; left > 0; left -= 1) message = of([0x0a], varint(BigInt(message.length)), message);
  return message;
}

const samples = new Map<DescMethodUnary, readonly Buffer[]>();

/** Bytes that the tests of the generated decoders are made of, the same in every run. */
function samplesOf(method: DescMethodUnary): readonly Buffer[] {
  const found =
    samples.get(method) ??
    fc
      .sample(bytesFor(method.input), { numRuns: 300, seed: METHODS.indexOf(method) })
      .map((bytes) => Buffer.from(bytes));
  samples.set(method, found);
  return found;
}
