import { once } from 'node:events';
import { createServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import type { JsonObject } from '@bufbuild/protobuf';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { Role } from '../../src/handlers/access/principal.js';
import { call, opening } from '../hostile/http2.js';
import { METHODS } from '../hostile/layers/semantics.js';
import { createRandom } from '../model/random.js';
import { answeredWith } from './answers.js';
import { eventsWithoutRight } from './audit.js';
import type { Caller } from './callers.js';
import { show } from './credentials.js';
import { correlationIdOf, type Input, inputNrIn, inputOf, type Material } from './inputs.js';
import { wrongIn } from './judge.js';
import { foreignIds, idsSeen } from './leaks.js';
import { mayAsk } from './oracle.js';

const id = (nr: number) => `0190a5b0-0000-7000-8000-00000000000${nr}`;

/** A session of the caller's, and one of others. */
const OWNERS = new Map([
  [id(1), { coach: 'coach-1', client: 'client-1' }],
  [id(2), { coach: 'coach-2', client: 'client-2' }],
]);

const callerWith = (roles: readonly Role[], isAccepted = true): Caller => ({
  name: roles.join(),
  subject: 'anna',
  token: `token-of-${roles}`,
  isAccepted,
  roles: new Set(roles),
  ...(roles.includes('coach') && { coach: 'coach-1' }),
  ...(roles.includes('client') && { client: 'client-1' }),
});

const CALLERS = [
  callerWith(['service']),
  callerWith(['coach']),
  callerWith(['client']),
  callerWith(['service'], false),
];

const MATERIAL: Material = {
  seed: 1,
  world: {
    coaches: ['coach-1', 'coach-2'],
    clients: ['client-1', 'client-2'],
    sessions: [id(1), id(2)],
    holds: [id(1), id(2)],
    series: [id(1), id(2)],
    timeOff: [id(1), id(2)],
    webhooks: [id(1), id(2)],
    pageTokens: ['cGFnZQ'],
    consistencyTokens: ['dG9rZW4'],
  },
  callers: CALLERS,
  owners: OWNERS,
};

const inputs = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, nr) => inputOf({ ...MATERIAL, seed }, nr));
const named = (name: string) => METHODS.find((method) => method.name === name)!;

test('inputs are of every right, of every method, and of every door', () => {
  const made = inputs(2_000);
  expect(new Set(made.map(({ right }) => right))).toEqual(
    new Set(['unknown caller', 'none', 'not so', 'may', 'unclear']),
  );
  expect(new Set(made.map(({ method }) => method))).toEqual(new Set([...METHODS, undefined]));
  expect(new Set(made.map(({ door }) => door))).toEqual(new Set(['rest', 'connect', 'grpc-web', 'grpc']));
});

test('the same seed makes the same inputs, another seed others', () => {
  // A usual `as_of` is now.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const bytesIn = (seed: number) => inputs(200, seed).map(({ writes }) => Buffer.concat(writes));
  expect(bytesIn(1)).toEqual(bytesIn(1));
  expect(bytesIn(1)).not.toEqual(bytesIn(2));
});

test('a token that is shown wrongly is not shown rightly, too', () => {
  const [caller] = CALLERS;
  const random = createRandom(1);
  for (let tries = 0; tries < 500; tries += 1) {
    const { isRight, headers, what } = show(caller!, random, true);
    const isBearer = headers.filter(([name]) => name === 'authorization').map(([, value]) => value);
    const looksRight =
      isBearer.length === 1 && new RegExp(`^(?:bearer|Bearer|BEARER) +${caller!.token}$`).test(isBearer[0]!);
    if (what !== 'a token in the query and in the header') expect([what, looksRight]).toEqual([what, isRight]);
  }
});

const slot = { start: '2030-01-01T00:00:00Z', duration: 60 };

