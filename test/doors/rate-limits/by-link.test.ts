import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import * as rpc from '../../support/doors.js';
import { startTestService, type TestService } from '../../support/service.js';
import { makeCallers } from '../access/callers.js';

const COACH = { coach_hash_id: 'carol' };
const WRONG = { ...COACH, key: 'no key' };

let callers: Awaited<ReturnType<typeof makeCallers>>;
let service: TestService;
let address: number;

beforeAll(async () => {
  callers = await makeCallers();
  const settings = {
    AUTH_TOKENS_FILE: callers.path,
    TRUST_PROXY: 'loopback',
    RATE_LIMIT_FAILED_AUTH: '3',
    RATE_LIMIT_READS: '5',
  };
  service = await startTestService(undefined, settings);
  address = 0;
});

beforeEach(() => {
  address += 1;
});

afterAll(async () => {
  await service?.stop();
  await callers?.remove();
});

/** Calls of one caller, one after the other, by an address that no test has called from before. */
async function codesOf(requests: readonly JsonObject[], door = 'REST', headers: rpc.Headers = {}) {
  const doors = rpc.doorsOf(service, { 'x-forwarded-for': `192.0.2.${address}`, ...headers });
  onTestFinished(() => doors.forEach((one) => void one.close()));
  const codes: string[] = [];
  for (const request of requests) {
    codes.push((await doors.find(({ name }) => name === door)!.call(rpc.getCalendar, request)).code);
  }
  return codes;
}

async function newKey(): Promise<string> {
  const [door] = rpc.doorsOf(service, callers.headersOf('service'));
  return ((await door!.call(rpc.createCalendarLink, COACH)).response as { key: string }).key;
}

test.each(['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'])(
  'a key that opens nothing is a failure over %s',
  async (door) => {
    expect(await codesOf([WRONG, WRONG, WRONG, WRONG], door)).toEqual([
      'NotFound',
      'NotFound',
      'NotFound',
      'ResourceExhausted',
    ]);
  },
);

test('so is a call without a key', async () => {
  expect(await codesOf([COACH, WRONG, COACH, COACH])).toEqual([
    'Unauthenticated',
    'NotFound',
    'Unauthenticated',
    'ResourceExhausted',
  ]);
});

test('a good key is no failure, and not refused for those of others at its address', async () => {
  const good = { ...COACH, key: await newKey() };
  expect(await codesOf([good, WRONG, WRONG, WRONG, good])).toEqual(['OK', 'NotFound', 'NotFound', 'NotFound', 'OK']);
});

test('a call that breaks rules is no failure', async () => {
  const broken = { ...WRONG, coach_hash_id: 'not an id' };
  expect((await codesOf([broken, broken, broken, broken, WRONG])).at(-1)).toBe('NotFound');
});

test('who has a token fails to open a calendar as often as it likes', async () => {
  const codes = await codesOf([WRONG, WRONG, WRONG, WRONG], 'REST', callers.headersOf('service'));
  expect(new Set(codes)).toEqual(new Set(['NotFound']));
});

test('calls by a key are counted for their address', async () => {
  const good = { ...COACH, key: await newKey() };
  expect(await codesOf([good, good, good, good, good, good])).toEqual([
    ...Array.from({ length: 5 }, () => 'OK'),
    'ResourceExhausted',
  ]);
});
