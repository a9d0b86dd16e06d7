import type { JsonObject } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { revokeTokens } from '../../../src/authentication/tokens/revoke-tokens.js';
import { startTestService, type TestService } from '../../support/service.js';
import { type Caller, makeCallers, OTHERS, OWN } from '../access/callers.js';
import { send, WATCHES, type Watching, watchUrl } from './watching.js';

let service: TestService;
let callers: Awaited<ReturnType<typeof makeCallers>>;

beforeEach(async () => {
  callers = await makeCallers();
  service = await startTestService(undefined, { AUTH_TOKENS_FILE: callers.path, RATE_LIMIT_STREAMS: '2' });
});
afterEach(async () => {
  await service?.stop();
  await callers?.remove();
});

async function watch(caller: Caller, request: JsonObject, door = 0): Promise<Watching> {
  const watching = await WATCHES[door]![1](service)(request, callers.headersOf(caller));
  onTestFinished(watching.stop);
  await watching.next();
  return watching;
}

const types = ['SessionScheduled', 'SlotHeld', 'BookingPolicySet'];
const WATCHED: Record<string, JsonObject> = {
  everything: {},
  'of another coach': { coach_hash_id: OTHERS.coach_hash_id },
};

/** Books, holds and sets something for each pair of coach and client; what a service may do. */
async function makeChanges(): Promise<void> {
  const headers = callers.headersOf('service');
  const put = (path: string, body: JsonObject, method?: string) => send(service.httpUrl, path, body, method, headers);
  let hour = 9;
  const slot = () => ({ start: new Date(Date.UTC(2030, 5, 4, hour++)).toISOString(), duration: 60 });
  for (const { coach_hash_id } of [OTHERS, OWN]) {
    await put(`coaches/${coach_hash_id}/bookingPolicy`, { booking_policy: { grid: 15 } }, 'PUT');
    for (const { client_hash_id } of [OTHERS, OWN]) {
      await put('sessions', { session: { coach_hash_id, client_hash_id, ...slot() } });
      await put('holds', { hold: { coach_hash_id, client_hash_id, ...slot() } });
    }
  }
}

/** The changes that a watcher is told, until the last one of `makeChanges` or its end. */
async function told(watching: Watching, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const { type, coach_hash_id, client_hash_id } = await watching.nextChange();
    found.push(`${type} ${coach_hash_id} ${client_hash_id}`.trim());
  }
  return found;
}

describe('who watches is told what is their own, and nothing else', () => {
  const [own, other] = [OWN, OTHERS];

  test.each<[Caller, string, string[]]>([
    [
      'coach',
      'everything',
      [
        `BookingPolicySet ${own.coach_hash_id}`,
        `SessionScheduled ${own.coach_hash_id} ${other.client_hash_id}`,
        `SlotHeld ${own.coach_hash_id} ${other.client_hash_id}`,
        `SessionScheduled ${own.coach_hash_id} ${own.client_hash_id}`,
        `SlotHeld ${own.coach_hash_id} ${own.client_hash_id}`,
      ],
    ],
    [
      'client',
      'everything',
      [
        `SessionScheduled ${other.coach_hash_id} ${own.client_hash_id}`,
        `SlotHeld ${other.coach_hash_id} ${own.client_hash_id}`,
        `SessionScheduled ${own.coach_hash_id} ${own.client_hash_id}`,
        `SlotHeld ${own.coach_hash_id} ${own.client_hash_id}`,
      ],
    ],
    [
      'client',
      'of another coach',
      [
        `SessionScheduled ${other.coach_hash_id} ${own.client_hash_id}`,
        `SlotHeld ${other.coach_hash_id} ${own.client_hash_id}`,
      ],
    ],
  ])('a %s, of %s', async (caller, which, expected) => {
    const watching = await watch(caller, { ...WATCHED[which], types });
    await makeChanges();
    expect(await told(watching, expected.length)).toEqual(expected);
    // From the beginning again, to the last change that there is: nothing came in between, and nothing comes after.
    const again = await watch(caller, { ...WATCHED[which], types, after_position: '0' });
    expect(await told(again, expected.length)).toEqual(expected);
  });

  test.each<[Caller, JsonObject]>([
    ['coach', { coach_hash_id: OTHERS.coach_hash_id }],
    ['client', { client_hash_id: OTHERS.client_hash_id }],
  ])('a %s who names another is refused', async (caller, request) => {
    const answer = await fetch(watchUrl(service.httpUrl, request), { headers: callers.headersOf(caller) });
    expect(answer.status).toBe(403);
  });
});

test.each(WATCHES.map(([name], door) => [name, door] as const))(
  'a stream ends when its token is revoked, over %s',
  async (_, door) => {
    const watching = await watch('analyst', {}, door);
    const ended = watching.nextChange().catch((error) => error);
    await revokeTokens(callers.path, { subject: 'the analyst' }, Date.now());
    const error = await ended;
    if (error.problem) expect(error.problem).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    else expect(ConnectError.from(error).code).toBe(Code.Unauthenticated);
  },
);

test('a caller has so many streams at once, and as many again when they have ended', async () => {
  const watching = [await watch('coach', {}, 3), await watch('coach', {}, 1)];
  const third = () => fetch(watchUrl(service.httpUrl, {}), { headers: callers.headersOf('coach') });
  expect((await third()).status).toBe(429);
  for (const one of watching) one.stop();
  const statusOfNext = async () => {
    const answer = await third();
    await answer.body?.cancel();
    return answer.status;
  };
  await expect.poll(statusOfNext).toBe(200);
});
