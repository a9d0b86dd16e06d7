import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  type Door,
  getSeries,
  getSession,
  listHolds,
  listSeries,
  listSessions,
  scheduleSession,
} from '../support/doors.js';
import type { TestService } from '../support/service.js';
import { useDoors } from './through-every-door.js';

const DOORS = ['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'];
const JSON_DOORS = ['REST', 'Connect JSON'];

/** A well-formed session of a coach and a client that no other test has. */
const session = (given: JsonObject = {}): JsonObject => ({
  coach_hash_id: randomUUID(),
  client_hash_id: randomUUID(),
  start: '2030-05-01T09:00:00Z',
  duration: 60,
  ...given,
});

/** A session without one of its fields. */
function sessionWithout(field: string): JsonObject {
  const { [field]: _, ...rest } = session();
  return rest;
}

const bookedSession = ({ response }: Answer) => (response as { session: JsonObject }).session;
const sessionsIn = ({ response }: Answer) => (response as { sessions?: JsonObject[] }).sessions ?? [];
const nextPageToken = ({ response }: Answer) => (response as { next_page_token?: string }).next_page_token ?? '';

const HASH_ID_RULE = 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -';
const DURATION_RULE = 'must be whole minutes, 1 to 1440';

/** Requests to refuse: the method, the request, and the fields at fault with the rules they broke. */
const REFUSED: [string, Parameters<Door['call']>[0], JsonObject, [string, string][]][] = [
  ['no session', scheduleSession, {}, [['session', 'is required']]],
  [
    'an empty session',
    scheduleSession,
    { session: {} },
    [
      ['session.coach_hash_id', 'is required'],
      ['session.client_hash_id', 'is required'],
      ['session.start', 'is required'],
      ['session.duration', DURATION_RULE],
    ],
  ],
  [
    'no coach',
    scheduleSession,
    { session: sessionWithout('coach_hash_id') },
    [['session.coach_hash_id', 'is required']],
  ],
  [
    'an empty coach',
    scheduleSession,
    { session: session({ coach_hash_id: '' }) },
    [['session.coach_hash_id', 'is required']],
  ],
  [
    'no client',
    scheduleSession,
    { session: sessionWithout('client_hash_id') },
    [['session.client_hash_id', 'is required']],
  ],
  ['no start', scheduleSession, { session: sessionWithout('start') }, [['session.start', 'is required']]],
  ['no duration', scheduleSession, { session: sessionWithout('duration') }, [['session.duration', DURATION_RULE]]],
  ['a duration of 0', scheduleSession, { session: session({ duration: 0 }) }, [['session.duration', DURATION_RULE]]],
  ['a duration of -5', scheduleSession, { session: session({ duration: -5 }) }, [['session.duration', DURATION_RULE]]],
  [
    'a duration of 1441',
    scheduleSession,
    { session: session({ duration: 1441 }) },
    [['session.duration', DURATION_RULE]],
  ],
  [
    'a coach of 129 characters',
    scheduleSession,
    { session: session({ coach_hash_id: 'x'.repeat(129) }) },
    [['session.coach_hash_id', HASH_ID_RULE]],
  ],
  [
    'a client with a space',
    scheduleSession,
    { session: session({ client_hash_id: 'a b' }) },
    [['session.client_hash_id', HASH_ID_RULE]],
  ],
  [
    'a client with NUL',
    scheduleSession,
    { session: session({ client_hash_id: 'a\u0000b' }) },
    [['session.client_hash_id', HASH_ID_RULE]],
  ],
  [
    'a coach with an emoji',
    scheduleSession,
    { session: session({ coach_hash_id: 'coach-🙂' }) },
    [['session.coach_hash_id', HASH_ID_RULE]],
  ],
  [
    'a start finer than a millisecond',
    scheduleSession,
    { session: session({ start: '2030-05-01T09:00:00.0001Z' }) },
    [['session.start', 'must not be finer than a millisecond']],
  ],
  [
    'an end after the year 9999',
    scheduleSession,
    { session: session({ start: '9999-12-31T23:30:00Z' }) },
    [['session.start', 'the session must end by the year 9999']],
  ],
  [
    'a request id with a space',
    scheduleSession,
    { session: session(), request_id: 'a b' },
    [['request_id', 'must be 1 to 128 printable ASCII characters without spaces']],
  ],
  [
    'a request id of 129 characters',
    scheduleSession,
    { session: session(), request_id: 'x'.repeat(129) },
    [['request_id', 'must be 1 to 128 printable ASCII characters without spaces']],
  ],
  ['an id that is no UUID', getSession, { id: '123' }, [['id', 'must be a UUID']]],
  [
    'a consistency token that is none',
    getSession,
    { id: randomUUID(), consistency_token: 'x' },
    [['consistency_token', 'must be a token that this service gave']],
  ],
  [
    'a consistency token of another log',
    getSession,
    { id: randomUUID(), consistency_token: Buffer.from('["p999999999999"]').toString('base64url') },
    [['consistency_token', 'is ahead of the event log: it comes from another log']],
  ],
  ['a page size of -1', listSessions, { page_size: -1 }, [['page_size', 'must be 1 or more, or 0 for the default']]],
  [
    'a page token that is none',
    listSessions,
    { page_token: 'x' },
    [['page_token', 'must be a next_page_token that this service gave']],
  ],
  [
    'a span that ends before it begins',
    listSessions,
    { from: '2030-05-02T00:00:00Z', to: '2030-05-01T00:00:00Z' },
    [['from', 'must not be after to']],
  ],
  [
    'a list from a microsecond after its end',
    listSessions,
    { from: '2030-05-01T00:00:00.000002Z', to: '2030-05-01T00:00:00.000001Z' },
    [['from', 'must not be after to']],
  ],
  ['a filter for an odd coach', listSessions, { coach_hash_id: 'a b' }, [['coach_hash_id', HASH_ID_RULE]]],
  ['holds of an odd coach', listHolds, { coach_hash_id: 'a b' }, [['coach_hash_id', HASH_ID_RULE]]],
  [
    'holds of a state that is none',
    listHolds,
    { states: ['HOLD_STATE_OPEN', 'HOLD_STATE_UNSPECIFIED'] },
    [['states[1]', 'must not be unspecified']],
  ],
  [
    'holds with a page token that is none',
    listHolds,
    { page_token: 'x' },
    [['page_token', 'must be a next_page_token that this service gave']],
  ],
  ['series of an odd client', listSeries, { client_hash_id: 'a b' }, [['client_hash_id', HASH_ID_RULE]]],
  [
    'series of a span that ends before it begins',
    listSeries,
    { from: '2030-05-02T00:00:00Z', to: '2030-05-01T00:00:00Z' },
    [['from', 'must not be after to']],
  ],
  ['a series id that is no UUID', getSeries, { series_id: '123' }, [['series_id', 'must be a UUID']]],
];

