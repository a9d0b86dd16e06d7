import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AvailabilityService } from '../../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import * as rpc from '../../support/doors.js';
import { startTestService, type TestService } from '../../support/service.js';
import { CALLERS, type Caller, makeCallers, OTHERS, OWN } from './callers.js';
import { CANCELLING, type Expected, type Row, TABLE, type Things } from './table.js';

let service: TestService;
let own: Things;
let others: Things;
const doors = new Map<Caller | 'nobody', rpc.Door[]>();
let callers: Awaited<ReturnType<typeof makeCallers>>;

beforeAll(async () => {
  callers = await makeCallers();
  // The table has more failures than an address may have in a minute.
  const settings = {
    AUTH_TOKENS_FILE: callers.path,
    RATE_LIMIT_FAILED_AUTH: '10000',
    CALENDAR_FETCHING: 'off',
  };
  service = await startTestService(undefined, settings);
  for (const caller of CALLERS) doors.set(caller, rpc.doorsOf(service, callers.headersOf(caller)));
  doors.set('nobody', rpc.doorsOf(service));
  own = await makeThings(OWN);
  others = await makeThings(OTHERS);
});

afterAll(async () => {
  for (const door of [...doors.values()].flat()) door.close();
  await service?.stop();
  await callers?.remove();
});

/** Asks through one door. */
function ask(caller: Caller, method: rpc.DoorMethod, request: JsonObject): Promise<rpc.Answer> {
  return doors.get(caller)![0]!.call(method, request);
}

/** A session, a series, a hold, hours, a policy, a time off, a calendar source and links of a coach and a client. */
async function makeThings(people: typeof OWN): Promise<Things> {
  const { coach_hash_id, client_hash_id } = people;
  const made = async (method: rpc.DoorMethod, request: JsonObject, member: string) => {
    const { response, code } = await ask('service', method, request);
    if (code !== 'OK') throw new Error(`${method.name}: ${code}`);
    return ((response as JsonObject)[member] as JsonObject)['id'] as string;
  };
  const hours = {
    time_zone: 'UTC',
    weekly: [{ days: ['TUESDAY', 'WEDNESDAY', 'THURSDAY'], from: '09:00', to: '18:00' }],
  };
  await ask('service', rpc.setAvailability, { coach_hash_id, availability: hours });
  await ask('service', rpc.setBookingPolicy, { coach_hash_id, booking_policy: { grid: 15 } });
  for (const owner of [{ coach_hash_id }, { client_hash_id }]) await made(rpc.createCalendarLink, owner, 'link');
  const calendar_source = { url: 'https://calendar.example/basic.ics' };
  await ask('service', rpc.setCalendarSource, { coach_hash_id, source: 'google', calendar_source });
  const daily = { local_start: '2030-05-07T09:00', time_zone: 'UTC', duration: 60, recurrence: 'FREQ=DAILY;COUNT=2' };
  return {
    ...people,
    session: await made(
      rpc.scheduleSession,
      { session: { ...people, start: '2030-06-04T09:00:00Z', duration: 60 } },
      'session',
    ),
    series: await made(rpc.scheduleSeries, { series: { ...people, ...daily } }, 'series'),
    hold: await made(
      rpc.holdSlot,
      { hold: { ...people, start: '2030-06-04T12:00:00Z', duration: 60 }, ttl_seconds: 1_800 },
      'hold',
    ),
    timeOff: await made(
      rpc.addTimeOff,
      { coach_hash_id, time_off: { first_date: '2030-08-01', last_date: '2030-08-02' } },
      'time_off',
    ),
  };
}

/** What an answer is, as the table has it. */
function kindOf({ code, response }: rpc.Answer, method: rpc.DoorMethod): Expected {
  const isEmpty = code === 'OK' && method.name.startsWith('List') && Object.keys(response as object).length === 0;
  return isEmpty ? 'an empty list' : code;
}

