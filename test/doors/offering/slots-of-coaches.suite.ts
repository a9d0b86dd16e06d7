import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { findSlotsOfCoaches, setAvailability, setBookingPolicy } from '../../support/doors.js';
import { type Call, coachWith, listIn, MORNINGS, monday, responseOf, startsIn, tokenIn } from './samples.js';

const EVENINGS: JsonObject = { ...MORNINGS, weekly: [{ days: ['MONDAY'], from: '11:00', to: '13:00' }] };

/** The slots of several coaches. */
export function slotsOfCoaches(call: Call): void {
  describe('slots of several coaches', () => {
    const MONDAY = { from: monday('00:00'), to: monday('23:59'), duration: 60 };
    const namesIn = (answer: Parameters<typeof listIn>[0]) =>
      listIn(answer, 'slots').map(({ coach_hash_id, start }) => [coach_hash_id, start]);

    /** Two coaches in the order of their ids. The first one offers 07:00, 08:00, 09:00, the other one 09:00, 10:00. */
    async function twoCoaches() {
      const two = [await coachWith(call), await coachWith(call)];
      const ids = two.map(({ coach_hash_id }) => coach_hash_id).sort() as [string, string];
      for (const [index, availability] of [MORNINGS, EVENINGS].entries()) {
        const coach_hash_id = ids[index] as string;
        await call(setAvailability, { coach_hash_id, availability });
        await call(setBookingPolicy, { coach_hash_id, booking_policy: { grid: 60 } });
      }
      return ids;
    }

    test('are in order of start, then of coach, with the revision of each coach', async () => {
      const [first, second] = await twoCoaches();
      const unset = randomUUID();
      const answer = await call(findSlotsOfCoaches, { coach_hash_ids: [second, first], ...MONDAY });
      expect(namesIn(answer)).toEqual([
        [first, monday('07:00')],
        [first, monday('08:00')],
        [first, monday('09:00')],
        [second, monday('09:00')],
        [second, monday('10:00')],
      ]);
      const withUnset = await call(findSlotsOfCoaches, { coach_hash_ids: [second, unset, first], ...MONDAY, limit: 1 });
      expect(responseOf(withUnset)['revisions']).toEqual([
        { coach_hash_id: second, revision: '1' },
        { coach_hash_id: unset, revision: '-1' },
        { coach_hash_id: first, revision: '1' },
      ]);
    });

    test('come page by page, also amid those of one start', async () => {
      const [first, second] = await twoCoaches();
      const request = { coach_hash_ids: [first, second], ...MONDAY };
      const one = await call(findSlotsOfCoaches, { ...request, limit: 3 });
      const two = await call(findSlotsOfCoaches, { ...request, page_token: tokenIn(one) });
      expect(namesIn(two)).toEqual([
        [second, monday('09:00')],
        [second, monday('10:00')],
      ]);
      expect(tokenIn(two)).toBe('');
      const others = { ...request, coach_hash_ids: [first], page_token: tokenIn(one) };
      expect(await call(findSlotsOfCoaches, others)).toMatchObject({
        violations: [['page_token', 'is from a request with other arguments']],
      });
    });

    test('may be the next one of anybody', async () => {
      const [first, second] = await twoCoaches();
      const request = { coach_hash_ids: [first, second], from: monday('09:30'), duration: 60, limit: 1 };
      expect(namesIn(await call(findSlotsOfCoaches, request))).toEqual([[second, monday('10:00')]]);
    });

    test('leave out what the client has', async () => {
      const ids = await twoCoaches();
      const elsewhere = await coachWith(call);
      const client_hash_id = randomUUID();
      await elsewhere.book(monday('08:30'), { client_hash_id });
      const found = await call(findSlotsOfCoaches, { coach_hash_ids: ids, ...MONDAY, client_hash_id });
      expect(startsIn(found)).toEqual([monday('07:00'), monday('10:00')]);
    });

    test('may be those of 100 coaches', async () => {
      const coach_hash_ids = Array.from({ length: 100 }, () => randomUUID());
      const found = await call(findSlotsOfCoaches, { coach_hash_ids, ...MONDAY, limit: 101 });
      expect(listIn(found, 'revisions')).toHaveLength(100);
      expect(new Set(startsIn(found))).toEqual(new Set([monday('00:00'), monday('00:15')]));
    });
  });
}