/** What only JSON can say wrongly. */
const REFUSED_JSON: [string, JsonObject, string, RegExp][] = [
  ['an unknown field', { session: session({ coach: 'x' }) }, 'session.coach', /unknown/],
  ['an unknown field at the top', { session: session(), extra: 1 }, 'extra', /unknown/],
  ['a text for a session', { session: 'x' }, 'session', /object/],
  ['a list for a session', { session: [] }, 'session', /object/],
  ['a number for a coach', { session: session({ coach_hash_id: 123 }) }, 'session.coach_hash_id', /string/],
  ['a duration of 1.5', { session: session({ duration: 1.5 }) }, 'session.duration', /whole number|integer/],
  [
    'a duration of "an hour"',
    { session: session({ duration: 'an hour' }) },
    'session.duration',
    /whole number|integer/,
  ],
  [
    'a duration beyond 32 bits',
    { session: session({ duration: 3_000_000_000 }) },
    'session.duration',
    /whole number|integer|32/,
  ],
  ['a start without a zone', { session: session({ start: '2030-05-01T09:00:00' }) }, 'session.start', /zone/],
  ['a start that is nonsense', { session: session({ start: 'tomorrow' }) }, 'session.start', /RFC 3339/],
  ['a start on 30 February', { session: session({ start: '2030-02-30T09:00:00Z' }) }, 'session.start', /./],
  ['a start in the year 10000', { session: session({ start: '10000-01-01T00:00:00Z' }) }, 'session.start', /./],
  ['a leap second', { session: session({ start: '2016-12-31T23:59:60Z' }) }, 'session.start', /./],
  ['a start as a number', { session: session({ start: 1_900_000_000 }) }, 'session.start', /RFC 3339/],
];

/**
 * Every request of the table through every door of one service.
 * @param start starts the service
 */
