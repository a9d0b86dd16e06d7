import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deleteAvailability, getAvailability, setAvailability } from '../../support/doors.js';
import { type Call, coachWith, idIn, MORNINGS, monday, responseOf, startsIn } from './samples.js';

/** Hours are set, read and deleted. */
export function availability(call: Call): void {
  describe('an availability', () => {
    test('is set whole, read as it was set, and deleted', async () => {
      const coach_hash_id = randomUUID();
      const first = await call(setAvailability, { coach_hash_id, availability: MORNINGS });
      expect(first).toMatchObject({ code: 'OK', response: { availability: { ...MORNINGS, etag: '0' } } });
      expect(await call(getAvailability, { coach_hash_id })).toMatchObject({
        response: { availability: responseOf(first)['availability'] },
      });

      const dates = [{ date: '2030-12-24', hours: [{ from: '22:00', to: '24:00' }] }, { date: '2030-12-25' }];
      const other = { time_zone: 'Asia/Kathmandu', dates };
      const second = await call(setAvailability, { coach_hash_id, availability: other });
      expect(responseOf(second)['availability']).toEqual({ ...other, etag: '1', updated_at: expect.any(String) });

      expect(await call(deleteAvailability, { coach_hash_id })).toMatchObject({ code: 'OK' });
      expect(await call(getAvailability, { coach_hash_id })).toMatchObject({ code: 'NotFound' });
      expect(await call(deleteAvailability, { coach_hash_id })).toMatchObject({ code: 'NotFound' });
    });

    test('is read as it was', async () => {
      const { coach_hash_id } = await coachWith(call, { hours: MORNINGS });
      await call(deleteAvailability, { coach_hash_id });
      expect(await call(getAvailability, { coach_hash_id, as_of_revision: '0' })).toMatchObject({
        response: { availability: MORNINGS },
      });
      expect(await call(getAvailability, { coach_hash_id, as_of_revision: '1' })).toMatchObject({ code: 'NotFound' });
    });

    test('names the zone as IANA does', async () => {
      const coach_hash_id = randomUUID();
      const answer = await call(setAvailability, { coach_hash_id, availability: { time_zone: 'europe/zurich' } });
      expect(responseOf(answer)['availability']).toMatchObject({ time_zone: 'Europe/Zurich' });
    });

    test('leaves sessions alone, and says which lie outside', async () => {
      const { coach_hash_id, book } = await coachWith(call);
      const inside = await book(monday('07:00'));
      const outside = await book(monday('09:30'));
      const answer = await call(setAvailability, { coach_hash_id, availability: MORNINGS });
      expect(inside.code).toBe('OK');
      expect(responseOf(answer)).toMatchObject({
        outside: [{ session_id: idIn(outside), start: monday('09:30'), duration: 60 }],
        outside_count: 1,
      });
    });

    test('without hours is closed; without an availability, a coach takes bookings at any time', async () => {
      const closed = await coachWith(call, { hours: { time_zone: 'Europe/Zurich' } });
      expect(startsIn(await closed.find())).toEqual([]);
      expect(await closed.book(monday('09:00'))).toMatchObject({
        code: 'FailedPrecondition',
        reason: 'AGAINST_POLICY',
      });

      await call(deleteAvailability, { coach_hash_id: closed.coach_hash_id });
      expect(startsIn(await closed.find({ to: monday('01:30') }))).toEqual(
        ['00:00', '00:15', '00:30'].map((time) => monday(time)),
      );
      expect(await closed.book('2020-04-01T09:07:00Z')).toMatchObject({ code: 'OK' });
    });
  });
}
