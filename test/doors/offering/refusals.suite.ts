import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  confirmHold,
  getSession,
  holdSlot,
  rescheduleSeries,
  rescheduleSession,
  scheduleSeries,
  scheduleSession,
  setBookingPolicy,
} from '../../support/doors.js';
import { type Call, coachWith, codesOf, idIn, type Method, MORNINGS, monday, responseOf } from './samples.js';

/** A rule that is in the way of every hour's session. */
const HALF_HOURS: JsonObject = { durations: [30] };

/** Mondays at 09:00 in Zurich. */
const SERIES: JsonObject = {
  local_start: '2030-04-01T09:00',
  time_zone: 'Europe/Zurich',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=3',
};

/** A coach whose policy came after a session and a series, and a request against it for each command. */
async function againstPolicy(call: Call): Promise<(method: Method) => JsonObject> {
  const { coach_hash_id, book, session } = await coachWith(call);
  const series = { coach_hash_id, client_hash_id: randomUUID(), ...SERIES };
  const id = idIn(await book('2030-05-07T09:00:00Z'));
  const series_id = idIn(await call(scheduleSeries, { series }), 'series');
  await call(setBookingPolicy, { coach_hash_id, booking_policy: HALF_HOURS });
  const slot = session('2030-06-03T09:00:00Z');
  const requests: Readonly<Record<string, JsonObject>> = {
    ScheduleSession: { session: slot },
    RescheduleSession: { id, start: '2030-05-08T09:00:00Z' },
    ScheduleSeries: { series: { ...series, local_start: '2030-07-01T09:00' } },
    RescheduleSeries: { series_id, local_start: '2030-04-01T09:15' },
    HoldSlot: { hold: slot },
  };
  return ({ name }) => requests[name] as JsonObject;
}

const COMMANDS = [scheduleSession, rescheduleSession, scheduleSeries, rescheduleSeries, holdSlot].map(
  (method): [string, Method] => [method.name, method],
);