export function everyDoor(start: () => Promise<TestService>): void {
  const { all, doorNamed } = useDoors(start);

  test('the table covers every door', () => {
    expect(all().map(({ name }) => name)).toEqual(DOORS);
    expect(
      all()
        .filter(({ takesJson }) => takesJson)
        .map(({ name }) => name),
    ).toEqual(JSON_DOORS);
  });

  describe.each(DOORS)('through %s', (name) => {
    const call: Door['call'] = (method, request) => doorNamed(name).call(method, request);

    test('a session is booked, and both reads show it at once', async () => {
      const wanted = session();
      const answer = await call(scheduleSession, { session: wanted });
      expect(answer).toMatchObject({ code: 'OK', response: { session: wanted } });

      const booked = bookedSession(answer);
      expect(booked).toMatchObject({ state: 'SESSION_STATE_SCHEDULED', created_at: booked['updated_at'] });
      expect(await call(getSession, { id: booked['id'] as string })).toMatchObject({ response: { session: booked } });
      const listed = await call(listSessions, { coach_hash_id: wanted['coach_hash_id'] as string });
      expect(sessionsIn(listed)).toEqual([booked]);
    });

    test('a taken time is refused with the interval in the way', async () => {
      const wanted = session();
      await call(scheduleSession, { session: wanted });
      expect(await call(scheduleSession, { session: { ...wanted, start: '2030-05-01T09:59:00Z' } })).toEqual({
        code: 'AlreadyExists',
        reason: 'COACH_OVERLAP',
        interval: { start: '2030-05-01T09:00:00Z', end: '2030-05-01T10:00:00Z' },
        violations: [],
        retry: false,
      });
    });

    test('sessions may touch', async () => {
      const wanted = session();
      await call(scheduleSession, { session: wanted });
      const after = await call(scheduleSession, { session: { ...wanted, start: '2030-05-01T10:00:00Z' } });
      expect(after.code).toBe('OK');
    });

    test('what the service gives is ignored on input', async () => {
      const id = randomUUID();
      const answer = await call(scheduleSession, { session: session({ id, created_at: '2000-01-01T00:00:00Z' }) });
      expect(bookedSession(answer)['id']).not.toBe(id);
    });

    test('a start in another zone is the same instant', async () => {
      const answer = await call(scheduleSession, { session: session({ start: '2030-05-01T09:00:00.250+02:00' }) });
      expect(bookedSession(answer)['start']).toBe('2030-05-01T07:00:00.250Z');
    });

    test('the same request id and content gets the first answer', async () => {
      const request = { session: session(), request_id: randomUUID() };
      const first = await call(scheduleSession, request);
      expect(first.code).toBe('OK');
      expect(await call(scheduleSession, request)).toEqual(first);
    });

    test('the same request id with other content is refused', async () => {
      const request = { session: session(), request_id: randomUUID() };
      await call(scheduleSession, request);
      const other = await call(scheduleSession, { ...request, session: { ...request.session, duration: 30 } });
      expect(other).toMatchObject({ code: 'InvalidArgument', reason: 'REQUEST_ID_REUSED' });
    });

    test('the same request id for another coach is refused', async () => {
      const request = { session: session(), request_id: randomUUID() };
      await call(scheduleSession, request);
      const other = await call(scheduleSession, { ...request, session: session() });
      expect(other).toMatchObject({ code: 'InvalidArgument', reason: 'REQUEST_ID_REUSED' });
    });

    test('a refusal is not remembered under its request id', async () => {
      const taken = session();
      await call(scheduleSession, { session: taken });
      const request_id = randomUUID();
      expect(await call(scheduleSession, { session: taken, request_id })).toMatchObject({ reason: 'COACH_OVERLAP' });
      expect(await call(scheduleSession, { session: session(), request_id })).toMatchObject({ code: 'OK' });
    });

    test('an unknown session is not found', async () => {
      expect(await call(getSession, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });

    test('an id may be written in capitals', async () => {
      const booked = bookedSession(await call(scheduleSession, { session: session() }));
      const found = await call(getSession, { id: (booked['id'] as string).toUpperCase() });
      expect(bookedSession(found)).toEqual(booked);
    });

    test('a list goes on page by page, in order of start', async () => {
      const coach_hash_id = randomUUID();
      for (const hour of ['11', '09', '10']) {
        await call(scheduleSession, { session: session({ coach_hash_id, start: `2030-05-01T${hour}:00:00Z` }) });
      }
      const first = await call(listSessions, { coach_hash_id, page_size: 2 });
      const second = await call(listSessions, { coach_hash_id, page_size: 2, page_token: nextPageToken(first) });
      expect([...sessionsIn(first), ...sessionsIn(second)].map(({ start }) => start)).toEqual([
        '2030-05-01T09:00:00Z',
        '2030-05-01T10:00:00Z',
        '2030-05-01T11:00:00Z',
      ]);
      expect(nextPageToken(second)).toBe('');

      const elsewhere = { coach_hash_id: randomUUID(), page_token: nextPageToken(first) };
      expect(await call(listSessions, elsewhere)).toMatchObject({
        code: 'InvalidArgument',
        violations: [['page_token', 'is from a request with other arguments']],
      });
    });

    test.each<[string, JsonObject, boolean]>([
      ['ending when the session begins', { to: '2030-05-01T09:00:00Z' }, false],
      ['ending right after the session begins', { to: '2030-05-01T09:00:00.001Z' }, true],
      ['beginning right before the session ends', { from: '2030-05-01T09:59:59.999Z' }, true],
      ['beginning when the session ends', { from: '2030-05-01T10:00:00Z' }, false],
      ['ending a microsecond after the session begins', { to: '2030-05-01T09:00:00.000001Z' }, true],
      ['ending a nanosecond before the session begins', { to: '2030-05-01T08:59:59.999999999Z' }, false],
      ['beginning a microsecond before the session ends', { from: '2030-05-01T09:59:59.999999Z' }, true],
      ['beginning a nanosecond after the session ends', { from: '2030-05-01T10:00:00.000000001Z' }, false],
      ['up to the last nanosecond', { to: '9999-12-31T23:59:59.999999999Z' }, true],
      ['for its state', { state: 'SESSION_STATE_SCHEDULED' }, true],
      ['for another client', { client_hash_id: 'somebody-else' }, false],
    ])('a list %s', async (_, filter, shown) => {
      const wanted = session();
      await call(scheduleSession, { session: wanted });
      const listed = await call(listSessions, { coach_hash_id: wanted['coach_hash_id'] as string, ...filter });
      expect(sessionsIn(listed)).toHaveLength(shown ? 1 : 0);
    });

    test.each(['anna@example.com', 'auth0|5f7c', 'spiffe://example.org/a/b', 'aGk+aGk=', 'a/../b'])(
      '%s is a coach and a client like any other',
      async (name) => {
        const ids = { coach_hash_id: `${name}/${randomUUID()}`, client_hash_id: `${randomUUID()}/${name}` };
        await call(scheduleSession, { session: session(ids) });
        expect(sessionsIn(await call(listSessions, ids))).toMatchObject([ids]);
        const rival = { ...session(ids), client_hash_id: randomUUID() };
        expect(await call(scheduleSession, { session: rival })).toMatchObject({ code: 'AlreadyExists' });
      },
    );

    test('a list for a client shows the sessions with every coach', async () => {
      const client_hash_id = randomUUID();
      await call(scheduleSession, { session: session({ client_hash_id }) });
      await call(scheduleSession, { session: session({ client_hash_id, start: '2030-05-02T09:00:00Z' }) });
      expect(sessionsIn(await call(listSessions, { client_hash_id }))).toHaveLength(2);
    });

    test.each(REFUSED)('%s is refused', async (_, method, request, violations) => {
      expect(await call(method, request)).toEqual({ code: 'InvalidArgument', violations, retry: false });
    });
  });

  describe.each(JSON_DOORS)('JSON through %s', (name) => {
    test.each(REFUSED_JSON)('%s is refused', async (_, request, field, rule) => {
      const answer = await doorNamed(name).call(scheduleSession, request);
      expect(answer).toEqual({
        code: 'InvalidArgument',
        violations: [[field, expect.stringMatching(rule)]],
        retry: false,
      });
    });

    test('both spellings of a field are taken, and digits in a text', async () => {
      const { coach_hash_id: coachHashId, ...rest } = session({ duration: '60' });
      const answer = await doorNamed(name).call(scheduleSession, { session: { ...rest, coachHashId } as JsonObject });
      expect(bookedSession(answer)).toMatchObject({ coach_hash_id: coachHashId, duration: 60 });
    });
  });
}
