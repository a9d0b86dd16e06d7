import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as rpc from '../../support/doors.js';
import { startTestService, type TestService } from '../../support/service.js';
import { type Caller, makeCallers, OTHERS, OWN } from './callers.js';

const COACH = { coach_hash_id: OWN.coach_hash_id };
const CLIENT = { client_hash_id: OWN.client_hash_id };
const EVERYWHERE = ['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'];

let service: TestService;
let callers: Awaited<ReturnType<typeof makeCallers>>;
let byNobody: rpc.Door[];
/** Of the coach, and of the client. */
let key: string;
let clientKey: string;

beforeAll(async () => {
  callers = await makeCallers();
  service = await startTestService(undefined, { AUTH_TOKENS_FILE: callers.path });
  byNobody = rpc.doorsOf(service);
  const session = { ...OWN, start: '2030-06-04T09:00:00Z', duration: 60 };
  expect((await as('service', rpc.scheduleSession, { session })).code).toBe('OK');
  ({ key } = await newLink(COACH));
  ({ key: clientKey } = await newLink(CLIENT));
});

afterAll(async () => {
  for (const door of byNobody) door.close();
  await service?.stop();
  await callers?.remove();
});

async function as(caller: Caller, method: rpc.DoorMethod, request: JsonObject): Promise<rpc.Answer> {
  const [door] = rpc.doorsOf(service, callers.headersOf(caller));
  return door!.call(method, request);
}

async function newLink(owner: JsonObject) {
  const { response } = await as('service', rpc.createCalendarLink, owner);
  return response as unknown as { readonly link: { readonly id: string }; readonly key: string; readonly path: string };
}

const calendarIn = ({ response }: rpc.Answer) => (response as { calendar?: string } | undefined)?.calendar;

/** What every door answers for the calendar. */
async function throughEveryDoor(request: JsonObject, headers: rpc.Headers = {}): Promise<JsonObject> {
  const answers: JsonObject = {};
  for (const door of rpc.doorsOf(service, headers)) {
    answers[door.name] = (await door.call(rpc.getCalendar, request)).code;
    door.close();
  }
  return answers;
}

const everywhere = (code: rpc.Answer['code']) => Object.fromEntries(EVERYWHERE.map((door) => [door, code]));

describe('a calendar, without a token,', () => {
  test('is opened by the key of its link', async () => {
    expect(await throughEveryDoor({ ...COACH, key })).toEqual(everywhere('OK'));
    expect(await throughEveryDoor({ ...CLIENT, key: clientKey })).toEqual(everywhere('OK'));
  });

  test.each([
    ['coach', COACH, () => key],
    ['client', CLIENT, () => clientKey],
  ] as const)('is what the %s sees', async (caller, owner, keyOf) => {
    const seen = calendarIn(await as(caller, rpc.getCalendar, owner));
    expect(seen).toContain('BEGIN:VEVENT');
    for (const door of byNobody) {
      expect(calendarIn(await door.call(rpc.getCalendar, { ...owner, key: keyOf() })), door.name).toBe(seen);
    }
  });

  test('is not opened without a key', async () => {
    expect(await throughEveryDoor(COACH)).toEqual(everywhere('Unauthenticated'));
  });

  test.each<[string, () => JsonObject]>([
    ['a key that nobody has made', () => ({ ...COACH, key: `calendarkey_${'A'.repeat(43)}DCtZhg` })],
    ['the key of another calendar', () => ({ ...COACH, key: clientKey })],
    ['a key, by another coach', () => ({ coach_hash_id: OTHERS.coach_hash_id, key })],
    ["a key, by a client who has the coach's id", () => ({ client_hash_id: OWN.coach_hash_id, key })],
    ['half a key', () => ({ ...COACH, key: key.slice(0, 30) })],
    ['a space', () => ({ ...COACH, key: ' ' })],
  ])('is not opened by %s', async (_, request) => {
    expect(await throughEveryDoor(request())).toEqual(everywhere('NotFound'));
  });

  test('has keys of at most 128 characters', async () => {
    for (const door of byNobody) {
      const codes = [128, 129].map(async (length) => {
        return (await door.call(rpc.getCalendar, { ...COACH, key: 'x'.repeat(length) })).code;
      });
      expect([door.name, ...(await Promise.all(codes))]).toEqual([door.name, 'NotFound', 'InvalidArgument']);
    }
  });

  test('is the only thing that a key opens', async () => {
    for (const method of [rpc.listCalendarLinks, rpc.createCalendarLink]) {
      for (const door of byNobody) {
        if (door.takesJson) expect((await door.call(method, { ...COACH, key })).code).toBe('Unauthenticated');
        else expect((await door.call(method, COACH)).code).toBe('Unauthenticated');
      }
    }
  });
});

