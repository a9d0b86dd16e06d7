import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  cancelSeries,
  cancelSession,
  completeSession,
  confirmHold,
  correctOutcome,
  type Door,
  doorsOf,
  getHold,
  getSession,
  getSessionHistory,
  holdSlot,
  listSessions,
  markNoShow,
  releaseHold,
  rescheduleSeries,
  rescheduleSession,
  scheduleSeries,
  scheduleSession,
} from '../support/doors.js';
import type { TestService } from '../support/service.js';

type Method = Parameters<Door['call']>[0];

const PAST = '2020-05-01T09:00:00Z';
const FUTURE = '2030-05-01T09:00:00Z';
const AN_HOUR_LATER = '2030-05-01T10:00:00Z';

/** A coach and a client that no other test has, and a time. */
const wanted = (given: JsonObject = {}): JsonObject => ({
  coach_hash_id: randomUUID(),
  client_hash_id: randomUUID(),
  start: FUTURE,
  duration: 60,
  ...given,
});

/** Five Mondays, over the day on which clocks are put forward in Zurich. */
const wantedSeries = (given: JsonObject = {}): JsonObject => ({
  coach_hash_id: randomUUID(),
  client_hash_id: randomUUID(),
  local_start: '2030-03-18T09:30',
  time_zone: 'Europe/Zurich',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=5',
  ...given,
});

const MONDAYS = [
  '2030-03-18T08:30:00Z',
  '2030-03-25T08:30:00Z',
  '2030-04-01T07:30:00Z',
  '2030-04-08T07:30:00Z',
  '2030-04-15T07:30:00Z',
];

const responseOf = ({ response }: Answer) => (response ?? {}) as Record<string, JsonObject>;
const sessionIn = (answer: Answer) => responseOf(answer)['session'] as JsonObject;
const sessionsIn = (answer: Answer) => (responseOf(answer)['sessions'] ?? []) as unknown as JsonObject[];
const changesIn = (answer: Answer) => responseOf(answer)['changes'] as unknown as JsonObject[];
const startsIn = (answer: Answer) => sessionsIn(answer).map(({ start }) => start);
const idIn = (answer: Answer) => sessionIn(answer)['id'] as string;
const holdIn = (answer: Answer) => responseOf(answer)['hold'] as JsonObject;
const seriesIdIn = (answer: Answer) => responseOf(answer)['series']?.['id'] as string;

