import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { findSlots, simulatePolicy } from '../../support/doors.js';
import { type Call, coachWith, idIn, MORNINGS, monday, responseOf, startsIn } from './samples.js';

/** What if the rules were others. */
export function simulated(call: Call): void {
  describe('a policy that is simulated', () => {
    const DAY = { from: monday('00:00'), to: monday('23:59'), duration: 60 };

    test('says how many slots there are and would be, and which sessions would break it', async () => {
      const { coach_hash_id, book } = await coachWith(call, { hours: MORNINGS, policy: { grid: 30 } });
      const id = idIn(await book(monday('07:30')));
      const before = await call(findSlots, { coach_hash_id, ...DAY });
      const booking_policy = { grid: 60, durations: [30, 60] };
      const availability = { ...MORNINGS, weekly: [{ days: ['MONDAY'], from: '10:00', to: '14:00' }] };
      const answer = await call(simulatePolicy, { coach_hash_id, ...DAY, booking_policy, availability });
      expect(responseOf(answer)).toMatchObject({
        slots_now: startsIn(before).length,
        slots_then: 3,
        breaking: [{ session_id: id, start: monday('07:30'), duration: 60, obstacles: [{ code: 'OUTSIDE_HOURS' }] }],
        breaking_count: 1,
        revision: { coach_hash_id, revision: '2' },
      });
      expect(await call(findSlots, { coach_hash_id, ...DAY })).toEqual(before);
    });

    test('counts no session against itself', async () => {
      const { coach_hash_id, book } = await coachWith(call);
      await book(monday('07:30'));
      await book(monday('09:30'));
      const breakingOf = async (booking_policy: JsonObject) =>
        responseOf(await call(simulatePolicy, { coach_hash_id, ...DAY, booking_policy }))['breaking_count'];
      expect(await breakingOf({ max_per_day: 2, max_per_week: 2, gap_before: 60 })).toBeUndefined();
      expect(await breakingOf({ max_per_day: 1 })).toBe(2);
      expect(await breakingOf({ max_per_week: 1 })).toBe(2);
    });

    test('tells the nearest of all the sessions that are too near', async () => {
      const { coach_hash_id, book } = await coachWith(call);
      for (const minute of ['10', '11', '12']) await book(monday(`07:${minute}`), { duration: 1 });
      const answer = await call(simulatePolicy, { coach_hash_id, ...DAY, booking_policy: { gap_before: 1440 } });
      const near = (minute: string) => ({ code: 'GAP', start: monday(`07:${minute}`) });
      const breaking = [[near('11')], [near('10'), near('12')], [near('11')]].map((obstacles) => ({ obstacles }));
      expect(responseOf(answer)).toMatchObject({ breaking, breaking_count: 3 });
    });

    test('counts nothing against a session that only the time of booking would forbid', async () => {
      const { coach_hash_id, book } = await coachWith(call);
      await book(monday('07:30'));
      const booking_policy = { notice: 525_600, horizon_days: 0 };
      const answer = responseOf(await call(simulatePolicy, { coach_hash_id, ...DAY, booking_policy }));
      expect(answer).not.toHaveProperty('breaking');
      expect(answer).not.toHaveProperty('slots_then');
    });
  });
}
