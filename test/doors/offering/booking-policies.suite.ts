import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deleteBookingPolicy, getBookingPolicy, setBookingPolicy } from '../../support/doors.js';
import { type Call, responseOf } from './samples.js';

const WHOLE = {
  gap_before: 15,
  gap_after: 0,
  notice: 120,
  horizon_days: 60,
  grid: 30,
  durations: [30, 60],
  max_per_day: 4,
  max_per_week: 12,
  allow_outside_hours: true,
  time_zone: 'America/New_York',
};

/** Policies are set, read and deleted. */
export function bookingPolicies(call: Call): void {
  describe('a booking policy', () => {
    test('is set whole, read as it was set, and deleted', async () => {
      const coach_hash_id = randomUUID();
      const first = await call(setBookingPolicy, { coach_hash_id, booking_policy: WHOLE });
      const inAnswer = { etag: '0', updated_at: expect.any(String) };
      expect(responseOf(first)['booking_policy']).toEqual({ ...WHOLE, ...inAnswer });
      expect(await call(getBookingPolicy, { coach_hash_id })).toMatchObject({
        response: { booking_policy: responseOf(first)['booking_policy'] },
      });

      const second = await call(setBookingPolicy, { coach_hash_id, booking_policy: { max_per_day: 0 } });
      expect(responseOf(second)['booking_policy']).toEqual({ max_per_day: 0, ...inAnswer, etag: '1' });

      expect(await call(deleteBookingPolicy, { coach_hash_id })).toMatchObject({ code: 'OK' });
      expect(await call(getBookingPolicy, { coach_hash_id })).toMatchObject({ code: 'NotFound' });
      expect(await call(deleteBookingPolicy, { coach_hash_id })).toMatchObject({ code: 'NotFound' });
    });
  });
}