/** Commands for a session that is there. */
const ON_SESSIONS: [name: string, method: Method, request: JsonObject][] = [
  ['reschedule', rescheduleSession, { start: PAST, duration: 30, reason: 'ill' }],
  ['cancel', cancelSession, { cancelled_by: 'PARTY_CLIENT', reason: 'ill' }],
  ['complete', completeSession, {}],
  ['no-show', markNoShow, { absent: 'PARTY_CLIENT' }],
  ['correct', correctOutcome, { outcome: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_COACH', reason: 'a mistake' }],
];

/** What each command leaves of a session that is scheduled and has begun. */
const LEAVES: Record<string, JsonObject> = {
  reschedule: { state: 'SESSION_STATE_SCHEDULED', start: PAST, duration: 30, reason: 'ill' },
  cancel: { state: 'SESSION_STATE_CANCELLED', cancelled_by: 'PARTY_CLIENT', reason: 'ill' },
  complete: { state: 'SESSION_STATE_COMPLETED' },
  'no-show': { state: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_CLIENT' },
};

/** The reasons why a command is refused, by what was done with the session before. */
const REFUSED: Record<string, Record<string, string>> = {
  nothing: { correct: 'SESSION_HAS_NO_OUTCOME' },
  cancel: {
    reschedule: 'SESSION_CANCELLED',
    cancel: 'SESSION_CANCELLED',
    complete: 'SESSION_CANCELLED',
    'no-show': 'SESSION_CANCELLED',
    correct: 'SESSION_CANCELLED',
  },
  complete: {
    reschedule: 'SESSION_COMPLETED',
    cancel: 'SESSION_COMPLETED',
    complete: 'SESSION_COMPLETED',
    'no-show': 'SESSION_COMPLETED',
  },
  'no-show': {
    reschedule: 'SESSION_NO_SHOW',
    cancel: 'SESSION_NO_SHOW',
    complete: 'SESSION_NO_SHOW',
    'no-show': 'SESSION_NO_SHOW',
  },
};

const TRANSITIONS = Object.entries(REFUSED).flatMap(([before, reasons]) =>
  Object.entries(reasons).map(([command, reason]): [string, string, string] => [command, before, reason]),
);

/** Requests with mistakes, and the fields at fault. */
const MISTAKES: [string, Method, JsonObject, string[]][] = [
  ['a session without a UUID', cancelSession, { id: '1', cancelled_by: 'PARTY_COACH' }, ['id']],
  ['nobody who cancels', cancelSession, { id: randomUUID() }, ['cancelled_by']],
  [
    'a reason of 1001 characters',
    cancelSession,
    { id: randomUUID(), reason: 'x'.repeat(1001) },
    ['cancelled_by', 'reason'],
  ],
  ['no new time', rescheduleSession, { id: randomUUID() }, ['start']],
  ['a duration of 1441', rescheduleSession, { id: randomUUID(), duration: 1441 }, ['duration']],
  ['an organization that is absent', markNoShow, { id: randomUUID(), absent: 'PARTY_ORGANIZATION' }, ['absent']],
  ['no outcome', correctOutcome, { id: randomUUID(), reason: 'r' }, ['outcome']],
  [
    'an outcome with nobody absent',
    correctOutcome,
    { id: randomUUID(), outcome: 'SESSION_STATE_NO_SHOW' },
    ['absent', 'reason'],
  ],
  [
    'somebody absent from what took place',
    correctOutcome,
    { id: randomUUID(), outcome: 'SESSION_STATE_COMPLETED', absent: 'PARTY_COACH', reason: 'r' },
    ['absent'],
  ],
  ['no series', scheduleSeries, {}, ['series']],
  [
    'an empty series',
    scheduleSeries,
    { series: {} },
    ['coach_hash_id', 'client_hash_id', 'duration', 'local_start', 'time_zone', 'recurrence'].map((f) => `series.${f}`),
  ],
  ['a zone that is none', scheduleSeries, { series: wantedSeries({ time_zone: 'Mars' }) }, ['series.time_zone']],
  ['a start with a zone', scheduleSeries, { series: wantedSeries({ local_start: FUTURE }) }, ['series.local_start']],
  [
    'a series without end',
    scheduleSeries,
    { series: wantedSeries({ recurrence: 'FREQ=DAILY' }) },
    ['series.recurrence'],
  ],
  [
    'a series that is too long',
    scheduleSeries,
    { series: wantedSeries({ recurrence: 'FREQ=DAILY;COUNT=105' }) },
    ['series.recurrence'],
  ],
  [
    'a series beyond the year 9999',
    scheduleSeries,
    { series: wantedSeries({ local_start: '9999-12-31T09:30', recurrence: 'FREQ=DAILY;COUNT=2' }) },
    ['series.recurrence'],
  ],
  [
    'a series in the year 0',
    scheduleSeries,
    { series: wantedSeries({ local_start: '0001-01-01T00:00' }) },
    ['series.recurrence'],
  ],
  ['a series to cancel by nobody', cancelSeries, { series_id: 'x' }, ['series_id', 'cancelled_by']],
  [
    'a series to move nowhere',
    rescheduleSeries,
    { series_id: randomUUID(), from_occurrence: -1 },
    ['from_occurrence', 'local_start'],
  ],
  [
    'an empty hold',
    holdSlot,
    { hold: {}, ttl_seconds: 1801 },
    ['ttl_seconds', 'hold.coach_hash_id', 'hold.client_hash_id', 'hold.start', 'hold.duration'],
  ],
  ['a hold without a UUID', confirmHold, { id: '1' }, ['id']],
  ['a hold of no id', releaseHold, {}, ['id']],
  ['a time and a revision', getSession, { id: randomUUID(), as_of: PAST, as_of_revision: '0' }, ['as_of_revision']],
  ['a negative revision', getSession, { id: randomUUID(), as_of_revision: '-1' }, ['as_of_revision']],
  ['a past of everybody', listSessions, { as_of: PAST }, ['as_of']],
  ['a revision of no coach', listSessions, { as_of_revision: '0', client_hash_id: 'x' }, ['as_of_revision']],
  ['a series that is no UUID', listSessions, { series_id: 'x' }, ['series_id']],
];

/**
 * The whole life of a session through every door of one service.
 * @param start starts the service
 */
export function sessionLife(start: () => Promise<TestService>): void {
  let service: TestService;
  let doors: Door[];

  beforeAll(async () => {
    service = await start();
    doors = doorsOf(service);
  });

  afterAll(async () => {
    for (const door of doors ?? []) door.close();
    await service?.stop();
  });

  describe.each(['REST', 'Connect JSON', 'gRPC-Web', 'gRPC'])('through %s', (name) => {
    const call: Door['call'] = (method, request) => {
      const door = doors.find((one) => one.name === name) as Door;
      return door.call(method, request);
    };

    /** Books a session that has begun, and does something with it. */
    async function sessionAfter(command: string): Promise<JsonObject> {
      const booked = sessionIn(await call(scheduleSession, { session: wanted({ start: PAST }) }));
      const [, method, request] = ON_SESSIONS.find(([one]) => one === command) ?? [];
      if (method) await call(method, { ...request, id: booked['id'] as string });
      return sessionIn(await call(getSession, { id: booked['id'] as string }));
    }

    const on = (command: string) => ON_SESSIONS.find(([one]) => one === command) as (typeof ON_SESSIONS)[number];

    test.each(Object.entries(LEAVES))('%s', async (command, left) => {
      const before = await sessionAfter('nothing');
      const [, method, request] = on(command);
      const answer = await call(method, { ...request, id: before['id'] as string });
      expect(answer).toMatchObject({ code: 'OK', response: { session: left } });
      expect(sessionIn(answer)['etag']).not.toBe(before['etag']);
      expect(sessionIn(await call(getSession, { id: before['id'] as string }))).toEqual(sessionIn(answer));
      const listed = await call(listSessions, { coach_hash_id: before['coach_hash_id'] as string });
      expect(sessionsIn(listed)).toEqual([sessionIn(answer)]);
    });

    test('an outcome is corrected, to and fro', async () => {
      const { id } = await sessionAfter('complete');
      const [, , request] = on('correct');
      expect(await call(correctOutcome, { ...request, id: id as string })).toMatchObject({
        response: { session: { state: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_COACH', reason: 'a mistake' } },
      });
      expect(await call(correctOutcome, { ...request, id: id as string })).toMatchObject({
        code: 'FailedPrecondition',
        reason: 'OUTCOME_UNCHANGED',
      });
      const back = { id: id as string, outcome: 'SESSION_STATE_COMPLETED', reason: 'it was right' };
      const corrected = sessionIn(await call(correctOutcome, back));
      expect(corrected).toMatchObject({ state: 'SESSION_STATE_COMPLETED' });
      expect(corrected['absent']).toBeUndefined();
    });

    test.each(TRANSITIONS)('%s after %s is refused with %s', async (command, before, reason) => {
      const session = await sessionAfter(before);
      const [, method, request] = on(command);
      const answer = await call(method, { ...request, id: session['id'] as string });
      expect(answer).toEqual({ code: 'FailedPrecondition', reason, violations: [], retry: false });
      expect(sessionIn(await call(getSession, { id: session['id'] as string }))).toEqual(session);
    });

    test.each(['complete', 'no-show'])('%s before the start is refused', async (command) => {
      const id = idIn(await call(scheduleSession, { session: wanted() }));
      const [, method, request] = on(command);
      expect(await call(method, { ...request, id })).toMatchObject({ reason: 'SESSION_NOT_STARTED' });
    });

    test.each(ON_SESSIONS)('%s of a session that is not there', async (_, method, request) => {
      expect(await call(method, { ...request, id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });

    test.each(ON_SESSIONS)('%s is refused when the session has changed since', async (_, method, request) => {
      const { id, etag } = await sessionAfter('reschedule');
      const stale = { ...request, id: id as string, etag: String(Number(etag) - 1) };
      expect(await call(method, stale)).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
    });

    test.each(ON_SESSIONS.slice(0, 4))('%s sent again gets the first answer', async (_, method, request) => {
      const { id, etag } = await sessionAfter('nothing');
      const command = { ...request, id: id as string, etag: etag as string, request_id: randomUUID() };
      const first = await call(method, command);
      expect(first.code).toBe('OK');
      expect(await call(method, command)).toEqual(first);
      const other = { ...command, etag: '' };
      expect(await call(method, other)).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
    });

    test.each(ON_SESSIONS.slice(0, 4))(
      '%s that is only validated changes nothing',
      async (command, method, request) => {
        const before = await sessionAfter('nothing');
        const answer = await call(method, { ...request, id: before['id'] as string, validate_only: true });
        expect(answer).toMatchObject({ code: 'OK', response: { session: LEAVES[command] } });
        expect(responseOf(answer)['consistency_token']).toBeUndefined();
        expect(sessionIn(await call(getSession, { id: before['id'] as string }))).toEqual(before);
      },
    );

    test('a booking that is only validated is decided, and not made', async () => {
      const session = wanted();
      const answer = await call(scheduleSession, { session, validate_only: true });
      expect(answer).toMatchObject({ code: 'OK', response: { session } });
      expect([idIn(answer), sessionIn(answer)['etag']]).toEqual([undefined, undefined]);
      expect(sessionsIn(await call(listSessions, { coach_hash_id: session['coach_hash_id'] as string }))).toEqual([]);
      await call(scheduleSession, { session });
      expect(await call(scheduleSession, { session, validate_only: true })).toMatchObject({ reason: 'COACH_OVERLAP' });
    });

    test('a move over its own old time; what it leaves is free, what it takes is taken', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      expect(await call(rescheduleSession, { id, start: '2030-05-01T09:30:00Z' })).toMatchObject({ code: 'OK' });
      const early = { ...session, start: '2030-05-01T08:30:00Z' };
      expect(await call(scheduleSession, { session: early })).toMatchObject({ code: 'OK' });
      expect(await call(scheduleSession, { session: { ...session, start: AN_HOUR_LATER } })).toMatchObject({
        reason: 'COACH_OVERLAP',
        interval: { start: '2030-05-01T09:30:00Z', end: '2030-05-01T10:30:00Z' },
      });
    });

    test('a refused move leaves the old time as it was', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      await call(scheduleSession, { session: { ...session, start: AN_HOUR_LATER } });
      expect(await call(rescheduleSession, { id, duration: 61 })).toMatchObject({ reason: 'COACH_OVERLAP' });
      expect(sessionIn(await call(getSession, { id }))).toMatchObject({ start: FUTURE, duration: 60 });
      expect(await call(scheduleSession, { session })).toMatchObject({ reason: 'COACH_OVERLAP' });
    });

    test('a client is in one session at a time, with whichever coach', async () => {
      const session = wanted();
      const elsewhere = { ...session, coach_hash_id: randomUUID(), start: '2030-05-01T09:59:00Z' };
      const id = idIn(await call(scheduleSession, { session }));
      expect(await call(scheduleSession, { session: elsewhere })).toEqual({
        code: 'AlreadyExists',
        reason: 'CLIENT_OVERLAP',
        interval: { start: FUTURE, end: AN_HOUR_LATER },
        violations: [],
        retry: false,
      });
      await call(cancelSession, { id, cancelled_by: 'PARTY_COACH' });
      expect(await call(scheduleSession, { session: elsewhere })).toMatchObject({ code: 'OK' });
    });

    test('a client keeps the old time when a move into another session is refused', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      await call(scheduleSession, { session: { ...session, coach_hash_id: randomUUID(), start: AN_HOUR_LATER } });
      expect(await call(rescheduleSession, { id, start: AN_HOUR_LATER })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
      const third = { ...session, coach_hash_id: randomUUID() };
      expect(await call(scheduleSession, { session: third })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
    });

    describe('a hold', () => {
      test('keeps the slot for its client, and becomes the session of its id', async () => {
        const hold = wanted();
        const held = await call(holdSlot, { hold });
        expect(held).toMatchObject({ code: 'OK', response: { hold: { ...hold, state: 'HOLD_STATE_OPEN' } } });
        const id = holdIn(held)['id'] as string;
        expect(holdIn(await call(getHold, { id }))).toEqual(holdIn(held));

        const rival = { ...hold, client_hash_id: randomUUID() };
        expect(await call(scheduleSession, { session: rival })).toMatchObject({
          code: 'AlreadyExists',
          reason: 'SLOT_HELD',
          interval: { start: FUTURE, end: AN_HOUR_LATER },
        });
        const elsewhere = { ...hold, coach_hash_id: randomUUID() };
        expect(await call(scheduleSession, { session: elsewhere })).toMatchObject({ reason: 'CLIENT_OVERLAP' });

        const confirmed = await call(confirmHold, { id });
        expect(confirmed).toMatchObject({ code: 'OK', response: { session: { ...hold, id } } });
        expect(sessionIn(await call(getSession, { id }))).toEqual(sessionIn(confirmed));
        expect(holdIn(await call(getHold, { id }))).toMatchObject({ state: 'HOLD_STATE_CONFIRMED' });
        expect(await call(confirmHold, { id })).toMatchObject({ code: 'FailedPrecondition', reason: 'HOLD_CONFIRMED' });
        expect(await call(releaseHold, { id })).toMatchObject({ reason: 'HOLD_CONFIRMED' });
        expect(await call(scheduleSession, { session: elsewhere })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
      });

      test('that is released leaves the slot free', async () => {
        const hold = wanted();
        const id = holdIn(await call(holdSlot, { hold }))['id'] as string;
        expect(await call(releaseHold, { id })).toMatchObject({
          response: { hold: { id, state: 'HOLD_STATE_RELEASED' } },
        });
        expect(await call(confirmHold, { id })).toMatchObject({ reason: 'HOLD_RELEASED' });
        expect(await call(scheduleSession, { session: hold })).toMatchObject({ code: 'OK' });
      });

      test("that has expired is in nobody's way, and cannot be confirmed", async () => {
        const hold = wanted();
        const id = holdIn(await call(holdSlot, { hold, ttl_seconds: 1 }))['id'] as string;
        const state = async () => holdIn(await call(getHold, { id }))['state'];
        await expect.poll(state, { timeout: 5_000 }).toBe('HOLD_STATE_EXPIRED');
        expect(await call(confirmHold, { id })).toMatchObject({ code: 'FailedPrecondition', reason: 'HOLD_EXPIRED' });
        const rival = { ...hold, client_hash_id: randomUUID() };
        expect(await call(scheduleSession, { session: rival })).toMatchObject({ code: 'OK' });
        const elsewhere = { ...hold, coach_hash_id: randomUUID() };
        expect(await call(scheduleSession, { session: elsewhere })).toMatchObject({ code: 'OK' });
        expect(await call(releaseHold, { id })).toMatchObject({ reason: 'HOLD_EXPIRED' });
      });

      test('that is only validated keeps nothing', async () => {
        const hold = wanted();
        const answer = await call(holdSlot, { hold, validate_only: true });
        expect(answer).toMatchObject({ code: 'OK', response: { hold } });
        expect(holdIn(answer)['id']).toBeUndefined();
        expect(await call(scheduleSession, { session: hold })).toMatchObject({ code: 'OK' });
      });

      test('is one of five at most that a client has open', async () => {
        const client_hash_id = randomUUID();
        const holdAt = (hour: number) =>
          call(holdSlot, { hold: wanted({ client_hash_id, start: `2030-05-01T0${hour}:00:00Z` }) });
        const ids = [];
        for (let hour = 1; hour <= 5; hour += 1) ids.push(holdIn(await holdAt(hour))['id'] as string);
        expect(await holdAt(6)).toMatchObject({ code: 'ResourceExhausted', reason: 'HOLD_QUOTA' });
        await call(confirmHold, { id: ids[0] as string });
        expect(await holdAt(6)).toMatchObject({ code: 'OK' });
        expect(await holdAt(7)).toMatchObject({ reason: 'HOLD_QUOTA' });
        await call(releaseHold, { id: ids[1] as string });
        expect(await holdAt(7)).toMatchObject({ code: 'OK' });
      });

      test.each([
        ['confirm', confirmHold],
        ['release', releaseHold],
        ['get', getHold],
      ])('that is not there: %s', async (_, method) => {
        expect(await call(method, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
      });
    });

    describe('a series', () => {
      test('keeps its wall time when clocks are put forward', async () => {
        const series = wantedSeries();
        const answer = await call(scheduleSeries, { series });
        expect(answer).toMatchObject({
          code: 'OK',
          response: { series: { ...series, local_start: '2030-03-18T09:30:00', id: expect.any(String) } },
        });
        expect(startsIn(answer)).toEqual(MONDAYS);
        expect(sessionsIn(answer).map(({ occurrence }) => occurrence)).toEqual([1, 2, 3, 4, 5]);
        const listed = await call(listSessions, { series_id: seriesIdIn(answer) });
        expect(sessionsIn(listed)).toEqual(sessionsIn(answer));
      });

      /** A coach and a client who have something else on some of the Mondays. */
      async function withConflicts(): Promise<JsonObject> {
        const series = wantedSeries();
        const { coach_hash_id, client_hash_id } = series as Record<string, string>;
        const ofCoach = { ...wanted({ start: MONDAYS[1] as string }), coach_hash_id: coach_hash_id as string };
        const ofClient = { ...wanted({ start: MONDAYS[3] as string }), client_hash_id: client_hash_id as string };
        const held = { ...wanted({ start: MONDAYS[4] as string }), coach_hash_id: coach_hash_id as string };
        await call(scheduleSession, { session: ofCoach });
        await call(scheduleSession, { session: ofClient });
        await call(holdSlot, { hold: held });
        return series;
      }

      const CONFLICTS = [
        [2, 'COACH_OVERLAP'],
        [4, 'CLIENT_OVERLAP'],
        [5, 'SLOT_HELD'],
      ];

      test('is booked whole or not at all, and every conflict is told', async () => {
        const series = await withConflicts();
        expect(await call(scheduleSeries, { series })).toEqual({
          code: 'AlreadyExists',
          reason: 'SERIES_CONFLICT',
          conflicts: CONFLICTS,
          violations: [],
          retry: false,
        });
        const listed = await call(listSessions, { client_hash_id: series['client_hash_id'] as string });
        expect(startsIn(listed)).toEqual([MONDAYS[3]]);
      });

      test('leaves out what is in conflict when that is wished', async () => {
        const series = await withConflicts();
        const request = { series, skip_conflicts: true, request_id: randomUUID() };
        const answer = await call(scheduleSeries, request);
        expect(startsIn(answer)).toEqual([MONDAYS[0], MONDAYS[2]]);
        const skipped = responseOf(answer)['skipped'] as unknown as JsonObject[];
        expect(skipped.map(({ occurrence, reason }) => [occurrence, reason])).toEqual(CONFLICTS);
        expect(await call(scheduleSeries, request)).toEqual(answer);
      });

      test('that is only validated is not booked', async () => {
        const series = wantedSeries();
        const answer = await call(scheduleSeries, { series, validate_only: true });
        expect(startsIn(answer)).toEqual(MONDAYS);
        expect(seriesIdIn(answer)).toBeUndefined();
        const { coach_hash_id } = series as Record<string, string>;
        expect(startsIn(await call(listSessions, { coach_hash_id: coach_hash_id as string }))).toEqual([]);
      });

      test('is moved from an occurrence on, over itself', async () => {
        const series_id = seriesIdIn(await call(scheduleSeries, { series: wantedSeries() }));
        const move = { series_id, from_occurrence: 2, local_start: '2030-03-26T10:00', duration: 90 };
        expect(startsIn(await call(rescheduleSeries, move))).toEqual([
          '2030-03-26T09:00:00Z',
          '2030-04-02T08:00:00Z',
          '2030-04-09T08:00:00Z',
          '2030-04-16T08:00:00Z',
        ]);
        const back = { series_id, from_occurrence: 2, local_start: '2030-03-26T10:30' };
        expect(startsIn(await call(rescheduleSeries, back))[0]).toBe('2030-03-26T09:30:00Z');
        expect(startsIn(await call(listSessions, { series_id }))).toHaveLength(5);
      });

      test('stays as it was when it cannot be moved whole', async () => {
        const booked = await call(scheduleSeries, { series: wantedSeries() });
        const { coach_hash_id, client_hash_id } = responseOf(booked)['series'] as Record<string, string>;
        const ofClient = { ...wanted({ start: '2030-04-02T07:30:00Z' }), client_hash_id: client_hash_id as string };
        const ofCoach = { ...wanted({ start: '2030-04-09T07:30:00Z' }), coach_hash_id: coach_hash_id as string };
        await call(scheduleSession, { session: ofClient });
        await call(scheduleSession, { session: ofCoach });
        const move = { series_id: seriesIdIn(booked), local_start: '2030-03-19T09:30' };
        expect(await call(rescheduleSeries, move)).toMatchObject({
          reason: 'SERIES_CONFLICT',
          conflicts: [
            [3, 'CLIENT_OVERLAP'],
            [4, 'COACH_OVERLAP'],
          ],
        });
        expect(sessionsIn(await call(listSessions, { series_id: seriesIdIn(booked) }))).toEqual(sessionsIn(booked));
      });

      test('is called off from an occurrence on, as far as it is still scheduled', async () => {
        const booked = await call(scheduleSeries, { series: wantedSeries() });
        const series_id = seriesIdIn(booked);
        const third = sessionsIn(booked)[2]?.['id'] as string;
        await call(cancelSession, { id: third, cancelled_by: 'PARTY_COACH' });
        const off = { series_id, from_occurrence: 2, cancelled_by: 'PARTY_ORGANIZATION', reason: 'moved away' };
        const answer = await call(cancelSeries, off);
        expect(sessionsIn(answer).map(({ occurrence }) => occurrence)).toEqual([2, 4, 5]);
        expect(sessionsIn(answer)[0]).toMatchObject({ cancelled_by: 'PARTY_ORGANIZATION', reason: 'moved away' });
        expect(await call(cancelSeries, off)).toMatchObject({ code: 'FailedPrecondition', reason: 'SERIES_OVER' });
        const scheduled = { series_id, state: 'SESSION_STATE_SCHEDULED' };
        expect(startsIn(await call(listSessions, scheduled))).toEqual([MONDAYS[0]]);
      });

      test('that is not there', async () => {
        const series_id = randomUUID();
        const answers = [
          await call(cancelSeries, { series_id, cancelled_by: 'PARTY_COACH' }),
          await call(rescheduleSeries, { series_id, local_start: '2030-03-26T10:00' }),
        ];
        expect(answers.map(({ code }) => code)).toEqual(['NotFound', 'NotFound']);
      });
    });

    describe('the past', () => {
      test('every change is told, and the session as it left it', async () => {
        const { id } = await sessionAfter('reschedule');
        const cancel = { id: id as string, cancelled_by: 'PARTY_COACH', reason: 'ill', request_id: randomUUID() };
        await call(cancelSession, cancel);
        const history = changesIn(await call(getSessionHistory, { id: id as string }));
        expect(history).toMatchObject([
          { type: 'SessionScheduled', session: { state: 'SESSION_STATE_SCHEDULED', duration: 60 } },
          { type: 'SessionRescheduled', reason: 'ill', session: { duration: 30 } },
          { type: 'SessionCancelled', request_id: cancel.request_id, session: { cancelled_by: 'PARTY_COACH' } },
        ]);
        for (const change of history) {
          const then = { id: id as string, as_of_revision: (change['revision'] ?? '0') as string };
          expect(sessionIn(await call(getSession, then))).toEqual(change['session']);
        }
        const pages = [];
        for (let page_token = ''; pages.length === 0 || page_token; ) {
          const answer = await call(getSessionHistory, { id: id as string, page_size: 2, page_token });
          pages.push(changesIn(answer));
          page_token = (responseOf(answer)['next_page_token'] ?? '') as string;
        }
        expect(pages.map((page) => page.length)).toEqual([2, 1]);
        expect(pages.flat()).toEqual(history);
      });

      test('a list as it was then; as of now it is the list', async () => {
        const { id, coach_hash_id } = (await sessionAfter('nothing')) as Record<string, string>;
        const of = { coach_hash_id: coach_hash_id as string };
        const before = sessionsIn(await call(listSessions, of));
        const revision = before[0]?.['etag'] as string;
        await call(cancelSession, { id: id as string, cancelled_by: 'PARTY_CLIENT' });
        expect(sessionsIn(await call(listSessions, { ...of, as_of_revision: revision }))).toEqual(before);
        const created = before[0]?.['created_at'] as string;
        expect(sessionsIn(await call(listSessions, { ...of, as_of: created }))).toEqual(before);
        expect(sessionsIn(await call(listSessions, { ...of, as_of: PAST }))).toEqual([]);
        const now = { ...of, as_of: '2100-01-01T00:00:00Z' };
        expect(sessionsIn(await call(listSessions, now))).toEqual(sessionsIn(await call(listSessions, of)));
        expect(await call(getSession, { id: id as string, as_of: PAST })).toMatchObject({ code: 'NotFound' });
      });

      test('of a session that is not there', async () => {
        expect(await call(getSessionHistory, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
      });
    });

    test.each(MISTAKES)('%s is refused', async (_, method, request, fields) => {
      const answer = await call(method, request);
      expect(answer).toMatchObject({ code: 'InvalidArgument', retry: false });
      expect(answer.violations.map(([field]) => field)).toEqual(fields);
    });
  });
}
