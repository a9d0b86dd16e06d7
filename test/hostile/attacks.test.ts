import { Code } from '@connectrpc/connect';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { createRandom } from '../model/random.js';
import { type Attack, DOORS, LAYERS } from './attack.js';
import { attackOf } from './attacks.js';
import type { Outcome } from './carry-out.js';
import { bytesOf, createAnswerReader, httpRequest } from './http1.js';
import { createFrameReader } from './http2.js';
import { faultsOf } from './judge.js';
import { METHODS } from './layers/semantics.js';
import { anyRequest } from './values.js';
import type { World } from './world.js';

const ID = '0190a5b0-0000-7000-8000-000000000000';
const WORLD: World = {
  coaches: Array.from({ length: 20 }, (_, nr) => `coach-${nr}`),
  clients: Array.from({ length: 20 }, (_, nr) => `client-${nr}`),
  sessions: [ID],
  holds: [ID],
  series: [ID],
  timeOff: [ID],
  webhooks: [ID],
  pageTokens: ['cGFnZQ'],
  consistencyTokens: ['dG9rZW4'],
};
const ANY = { seed: 1, door: undefined, crowds: 0.1 };

const attacks = (count: number, choice: Parameters<typeof attackOf>[0] = ANY) =>
  Array.from({ length: count }, (_, nr) => attackOf(choice, nr, WORLD));

test('a run attacks every layer and every door', () => {
  const made = attacks(300);
  expect(new Set(made.map(({ layer }) => layer))).toEqual(new Set(LAYERS));
  expect(new Set(made.map(({ door }) => door))).toEqual(new Set(DOORS));
});

test('the same seed makes the same attacks, another seed others', () => {
  // A usual `as_of` is now.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const bytesIn = (seed: number) => attacks(50, { ...ANY, seed, crowds: 0 }).map(({ writes }) => Buffer.concat(writes));
  expect(bytesIn(1)).toEqual(bytesIn(1));
  expect(bytesIn(1)).not.toEqual(bytesIn(2));
});

test.each(DOORS)('a run may be of one door: %s', (door) => {
  expect(new Set(attacks(100, { ...ANY, door, crowds: 0 }).map((attack) => attack.door))).toEqual(new Set([door]));
});

test.each([...METHODS, SessionService.method.watchSessions])(
  'there are values for every field of $name, at every door',
  (method) => {
    const random = createRandom(1);
    for (let tries = 0; tries < 100; tries += 1) {
      const request = anyRequest(method.input, random, WORLD, 0.5);
      for (const door of ['rest', 'connect', 'grpc-web'] as const) httpRequest(door, method, request);
      bytesOf(method, request);
    }
  },
);

const attack = (given: Partial<Attack> = {}): Attack => ({
  what: 'a test',
  door: 'rest',
  writes: [],
  requests: 2,
  answers: 2,
  ...given,
});
const outcome = (given: Partial<Outcome>): Outcome => ({
  httpStatuses: [],
  grpcStatuses: [],
  answers: 2,
  closed: 0,
  bytes: Buffer.alloc(0),
  ...given,
});

test.each<[string, Partial<Outcome>, Partial<Attack>, string[]]>([
  ['refusals', { httpStatuses: [400, 409, 413, 429, 431, 501] }, {}, []],
  ['an internal error', { httpStatuses: [200, 500] }, {}, ['was answered 500']],
  ['a service that is unavailable', { httpStatuses: [503] }, {}, ['was answered 503']],
  ['a deadline of the caller', { httpStatuses: [504], grpcStatuses: [4] }, { hasDeadline: true }, []],
  ['a deadline that nobody set', { httpStatuses: [504] }, {}, ['was answered 504']],
  ['statuses of gRPC', { grpcStatuses: [Code.InvalidArgument, Code.Internal] }, {}, ['was answered Internal']],
  ['silence', { answers: 1 }, {}, ['1 of 2 requests were not answered']],
  ['silence after the service closed the connection', { answers: 1, closed: 1 }, {}, []],
])('the judge: %s', (_, given, made, faults) => {
  expect(faultsOf(attack(made), outcome(given))).toEqual(faults);
});

test('answers of HTTP/1.1 are read as they come', () => {
  const reader = createAnswerReader();
  const text = [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\ngrpc-status: 13\r\n0\r\n\r\n',
    'HTTP/1.1 400 Bad Request\r\nConnection: close\r\ncontent-length: 0\r\n\r\n',
  ].join('');
  for (const byte of Buffer.from(text)) reader.read(Buffer.of(byte));
  expect(reader.answers).toEqual([
    { status: 404, grpcStatus: -1, isLast: false },
    { status: 200, grpcStatus: 13, isLast: false },
    { status: 400, grpcStatus: -1, isLast: true },
  ]);
});

test('frames of HTTP/2 are read as they come, with the status of a call', () => {
  const reader = createFrameReader();
  // What Node answered with status 13, and a reset of stream 3.
  const settings = '000000040000000000';
  const headers = `000016010500000001208800889acac8b21234da8f023133${'00'.repeat(7)}`;
  const reset = '000004030000000003' + '00000008';
  for (const byte of Buffer.from(settings + headers + reset, 'hex')) reader.read(Buffer.of(byte));
  expect(reader.heard).toEqual({ grpcStatuses: [13], ended: new Set([1, 3]), errors: [8] });
});