/** What hours, time off and policies refuse, and what a command may ignore. */
export function refusals(call: Call): void {
  describe('a booking against the policy', () => {
    test.each(COMMANDS)('by %s is refused, unless it says that it ignores the policy', async (_, method) => {
      const request = (await againstPolicy(call))(method);
      expect(await call(method, request)).toMatchObject({ code: 'FailedPrecondition', reason: 'AGAINST_POLICY' });
      expect(await call(method, { ...request, ignore_policy: true })).toMatchObject({ code: 'OK' });
    });

    test.each(COMMANDS)('by %s that ignores it and is sent again gets the first answer', async (_, method) => {
      const request = { ...(await againstPolicy(call))(method), ignore_policy: true, request_id: randomUUID() };
      const first = await call(method, request);
      expect(first.code).toBe('OK');
      expect(await call(method, request)).toEqual(first);
      expect(await call(method, { ...request, ignore_policy: false })).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
    });

    test('is told everything that is in the way', async () => {
      const { book } = await coachWith(call, {
        hours: MORNINGS,
        timeOff: [{ start: monday('10:00'), end: monday('11:00') }],
        policy: { gap_after: 15, horizon_days: 0, grid: 30, durations: [30, 60], max_per_day: 1, max_per_week: 1 },
      });
      await book(monday('07:00'), { ignore_policy: true });
      const refused = await book(monday('08:05'), { duration: 145 });
      expect(refused).toMatchObject({ code: 'FailedPrecondition', reason: 'AGAINST_POLICY', violations: [] });
      expect(refused.obstacles).toMatchObject([
        { code: 'OUTSIDE_HOURS', hours: [{ start: monday('07:00'), end: monday('10:00') }] },
        { code: 'TIME_OFF', start: monday('10:00'), end: monday('11:00') },
        { code: 'GAP', start: monday('07:00'), end: monday('08:00') },
        { code: 'HORIZON', start: expect.any(String) },
        { code: 'GRID', start: monday('08:05'), end: monday('10:30') },
        { code: 'DURATION' },
        { code: 'DAY_FULL', start: '2030-03-31T22:00:00Z', end: '2030-04-01T22:00:00Z' },
        { code: 'WEEK_FULL', start: '2030-03-31T22:00:00Z', end: '2030-04-07T22:00:00Z' },
      ]);
      for (const one of refused.obstacles ?? []) expect((one as JsonObject)['message']).toMatch(/^[A-Z].*\.$/);
    });

    test('of the past is refused where there is a notice, and only there', async () => {
      const { book } = await coachWith(call, { policy: { notice: 0 } });
      const refused = await book('2020-04-01T09:00:00Z');
      expect(codesOf(refused.obstacles)).toEqual(['NOTICE']);
    });

    test('of whose time is taken is refused as without a policy', async () => {
      const { book, session } = await coachWith(call, { hours: MORNINGS, policy: HALF_HOURS });
      const booked = session(monday('09:00'), { duration: 30 });
      await call(scheduleSession, { session: booked });
      const taken = { code: 'AlreadyExists', reason: 'COACH_OVERLAP', interval: { start: monday('09:00') } };
      expect(await book(monday('09:00'))).toMatchObject(taken);
      expect(await book(monday('09:00'), { ignore_policy: true })).toMatchObject(taken);
    });

    test('of a client who is elsewhere comes before the policy', async () => {
      const elsewhere = await coachWith(call);
      const { book } = await coachWith(call, { policy: HALF_HOURS });
      const client_hash_id = randomUUID();
      await elsewhere.book(monday('09:00'), { client_hash_id });
      const overlap = { code: 'AlreadyExists', reason: 'CLIENT_OVERLAP' };
      expect(await book(monday('09:00'), { client_hash_id })).toMatchObject(overlap);
      expect(await book(monday('09:00'), { client_hash_id, ignore_policy: true })).toMatchObject(overlap);
    });

    test('is told the nearest session before and after that are too near', async () => {
      const { book } = await coachWith(call, { policy: { gap_before: 60 } });
      const minutes = ['07:00', '07:30', '09:00', '09:10'];
      for (const minute of minutes) await book(monday(minute), { duration: 5, ignore_policy: true });
      const { obstacles } = await book(monday('08:00'), { duration: 45 });
      expect(obstacles).toMatchObject([
        { code: 'GAP', start: monday('07:30') },
        { code: 'GAP', start: monday('09:00') },
      ]);
    });

    test('is told the first three times off in the way', async () => {
      const minutes = ['08:00', '08:10', '08:20', '08:30'];
      const timeOff = minutes.map((minute) => ({ start: monday(minute), end: monday(`${minute.slice(0, 4)}5`) }));
      const { book } = await coachWith(call, { timeOff });
      const { obstacles } = await book(monday('08:00'));
      expect(obstacles).toMatchObject(
        minutes.slice(0, 3).map((minute) => ({ code: 'TIME_OFF', start: monday(minute) })),
      );
    });

    test('by a series names the rules of each occurrence, which skip_conflicts leaves out', async () => {
      const { coach_hash_id } = await coachWith(call, {
        hours: MORNINGS,
        timeOff: [{ first_date: '2030-04-08', last_date: '2030-04-08' }],
      });
      const series = { coach_hash_id, client_hash_id: randomUUID(), ...SERIES };
      expect(await call(scheduleSeries, { series })).toMatchObject({
        code: 'FailedPrecondition',
        reason: 'AGAINST_POLICY',
        conflicts: [[2, 'AGAINST_POLICY']],
      });
      const { sessions, skipped } = responseOf(await call(scheduleSeries, { series, skip_conflicts: true }));
      expect(sessions).toHaveLength(2);
      expect(skipped).toMatchObject([{ occurrence: 2, reason: 'AGAINST_POLICY', obstacles: ['TIME_OFF'] }]);
    });

    test('by a series with a time that is taken is a conflict of the series', async () => {
      const { coach_hash_id, book } = await coachWith(call, { policy: { max_per_week: 1 } });
      await book('2030-04-09T12:00:00Z');
      await book('2030-04-15T07:00:00Z');
      const series = { coach_hash_id, client_hash_id: randomUUID(), ...SERIES };
      expect(await call(scheduleSeries, { series })).toMatchObject({
        code: 'AlreadyExists',
        reason: 'SERIES_CONFLICT',
        conflicts: [
          [2, 'AGAINST_POLICY'],
          [3, 'COACH_OVERLAP'],
        ],
      });
    });

    test('by confirming a hold is accepted: the hold was checked', async () => {
      const { coach_hash_id, session } = await coachWith(call);
      const id = idIn(await call(holdSlot, { hold: session(monday('09:00')) }), 'hold');
      await call(setBookingPolicy, { coach_hash_id, booking_policy: HALF_HOURS });
      expect(await call(confirmHold, { id })).toMatchObject({ code: 'OK' });
      expect(await call(getSession, { id })).toMatchObject({ code: 'OK' });
    });
  });
}
