import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Code } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/support/service.js';
import { startTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.js';
import * as browser from '../src/browser.js';
import * as node from '../src/node.js';
import {
  isAgainstPolicy,
  isInvalidFields,
  isNotFound,
  isOverlap,
  isSeriesConflict,
  isStaleEtag,
} from '../src/public.js';

const start = node.timestampFromDate(new Date('2030-12-01T14:30:00Z'));

let service: TestService;
let proxies: Readonly<Record<'http' | 'grpc', TcpProxy>>;
let people: { coachHashId: string; clientHashId: string };

beforeAll(async () => {
  service = await startTestService();
  proxies = { http: await startTcpProxy(service.httpUrl), grpc: await startTcpProxy(`http://${service.grpcAddress}`) };
});

afterAll(async () => {
  await Promise.all([proxies.http.close(), proxies.grpc.close()]);
  await service.stop();
});

beforeEach(() => {
  people = { coachHashId: randomUUID(), clientHashId: randomUUID() };
});

/** Every entry of the package, with every transport that it has. */
const CLIENTS = [
  ['node', 'connect', 'http'],
  ['node', 'grpc-web', 'http'],
  ['node', 'grpc', 'grpc'],
  ['browser', 'connect', 'http'],
  ['browser', 'grpc-web', 'http'],
] as const;

describe.each(CLIENTS)('%s, %s', (entry, transport, door) => {
  const clientAt = (baseUrl: string) => ({ node, browser })[entry].createSchedulerClient({ baseUrl, transport });
  const client = () => clientAt(door === 'http' ? service.httpUrl : `http://${service.grpcAddress}`);

  test('books a session and reads it back', async () => {
    const booked = await client().scheduleSession({ session: { ...people, start, duration: 60 } });
    expect(booked.session).toMatchObject({ ...people, start, duration: 60 });
    const { session } = await client().getSession({
      id: booked.session?.id ?? '',
      consistencyToken: booked.consistencyToken,
    });
    expect(session).toEqual(booked.session);
  });

  test('says what is in the way', async () => {
    await client().scheduleSession({ session: { ...people, start, duration: 60 } });
    const error = await failureOf(client().scheduleSession({ session: { ...people, start, duration: 30 } }));
    expect(isOverlap(error) && error).toMatchObject({
      code: Code.AlreadyExists,
      reason: 'COACH_OVERLAP',
      inTheWay: { start: new Date('2030-12-01T14:30:00Z'), end: new Date('2030-12-01T15:30:00Z') },
    });
  });

  test('says which occurrences of a series cannot be booked', async () => {
    await client().scheduleSession({ session: { ...people, start, duration: 60 } });
    const series = { ...people, localStart: '2030-11-30T15:00', timeZone: 'UTC', duration: 30 };
    const error = await failureOf(client().scheduleSeries({ series: { ...series, recurrence: 'FREQ=DAILY;COUNT=3' } }));
    expect(isSeriesConflict(error) && error.conflicts).toEqual([
      {
        occurrence: 2,
        reason: 'COACH_OVERLAP',
        start: new Date('2030-12-01T15:00:00Z'),
        end: new Date('2030-12-01T15:30:00Z'),
        inTheWay: { start: new Date('2030-12-01T14:30:00Z'), end: new Date('2030-12-01T15:30:00Z') },
        obstacles: [],
      },
    ]);
  });

  test('finds a slot, and books it', async () => {
    const { coachHashId } = people;
    const weekly = [{ days: [node.DayOfWeek.SUNDAY], from: '16:00', to: '17:00' }];
    await client().setAvailability({ coachHashId, availability: { timeZone: 'Europe/Zurich', weekly } });
    const { slots } = await client().findSlots({ coachHashId, from: start, duration: 60, limit: 1 });
    expect(slots).toMatchObject([{ coachHashId, localStart: '2030-12-01T16:00:00+01:00' }]);
    const session = { ...people, start: slots[0]!.start!, duration: 60 };
    expect(await client().scheduleSession({ session })).toMatchObject({ session });
  });

  test('says which rules are in the way of a slot, and of the occurrences of a series', async () => {
    const { coachHashId } = people;
    await client().setAvailability({ coachHashId, availability: { timeZone: 'UTC' } });
    await client().setBookingPolicy({ coachHashId, bookingPolicy: { durations: [30] } });
    const refused = await failureOf(client().scheduleSession({ session: { ...people, start, duration: 60 } }));
    const times = { start: new Date('2030-12-01T14:30:00Z'), end: new Date('2030-12-01T15:30:00Z') };
    expect(isAgainstPolicy(refused) && refused).toMatchObject({
      code: Code.FailedPrecondition,
      obstacles: [
        { code: 'OUTSIDE_HOURS', message: 'The coach has no hours on 2030-12-01.', ...times, hours: [] },
        { code: 'DURATION', message: expect.stringMatching(/30 minutes/), ...times },
      ],
      conflicts: [],
    });

    const mornings = {
      localStart: '2030-12-01T15:00',
      timeZone: 'UTC',
      duration: 30,
      recurrence: 'FREQ=DAILY;COUNT=2',
    };
    const error = await failureOf(client().scheduleSeries({ series: { ...people, ...mornings } }));
    expect(isAgainstPolicy(error) && error.conflicts).toMatchObject([
      { occurrence: 1, reason: 'AGAINST_POLICY', obstacles: ['OUTSIDE_HOURS'] },
      { occurrence: 2, reason: 'AGAINST_POLICY', obstacles: ['OUTSIDE_HOURS'] },
    ]);
  });

  test('says which etag a session has', async () => {
    const { session } = await client().scheduleSession({ session: { ...people, start, duration: 60 } });
    const error = await failureOf(client().rescheduleSession({ id: session?.id ?? '', duration: 30, etag: '"old"' }));
    expect(isStaleEtag(error) && error).toMatchObject({ etag: session?.etag, attempts: 1 });
  });

  test('says which fields break rules', async () => {
    const error = await failureOf(client().scheduleSession({ session: { ...people, start, duration: 0 } }));
    expect(isInvalidFields(error) && error.violations).toEqual([
      { field: 'session.duration', description: expect.stringContaining('1') },
    ]);
  });

  test('says that there is no such session', async () => {
    const error = await failureOf(client().getSession({ id: randomUUID() }));
    expect(isNotFound(error)).toBe(true);
    expect(error).toMatchObject({ reason: undefined, requestId: undefined, attempts: 1 });
  });

  test('sends a command again whose answer was lost, and it takes effect once', async () => {
    const proxied = clientAt(proxies[door].url);
    const lost = proxies[door].loseAnswerTo(people.coachHashId);
    const booked = await proxied.scheduleSession({ session: { ...people, start, duration: 60 } });
    await lost;
    const { sessions } = await client().listSessions(people);
    expect(sessions).toEqual([booked.session]);
  });

  test('gives up at the time limit when there is no service, and tells the request id', async () => {
    const nobody = clientAt('http://127.0.0.1:1');
    const session = { ...people, start, duration: 60 };
    const error = await failureOf(nobody.scheduleSession({ session, requestId: 'mine' }, { timeoutMs: 1_500 }));
    expect(error).toMatchObject({ code: Code.Unavailable, reason: undefined, requestId: 'mine' });
    expect(error).toHaveProperty(
      'attempts',
      expect.toSatisfy((attempts) => attempts > 1),
    );
  });
});

test('browsers are told that they cannot speak gRPC', () => {
  const create = () => browser.createSchedulerClient({ baseUrl: 'http://localhost:50051', transport: 'grpc' });
  expect(create).toThrow("use the transport 'connect' or 'grpc-web'");
});

test('an address without a scheme is refused at once', () => {
  expect(() => node.createSchedulerClient({ baseUrl: 'localhost:3000' })).toThrow('baseUrl must begin with http://');
});

function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('the call was answered'),
    (error) => error,
  );
}

test('the package has the version of the service', async () => {
  const versions = ['package.json', 'clients/typescript/package.json', 'clients/typescript/package-lock.json'].map(
    async (file) => JSON.parse(await readFile(file, 'utf8')).version,
  );
  expect(new Set(await Promise.all(versions)).size).toBe(1);
});
