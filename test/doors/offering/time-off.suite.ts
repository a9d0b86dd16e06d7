import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  addTimeOff,
  getTimeOff,
  listTimeOff,
  removeTimeOff,
  setAvailability,
  syncTimeOff,
} from '../../support/doors.js';
import { type Call, coachWith, idIn, listIn, MORNINGS, monday, responseOf, startsIn, tokenIn } from './samples.js';

const MEETING = { start: monday('08:00'), end: monday('08:30'), reason: 'a meeting', external_id: 'x-1' };
const WEEK_OFF = { first_date: '2030-04-01', last_date: '2030-04-07', reason: 'holiday' };

/** Time off is added, found, removed and synced. */
export function timeOff(call: Call): void {
  describe('time off', () => {
    test.each([
      ['of times', MEETING],
      ['of dates', WEEK_OFF],
    ])('%s is added, found again and removed', async (_, time_off) => {
      const { coach_hash_id, find } = await coachWith(call, { hours: MORNINGS });
      const free = startsIn(await find());
      const added = await call(addTimeOff, { coach_hash_id, time_off });
      expect(added).toMatchObject({ code: 'OK', response: { time_off: { ...time_off, coach_hash_id } } });
      const id = idIn(added, 'time_off');
      const found = { time_off: responseOf(added)['time_off'] as JsonObject };
      expect(await call(getTimeOff, { coach_hash_id, id })).toMatchObject({ response: found });
      expect(listIn(await call(listTimeOff, { coach_hash_id }), 'time_off')).toEqual([found.time_off]);
      expect(startsIn(await find())).not.toEqual(free);

      expect(await call(removeTimeOff, { coach_hash_id, id })).toMatchObject({ code: 'OK' });
      expect(startsIn(await find())).toEqual(free);
      for (const method of [getTimeOff, removeTimeOff]) {
        expect(await call(method, { coach_hash_id, id })).toMatchObject({ code: 'NotFound' });
      }
      expect(listIn(await call(listTimeOff, { coach_hash_id }), 'time_off')).toEqual([]);
    });

    test('belongs to one coach', async () => {
      const { coach_hash_id } = await coachWith(call);
      const id = idIn(await call(addTimeOff, { coach_hash_id, time_off: MEETING }), 'time_off');
      for (const method of [getTimeOff, removeTimeOff]) {
        expect(await call(method, { coach_hash_id: randomUUID(), id })).toMatchObject({ code: 'NotFound' });
      }
    });

    test('of dates follows the zone of the coach', async () => {
      const day = { first_date: '2030-04-02', last_date: '2030-04-02' };
      const { coach_hash_id, find } = await coachWith(call, { timeOff: [day] });
      const midnight = { from: '2030-04-01T21:00:00Z', to: '2030-04-02T00:00:00Z', duration: 30 };
      expect(startsIn(await find(midnight)).at(-1)).toBe('2030-04-01T23:30:00Z');
      const always = [{ days: ['MONDAY', 'TUESDAY'], from: '00:00', to: '24:00' }];
      await call(setAvailability, { coach_hash_id, availability: { time_zone: 'Europe/Zurich', weekly: always } });
      expect(startsIn(await find(midnight)).at(-1)).toBe('2030-04-01T21:30:00Z');
    });

    test('of a source is replaced; only differences are written', async () => {
      const { coach_hash_id } = await coachWith(call, { timeOff: [{ ...WEEK_OFF, source: 'hr' }] });
      const sync = (time_off: readonly JsonObject[]) =>
        call(syncTimeOff, { coach_hash_id, source: 'calendar', time_off: [...time_off] });
      const { external_id: _, ...same } = MEETING;
      const another = { start: monday('09:00'), end: monday('09:30') };
      expect(responseOf(await sync([MEETING, same, WEEK_OFF]))).toMatchObject({ total: 2, added: 2 });

      // Of equal times one counts, whatever else they say.
      const again = responseOf(await sync([WEEK_OFF, same]));
      expect(again).toEqual({ total: 2 });
      expect(responseOf(await sync([WEEK_OFF, another]))).toMatchObject({ total: 2, added: 1, removed: 1 });

      const listed = listIn(await call(listTimeOff, { coach_hash_id, source: 'calendar' }), 'time_off');
      expect(listed).toMatchObject([{ ...WEEK_OFF, source: 'calendar' }, another]);
      expect(responseOf(await sync([]))).toMatchObject({ removed: 2 });
      expect(listIn(await call(listTimeOff, { coach_hash_id }), 'time_off')).toMatchObject([{ source: 'hr' }]);
    });

    test('is listed page by page, within a span', async () => {
      const hours = ['07', '08', '09'].map((hour) => ({ start: monday(`${hour}:00`), end: monday(`${hour}:30`) }));
      const { coach_hash_id } = await coachWith(call, { timeOff: hours.toReversed() });
      const page = (given: JsonObject) => call(listTimeOff, { coach_hash_id, page_size: 2, ...given });
      const first = await page({});
      const second = await page({ page_token: tokenIn(first) });
      expect([...listIn(first, 'time_off'), ...listIn(second, 'time_off')]).toMatchObject(hours);
      expect(tokenIn(second)).toBe('');
      const within = await page({ from: monday('07:30'), to: monday('09:00') });
      expect(listIn(within, 'time_off')).toMatchObject([hours[1]]);
      expect(await page({ page_token: tokenIn(first), source: 'x' })).toMatchObject({
        violations: [['page_token', 'is from a request with other arguments']],
      });
    });
  });
}