/** What every door answers. */
async function throughEveryDoor(caller: Caller | 'nobody', method: rpc.DoorMethod, request: JsonObject) {
  const answers = await Promise.all(
    doors.get(caller)!.map(async (door) => [door.name, kindOf(await door.call(method, request), method)] as const),
  );
  return Object.fromEntries(answers);
}

const everywhere = (expected: Expected) => {
  return Object.fromEntries(['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'].map((door) => [door, expected]));
};

function expectedOf(row: Row, caller: Caller, whose: 'own' | 'others'): Expected {
  if (caller === 'admin') return row.allowed;
  if (caller === 'service') return row.adminsOnly ? 'PermissionDenied' : row.allowed;
  if (caller === 'analyst') return row.analyst ? row.allowed : 'PermissionDenied';
  const may = caller.split(' and ').some((role) => row[role as 'coach' | 'client']);
  if (!may) return 'PermissionDenied';
  return whose === 'own' ? row.allowed : row.others;
}

test('the table has every rpc', () => {
  const all = [SessionService, AvailabilityService, WebhookService, CalendarService].flatMap(({ methods }) =>
    methods.map(({ name }) => name),
  );
  expect([...TABLE, ...CANCELLING].map(({ method }) => method.name).sort()).toEqual(all.sort());
});

describe.each(TABLE.map((row) => [row.method.name, row] as const))('%s', (_, row) => {
  test.each(CALLERS.flatMap((caller) => (['own', 'others'] as const).map((whose) => [caller, whose] as const)))(
    'by %s, about %s',
    async (caller, whose) => {
      const request = row.request(whose === 'own' ? own : others, caller);
      expect(await throughEveryDoor(caller, row.method, request)).toEqual(everywhere(expectedOf(row, caller, whose)));
    },
  );

  test('by nobody', async () => {
    expect(await throughEveryDoor('nobody', row.method, row.request(own, 'nobody'))).toEqual(
      everywhere('Unauthenticated'),
    );
  });
});

describe.each(CANCELLING.map((row) => [row.method.name, row] as const))('%s', (_, { method, request }) => {
  test.each<[Caller, string, 'own' | 'others', Expected]>([
    ['service', 'PARTY_COACH', 'own', 'OK'],
    ['admin', 'PARTY_ORGANIZATION', 'own', 'OK'],
    ['analyst', 'PARTY_COACH', 'own', 'PermissionDenied'],
    ['coach', 'PARTY_COACH', 'own', 'OK'],
    ['coach', 'PARTY_CLIENT', 'own', 'PermissionDenied'],
    ['coach', 'PARTY_ORGANIZATION', 'own', 'PermissionDenied'],
    ['coach', 'PARTY_COACH', 'others', 'NotFound'],
    ['client', 'PARTY_CLIENT', 'own', 'OK'],
    ['client', 'PARTY_COACH', 'own', 'PermissionDenied'],
    ['client', 'PARTY_ORGANIZATION', 'own', 'PermissionDenied'],
    ['client', 'PARTY_CLIENT', 'others', 'NotFound'],
    ['client', 'PARTY_COACH', 'others', 'NotFound'],
  ])('by %s as %s, about %s: %4$s', async (caller, cancelled_by, whose, expected) => {
    const asked = { ...request(whose === 'own' ? own : others), cancelled_by, validate_only: true };
    expect(await throughEveryDoor(caller, method, asked)).toEqual(everywhere(expected));
  });
});