test.each<[boolean, readonly Role[], string, JsonObject]>([
  [true, ['service'], 'SetAvailability', { coach_hash_id: 'coach-2' }],
  [true, ['admin'], 'CancelSession', { id: id(2), cancelled_by: 'PARTY_ORGANIZATION' }],
  [true, ['analyst'], 'GetSession', { id: id(2) }],
  [false, ['analyst'], 'CancelSession', { id: id(1), cancelled_by: 'PARTY_COACH' }],
  [true, ['coach'], 'SetAvailability', { coach_hash_id: 'coach-1' }],
  [false, ['coach'], 'SetAvailability', { coach_hash_id: 'coach-2' }],
  [true, ['coach'], 'ScheduleSession', { session: { ...slot, coach_hash_id: 'coach-1', client_hash_id: 'client-2' } }],
  [false, ['coach'], 'ScheduleSession', { session: { ...slot, coach_hash_id: 'coach-2', client_hash_id: 'client-1' } }],
  [true, ['client'], 'ScheduleSession', { session: { ...slot, coach_hash_id: 'coach-2', client_hash_id: 'client-1' } }],
  [false, ['client'], 'ScheduleSession', { session: { coach_hash_id: 'coach-1', client_hash_id: 'client-2' } }],
  [false, ['client'], 'RescheduleSession', { id: id(1), ...slot, ignore_policy: true }],
  [false, ['client'], 'SetAvailability', { coach_hash_id: 'coach-1' }],
  [true, ['coach'], 'GetSession', { id: id(1).toUpperCase() }],
  [false, ['coach'], 'GetSession', { id: id(2) }],
  [false, ['client'], 'GetSession', { id: id(3) }],
  [true, ['coach'], 'CancelSession', { id: id(1), cancelled_by: 'PARTY_COACH' }],
  [false, ['coach'], 'CancelSession', { id: id(1), cancelled_by: 'PARTY_CLIENT' }],
  [false, ['client'], 'CancelSession', { id: id(1), cancelled_by: 'PARTY_COACH' }],
  [true, ['client'], 'FindSlots', { coach_hash_id: 'coach-2' }],
  [false, ['client'], 'FindSlots', { coach_hash_id: 'coach-2', session_id: id(2) }],
  [false, ['coach'], 'FindSlotsOfCoaches', { coach_hash_ids: ['coach-1', 'coach-2'] }],
  [true, ['coach'], 'ListSessions', { coach_hash_id: 'coach-2' }],
  [true, ['admin'], 'GetWebhook', { id: id(1) }],
  [false, ['service'], 'GetWebhook', { id: id(1) }],
])('the oracle: %s for %j, %s %j', (expected, roles, method, request) => {
  expect(mayAsk(callerWith(roles), named(method), request, OWNERS)).toBe(expected);
});

const inputWith = (given: Partial<Input>): Input => ({
  nr: 7,
  layer: 'a test',
  what: 'GetSession',
  door: 'rest',
  writes: [Buffer.from('GET / HTTP/1.1')],
  requests: 1,
  answers: 1,
  caller: callerWith(['coach']),
  method: named('GetSession'),
  right: 'may',
  isWellFormed: true,
  ...given,
});

const NOTHING_BACK = { httpStatuses: [], grpcStatuses: [], answers: 1, closed: 0, bytes: Buffer.alloc(0) };
const CHALLENGE = 'WWW-Authenticate: Bearer';

test.each<[string, Partial<Input>, string | undefined, string, boolean]>([
  ['an unknown caller is served', { right: 'unknown caller' }, 'OK', '', true],
  ['an unknown caller is refused', { right: 'unknown caller' }, 'UNAUTHENTICATED', CHALLENGE, false],
  ['…without a challenge', { right: 'unknown caller' }, 'UNAUTHENTICATED', '', true],
  ['…as if it were known', { right: 'unknown caller' }, 'PERMISSION_DENIED', CHALLENGE, true],
  ['…for what is no request', { right: 'unknown caller', isWellFormed: false }, 'HTTP 404', '', false],
  ['what a caller may not do is served', { right: 'none' }, 'OK', '', true],
  ['what a caller may not do is refused', { right: 'none' }, 'NOT_FOUND', '', false],
  ['…with a code that says that it is there', { right: 'none' }, 'ABORTED', '', true],
  ['…which the caller knows, of its own', { right: 'not so' }, 'ABORTED', '', false],
  ['what a caller may not do so is served', { right: 'not so' }, 'OK', '', true],
  ['what a caller may do is refused', { right: 'may' }, 'PERMISSION_DENIED', '', true],
  ['what a caller may do fails', { right: 'may' }, 'ABORTED', '', false],
  ['a known caller is not known', { right: 'unclear' }, 'UNAUTHENTICATED', CHALLENGE, true],
  ['nobody is served', { caller: undefined, right: 'unknown caller' }, 'OK', '', true],
  [
    'nobody asks how the service is',
    { caller: undefined, right: 'unknown caller', writes: [Buffer.from('GET /healthz HTTP/1.1')] },
    'OK',
    '',
    false,
  ],
])('the judge: %s', (_, given, code, text, isWrong) => {
  expect(wrongIn(inputWith(given), NOTHING_BACK, { code, text }).length > 0).toBe(isWrong);
});

test('the judge: silence and 503 are faults, but while the service stops; 500 is one then, too', () => {
  const silence = { ...NOTHING_BACK, answers: 0 };
  const unavailable = { ...NOTHING_BACK, httpStatuses: [503] };
  for (const outcome of [silence, unavailable]) {
    const answered = { code: undefined, text: '' };
    expect(wrongIn(inputWith({}), outcome, answered)).toHaveLength(1);
    expect(wrongIn(inputWith({}), outcome, answered, true)).toEqual([]);
  }
  const defect = { ...NOTHING_BACK, httpStatuses: [500] };
  expect(wrongIn(inputWith({}), defect, { code: undefined, text: '' }, true)).toHaveLength(1);
});

