import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { explainSlot, holdSlot } from '../../support/doors.js';
import { type Call, coachWith, codesOf, MORNINGS, monday, responseOf } from './samples.js';

/** Why a slot can be booked or not. */
export function explained(call: Call): void {
  describe('a slot that is explained', () => {
    const explain = (coach_hash_id: string, start: string, given: JsonObject = {}) =>
      call(explainSlot, { coach_hash_id, start, duration: 60, ...given });
    const obstaclesIn = (answer: Parameters<typeof responseOf>[0]) =>
      responseOf(answer)['obstacles'] as unknown as JsonObject[];

    test('is bookable when nothing is in the way', async () => {
      const { coach_hash_id } = await coachWith(call, { hours: MORNINGS, policy: { grid: 30 } });
      const slot = (start: string, end: string, local: string) => ({
        coach_hash_id,
        start: monday(start),
        end: monday(end),
        local_start: `2030-04-01T${local}:00+02:00`,
      });
      expect(responseOf(await explain(coach_hash_id, monday('08:00')))).toEqual({
        bookable: true,
        before: slot('07:30', '08:30', '09:30'),
        after: slot('08:30', '09:30', '10:30'),
        revision: { coach_hash_id, revision: '1' },
      });
    });

    test('is in the way of time off that is for ever', async () => {
      const timeOff = [{ first_date: '0001-01-01', last_date: '9999-12-31' }];
      const { coach_hash_id, book } = await coachWith(call, { hours: MORNINGS, timeOff });
      const told = {
        code: 'TIME_OFF',
        message: expect.stringMatching(/^The coach has time off from 0001-01-01 .* to 9999-12-31 /),
        start: '0001-01-01T00:00:00Z',
        end: '9999-12-31T23:00:00Z',
      };
      expect(obstaclesIn(await explain(coach_hash_id, monday('08:00')))).toMatchObject([told]);
      expect(await book(monday('08:00'))).toMatchObject({ reason: 'AGAINST_POLICY' });
    });

    test('ends with the year 9999, as does what is in the way', async () => {
      const policy = { max_per_day: 0, time_zone: 'America/New_York' };
      const { coach_hash_id } = await coachWith(call, { policy });
      const [obstacle] = obstaclesIn(
        await explain(coach_hash_id, '9999-12-31T20:00:00Z', { time_zone: 'Pacific/Apia' }),
      );
      expect(obstacle).toMatchObject({ code: 'DAY_FULL', end: '9999-12-31T23:59:59.999Z' });
    });

    test('has every rule in the way, in sentences of the zone asked for, and the nearest starts', async () => {
      const { coach_hash_id } = await coachWith(call, { hours: MORNINGS, policy: { durations: [30, 60] } });
      const answer = await explain(coach_hash_id, monday('05:00'), { duration: 45, time_zone: 'UTC' });
      expect(obstaclesIn(answer)).toEqual([
        {
          code: 'OUTSIDE_HOURS',
          message: "The coach's hours on 2030-04-01 are 07:00 to 10:00 (UTC).",
          start: monday('05:00'),
          end: monday('05:45'),
          hours: [{ start: monday('07:00'), end: monday('10:00') }],
        },
        {
          code: 'DURATION',
          message: 'A session can last 30, 60 minutes.',
          start: monday('05:00'),
          end: monday('05:45'),
        },
      ]);
      expect(responseOf(answer)).not.toHaveProperty('before');
      const hour = responseOf(await explain(coach_hash_id, monday('05:00')));
      expect(hour).toMatchObject({
        before: { start: '2030-03-29T10:00:00Z' },
        after: { start: monday('07:00'), local_start: '2030-04-01T09:00:00+02:00' },
      });
      expect(hour).not.toHaveProperty('bookable');
    });

    test('names every session and hold in the way, and those of the client elsewhere', async () => {
      const { coach_hash_id, book, session } = await coachWith(call);
      const elsewhere = await coachWith(call);
      const client_hash_id = randomUUID();
      await book(monday('07:30'));
      await book(monday('09:00'), { duration: 30 });
      await call(holdSlot, { hold: session(monday('08:30'), { duration: 15 }) });
      await elsewhere.book(monday('08:50'), { client_hash_id, duration: 5 });
      const obstacles = obstaclesIn(await explain(coach_hash_id, monday('08:15'), { client_hash_id }));
      expect(obstacles).toMatchObject([
        { code: 'COACH_OVERLAP', start: monday('07:30'), end: monday('08:30') },
        { code: 'COACH_OVERLAP', start: monday('09:00'), end: monday('09:30') },
        { code: 'SLOT_HELD', start: monday('08:30'), end: monday('08:45') },
        { code: 'CLIENT_OVERLAP', start: monday('08:50'), end: monday('08:55') },
      ]);
    });

    test('is explained as a booking is refused', async () => {
      const { coach_hash_id, book } = await coachWith(call, {
        hours: MORNINGS,
        policy: { notice: 30, horizon_days: 3, grid: 20, max_per_day: 0, max_per_week: 0, gap_before: 5 },
      });
      const refused = await book('2020-04-01T06:55:00Z');
      const obstacles = obstaclesIn(await explain(coach_hash_id, '2020-04-01T06:55:00Z'));
      expect(codesOf(obstacles)).toEqual(['OUTSIDE_HOURS', 'NOTICE', 'DAY_FULL', 'WEEK_FULL']);
      const told = ({ code, start, hours }: JsonObject) => ({ code, start, hours });
      expect(obstacles.map(told)).toEqual((refused.obstacles as JsonObject[]).map(told));
    });
  });
}