describe('a client', () => {
  const FREE = { start: '2030-06-04T15:00:00Z', duration: 60 };
  const WEEK = { from: '2030-06-03T00:00:00Z', to: '2030-06-10T00:00:00Z', duration: 60 };
  const withOtherCoach = { coach_hash_id: OTHERS.coach_hash_id, client_hash_id: OWN.client_hash_id };

  test.each<[string, rpc.DoorMethod, JsonObject]>([
    ['books any coach', rpc.scheduleSession, { session: { ...withOtherCoach, ...FREE }, validate_only: true }],
    ['finds the slots of any coach', rpc.findSlots, { coach_hash_id: OTHERS.coach_hash_id, ...WEEK }],
    ['has a slot of any coach explained', rpc.explainSlot, { ...withOtherCoach, ...FREE }],
  ])('%s', async (_, method, request) => {
    expect(await throughEveryDoor('client', method, request)).toEqual(everywhere('OK'));
  });

  test('is told when a coach is taken, and no id of whom the coach meets', async () => {
    for (const method of [rpc.explainSlot, rpc.scheduleSession]) {
      const taken = { ...withOtherCoach, start: '2030-06-04T09:00:00Z', duration: 60 };
      const answer = await ask('client', method, method === rpc.explainSlot ? taken : { session: taken });
      const text = JSON.stringify(answer);
      expect(text).toContain('COACH_OVERLAP');
      for (const secret of [OTHERS.client_hash_id, others.session]) expect(text).not.toContain(secret);
    }
  });

  test('finds no slots for a session of others', async () => {
    const request = { coach_hash_id: OTHERS.coach_hash_id, session_id: others.session, ...WEEK };
    expect(await throughEveryDoor('client', rpc.findSlots, request)).toEqual(everywhere('NotFound'));
  });

  test('cannot book against a policy', async () => {
    const request = { session: { ...OWN, ...FREE }, ignore_policy: true, validate_only: true };
    expect(await throughEveryDoor('client', rpc.scheduleSession, request)).toEqual(everywhere('PermissionDenied'));
    const move = { id: own.session, ...FREE, ignore_policy: true, validate_only: true };
    expect(await throughEveryDoor('client', rpc.rescheduleSession, move)).toEqual(everywhere('PermissionDenied'));
  });
});

describe('a list without a filter', () => {
  test.each<[Caller, readonly string[]]>([
    ['service', ['own', 'others']],
    ['analyst', ['own', 'others']],
    ['coach', ['own']],
    ['client', ['own']],
  ])('has for a %s what is of %j', async (caller, whose) => {
    for (const [method, member, thing] of [
      [rpc.listSessions, 'sessions', 'session'],
      [rpc.listHolds, 'holds', 'hold'],
      [rpc.listSeries, 'series', 'series'],
    ] as const) {
      const { response } = await ask(caller, method, {});
      const ids = ((response as JsonObject)[member] as JsonObject[]).map(({ id }) => id);
      expect([ids.includes(own[thing]), ids.includes(others[thing])], member).toEqual([true, whose.includes('others')]);
    }
  });

  test('must be of the coach or of the client, for a caller who is both', async () => {
    expect(await throughEveryDoor('coach and client', rpc.listSessions, {})).toEqual(everywhere('InvalidArgument'));
  });
});

describe('what is of somebody else', () => {
  const UNKNOWN = '0190a5b0-0000-7000-8000-000000000000';

  test.each<[string, (session: string) => [string, RequestInit?]]>([
    ['got', (session) => [`/api/v1/sessions/${session}`]],
    ['cancelled', (session) => [`/api/v1/sessions/${session}:cancel`, cancellation]],
    [
      'changed with an etag',
      (session) => [`/api/v1/sessions/${session}:cancel`, { ...cancellation, headers: { ...json, 'if-match': '"1"' } }],
    ],
  ])('is answered as what there is not, to the letter, when it is %s', async (_, requestFor) => {
    const answers = [];
    for (const session of [others.session, UNKNOWN]) {
      const [path, init] = requestFor(session);
      const answer = await fetch(service.httpUrl + path, {
        ...init,
        headers: { ...init?.headers, ...callers.headersOf('client'), 'x-correlation-id': 'same' },
      });
      const { date: _date, ...headers } = Object.fromEntries(answer.headers);
      answers.push({ status: answer.status, headers, body: (await answer.text()).replace(session, '<id>') });
    }
    expect(answers[0]).toEqual(answers[1]);
  });
});

const json = { 'content-type': 'application/json' };
const cancellation = { method: 'POST', headers: json, body: JSON.stringify({ cancelled_by: 'PARTY_CLIENT' }) };