test.each<[string, string, readonly string[]]>([
  ['a session of others', `"id":"${id(2)}"`, [id(2)]],
  ['whom others meet', '"client_hash_id":"client-2"', ['client-2']],
  ['the same as base64', Buffer.from(`the id is ${id(2)}`).toString('base64'), [id(2)]],
  ['what is of the caller, and whom it meets', `${id(1)} coach-1 client-1`, []],
  ['what nobody has', id(3), []],
])('ids in an answer: %s', async (_, text, expected) => {
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${text}`);
  const answered = await answeredWith(inputWith({}), { ...NOTHING_BACK, httpStatuses: [200], bytes });
  const seen = idsSeen(inputWith({}), answered);
  expect(seen ? foreignIds(seen, OWNERS) : []).toEqual(expected);
});

test('ids in an answer that were in the request are no secret', () => {
  const input = inputWith({ writes: [Buffer.from(`GET /api/v1/sessions/${id(2).toUpperCase()}`)] });
  expect(idsSeen(input, { code: 'NOT_FOUND', text: `no session ${id(2)}` })).toBeUndefined();
});

test('headers of gRPC are read', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  server.on('stream', (stream) => {
    stream.respond(
      { ':status': 200, 'grpc-status': '5', 'grpc-message': 'no session of client-2' },
      { endStream: true },
    );
  });
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(Buffer.concat([opening(), call(1, '/a/B', Buffer.alloc(5))]));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // An ACK of the settings, and the headers of the answer.
  await expect.poll(() => Buffer.concat(chunks).length).toBeGreaterThan(60);
  socket.destroy();
  const outcome = { ...NOTHING_BACK, grpcStatuses: [5], bytes: Buffer.concat(chunks) };
  const answered = await answeredWith(inputWith({ door: 'grpc' }), outcome);
  expect(answered.code).toBe('NOT_FOUND');
  expect(answered.text).toContain('no session of client-2');
});

/** An event of a session, caused by an input. */
const eventWith = (name: string, data: object, metadata: JsonObject = {}): RecordedEvent => ({
  id: id(9),
  type: `aceup.scheduler.v1.${name}`,
  data: { sessionId: id(1), coachHashId: 'coach-1', clientHashId: 'client-2', ...data },
  metadata: { correlationId: correlationIdOf(7), subject: 'anna', actor: 'anna', ...metadata },
  stream: 'coach-coach-1',
  revision: 0n,
  position: 1n,
  recordedAt: 0,
});

test.each<[string, readonly Role[], Partial<Input>, RecordedEvent, boolean]>([
  ['of a coach', ['coach'], {}, eventWith('SessionScheduled', {}), true],
  ['of a service', ['service'], {}, eventWith('SessionScheduled', {}), true],
  ['of an analyst', ['analyst'], { right: 'unclear' }, eventWith('SessionScheduled', {}), false],
  ['of another coach', ['coach'], {}, eventWith('SessionScheduled', { coachHashId: 'coach-2' }), false],
  ['of a client', ['client'], {}, eventWith('SessionScheduled', { clientHashId: 'client-1' }), true],
  ['of another client', ['client'], {}, eventWith('SessionScheduled', {}), false],
  [
    'of a client, against the policy',
    ['client'],
    {},
    eventWith('SessionScheduled', { clientHashId: 'client-1', ignoredPolicy: true }),
    false,
  ],
  ['of a client, for coaches', ['client'], {}, eventWith('SessionCompleted', { clientHashId: 'client-1' }), false],
  ['cancelled by oneself', ['coach'], {}, eventWith('SessionCancelled', { cancelledBy: 'PARTY_COACH' }), true],
  ['cancelled as somebody else', ['coach'], {}, eventWith('SessionCancelled', { cancelledBy: 'PARTY_CLIENT' }), false],
  ['of an unknown caller', ['coach'], { right: 'unknown caller' }, eventWith('SessionScheduled', {}), false],
  ['without a right', ['coach'], { right: 'none' }, eventWith('SessionScheduled', {}), false],
  ['in the name of another', ['coach'], { right: 'not so' }, eventWith('SessionScheduled', {}), false],
  ['of nobody', ['coach'], {}, eventWith('SessionScheduled', {}, { correlationId: 'another' }), false],
  ['of another subject', ['coach'], {}, eventWith('SessionScheduled', {}, { subject: 'bob', actor: 'bob' }), false],
  ['in the name of somebody else', ['coach'], {}, eventWith('SessionScheduled', {}, { actor: 'bob' }), false],
  ['of a service on behalf of somebody', ['service'], {}, eventWith('SessionScheduled', {}, { actor: 'bob' }), true],
])('the audit: an event %s', (_, roles, given, event, isRight) => {
  const input = inputWith({ caller: callerWith(roles), ...given });
  expect(eventsWithoutRight([event], () => input)).toHaveLength(isRight ? 0 : 1);
});

test('an input is found by its correlation id', () => {
  expect(inputNrIn(correlationIdOf(42))).toBe(42);
  expect(inputNrIn(id(1))).toBeUndefined();
});