describe('a calendar, with a token,', () => {
  test.each<[Caller, JsonObject, () => string, rpc.Answer['code']]>([
    ['service', COACH, () => '', 'OK'],
    ['coach', COACH, () => '', 'OK'],
    ['client', CLIENT, () => '', 'OK'],
    ['analyst', COACH, () => '', 'PermissionDenied'],
    ['client', COACH, () => '', 'PermissionDenied'],
    ['coach', CLIENT, () => '', 'PermissionDenied'],
    ['coach and client', { coach_hash_id: OTHERS.coach_hash_id }, () => '', 'PermissionDenied'],
    // A key opens what it opens, whoever calls.
    ['client', COACH, () => key, 'OK'],
    ['analyst', COACH, () => key, 'OK'],
    ['service', COACH, () => clientKey, 'NotFound'],
    ['coach', COACH, () => 'no key', 'NotFound'],
  ])('of a %s, for %j', async (caller, owner, keyOf, code) => {
    const answers = await throughEveryDoor({ ...owner, key: keyOf() }, callers.headersOf(caller));
    expect(answers).toEqual(everywhere(code));
  });

  test('that is not accepted, is not opened by a key either', async () => {
    for (const authorization of ['Bearer abc', '', 'Basic dTpw']) {
      // grpc-js does not send an empty value.
      const doors = authorization ? EVERYWHERE : EVERYWHERE.filter((name) => name !== 'gRPC');
      const answers = await throughEveryDoor({ ...COACH, key }, { authorization });
      for (const door of doors)
        expect([door, authorization, answers[door]]).toEqual([door, authorization, 'Unauthenticated']);
    }
  });
});

describe('over REST', () => {
  const send = (path: string, headers: Record<string, string> = {}) => fetch(service.httpUrl + path, { headers });
  const pathOf = (given: string) => `/api/v1/coaches/${OWN.coach_hash_id}/calendar.ics${given}`;

  test('without a key, the answer names the scheme of tokens', async () => {
    const answer = await send(pathOf(''));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await answer.json()).toMatchObject({ detail: 'a token is needed, or the key of a link' });
  });

  test.each<[string, () => string, number]>([
    ['the calendar', () => `?key=${key}`, 200],
    ['no calendar', () => `?key=${clientKey}`, 404],
    ['nothing without a key', () => '', 401],
    ['what is wrong with the address', () => `?key=${key}&key=${key}`, 400],
  ])(
    'the answer with %s is kept by no cache and no search engine, and its address is told to nobody',
    async (_, query, status) => {
      const answer = await send(pathOf(query()));
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'private, no-cache',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
      });
    },
  );

  test('what has not changed is answered with 304, and by a key that opens nothing with 404', async () => {
    const etag = (await send(pathOf(`?key=${key}`))).headers.get('etag')!;
    const again = await send(pathOf(`?key=${key}`), { 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(again.headers.get('cache-control')).toBe('private, no-cache');
    expect((await send(pathOf(`?key=${clientKey}`), { 'if-none-match': etag })).status).toBe(404);
  });

  test.each(['a/b', 'auth0|1f', 'anna@example.com', 'a=b', 'a+b', 'a:b', 'a~b', '-._'])(
    'the path of a link leads to the calendar of %s, of a coach and of a client',
    async (id) => {
      for (const owner of [{ coach_hash_id: id }, { client_hash_id: id }]) {
        const { path } = await newLink(owner);
        const answer = await send(path);
        expect([path, answer.status]).toEqual([path, 200]);
        expect(answer.headers.get('content-type')).toMatch(/^text\/calendar/);
      }
    },
  );

  test('HEAD answers as GET', async () => {
    const ask = (query: string) => fetch(service.httpUrl + pathOf(query), { method: 'HEAD' });
    expect((await ask(`?key=${key}`)).status).toBe(200);
    expect((await ask(`?key=${clientKey}`)).status).toBe(404);
    expect((await ask('')).status).toBe(401);
  });
});

describe('links', () => {
  test('are listed without their keys, and one that is revoked opens nothing', async () => {
    const owner = { coach_hash_id: 'revoking' };
    const { link, key: lost } = await newLink(owner);
    const listed = await as('service', rpc.listCalendarLinks, owner);
    expect(listed.response).toEqual({ links: [{ ...link, coach_hash_id: 'revoking' }] });
    expect(JSON.stringify(listed)).not.toContain(lost);
    expect(await throughEveryDoor({ ...owner, key: lost })).toEqual(everywhere('OK'));
    const revoke = () => as('service', rpc.revokeCalendarLink, { ...owner, id: link.id.toUpperCase() });
    expect((await revoke()).code).toBe('OK');
    expect(await throughEveryDoor({ ...owner, key: lost })).toEqual(everywhere('NotFound'));
    expect((await revoke()).code).toBe('NotFound');
  });

  test('are not revoked under the name of another', async () => {
    const { link, key: kept } = await newLink({ coach_hash_id: 'keeping' });
    for (const owner of [{ coach_hash_id: 'other' }, { client_hash_id: 'keeping' }]) {
      expect((await as('service', rpc.revokeCalendarLink, { ...owner, id: link.id })).code).toBe('NotFound');
    }
    expect(await throughEveryDoor({ coach_hash_id: 'keeping', key: kept })).toEqual(everywhere('OK'));
  });

  test.each([
    ['client', COACH],
    ['coach', CLIENT],
  ] as const)('are of nobody else: a %s does not get at those of %j', async (caller, owner) => {
    const { link } = await newLink(owner);
    const code = async (method: rpc.DoorMethod, request = {}) =>
      (await as(caller, method, { ...owner, ...request })).code;
    expect(await code(rpc.createCalendarLink)).toBe('PermissionDenied');
    expect(await code(rpc.revokeCalendarLink, { id: link.id })).toBe('PermissionDenied');
    expect((await as(caller, rpc.listCalendarLinks, owner)).response).toEqual({});
  });

  test('are at most 20', async () => {
    const owner = { coach_hash_id: 'with-many' };
    for (let nr = 0; nr < 20; nr += 1) await newLink(owner);
    const { code, reason } = await as('service', rpc.createCalendarLink, owner);
    expect([code, reason]).toEqual(['FailedPrecondition', 'CALENDAR_LINK_QUOTA']);
  });

  test.each<[JsonObject, [string, string]]>([
    [{}, ['coach_hash_id', 'must be given, or client_hash_id']],
    [{ ...COACH, ...CLIENT }, ['client_hash_id', 'must be empty when coach_hash_id is given']],
    [{ ...COACH, description: 'x'.repeat(201) }, ['description', 'must be at most 200 characters']],
    [{ ...COACH, description: '\0' }, ['description', 'must not contain U+0000']],
  ])('are not made for %j', async (request, violation) => {
    const [, connect] = rpc.doorsOf(service, callers.headersOf('service'));
    expect((await connect!.call(rpc.createCalendarLink, request)).violations).toEqual([violation]);
  });
});

test('a service that authenticates nobody shows calendars to everybody, and takes a key that is given at its word', async () => {
  const open = await startTestService();
  const doors = rpc.doorsOf(open);
  try {
    const { response } = await doors[0]!.call(rpc.createCalendarLink, COACH);
    const { key: good } = response as { key: string };
    for (const door of doors) {
      const codes = [];
      for (const given of ['', good, key])
        codes.push((await door.call(rpc.getCalendar, { ...COACH, key: given })).code);
      expect([door.name, ...codes]).toEqual([door.name, 'OK', 'OK', 'NotFound']);
    }
  } finally {
    for (const door of doors) door.close();
    await open.stop();
  }
});
