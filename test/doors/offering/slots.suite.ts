import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { findSlots } from '../../support/doors.js';
import { type Call, coachWith, codesOf, listIn, MORNINGS, monday, responseOf, startsIn, tokenIn } from './samples.js';

const at = (...times: string[]) => times.map(monday);

/** The slots of one coach. */
export function slots(call: Call): void {
  describe('slots', () => {
    test('are instants, with the wall time of the zone asked for', async () => {
      const { coach_hash_id, find } = await coachWith(call, { hours: MORNINGS, policy: { grid: 60 } });
      const answer = await find({ time_zone: 'America/New_York' });
      const slot = (start: string, end: string, local_start: string) => ({
        coach_hash_id,
        start: monday(start),
        end: monday(end),
        local_start: `2030-04-01T${local_start}:00-04:00`,
      });
      expect(responseOf(answer)).toEqual({
        slots: [slot('07:00', '08:00', '03:00'), slot('08:00', '09:00', '04:00'), slot('09:00', '10:00', '05:00')],
        revision: { coach_hash_id, revision: '1' },
      });
      const own = listIn(await find(), 'slots').map(({ local_start }) => local_start);
      expect(own[0]).toBe('2030-04-01T09:00:00+02:00');
    });

    test('of a coach for whom nothing is set are at any time, 15 minutes apart', async () => {
      const { coach_hash_id, find } = await coachWith(call);
      const answer = await find({ to: monday('01:30') });
      expect(startsIn(answer)).toEqual(at('00:00', '00:15', '00:30'));
      expect(listIn(answer, 'slots')[0]).toMatchObject({ local_start: '2030-04-01T00:00:00+00:00' });
      expect(responseOf(answer)['revision']).toEqual({ coach_hash_id, revision: '-1' });
    });

    test('lie wholly within the time asked for', async () => {
      const { find } = await coachWith(call, { hours: MORNINGS, policy: { grid: 30 } });
      const found = await find({ from: '2030-04-01T07:00:00.001Z', to: monday('09:00') });
      expect(startsIn(found)).toEqual(at('07:30', '08:00'));
    });

    test('leave out what is taken, with the gap, and come back when it is given up', async () => {
      const { find, book, coach_hash_id } = await coachWith(call, {
        hours: MORNINGS,
        policy: { grid: 30, gap_before: 15 },
      });
      await book(monday('08:00'), { duration: 30, ignore_policy: true });
      const found = await call(findSlots, { coach_hash_id, from: monday('00:00'), to: monday('12:00'), duration: 30 });
      expect(startsIn(found)).toEqual(at('07:00', '09:00', '09:30'));
      expect(startsIn(await find())).toEqual(at('09:00'));
    });

    test('that are offered can be booked, and are offered no longer', async () => {
      const { find, book } = await coachWith(call, { hours: MORNINGS, policy: { grid: 30, max_per_day: 2 } });
      const [first] = startsIn(await find());
      expect(await book(first as string)).toMatchObject({ code: 'OK' });
      const [second] = startsIn(await find());
      expect(await book(second as string)).toMatchObject({ code: 'OK' });
      expect(startsIn(await find())).toEqual([]);
      expect(codesOf((await book(monday('09:00'))).obstacles)).toEqual(['DAY_FULL']);
    });

    test('have another offset when clocks show a time again', async () => {
      const nights = { time_zone: 'Europe/Zurich', weekly: [{ days: ['SUNDAY'], from: '01:00', to: '04:00' }] };
      const { find } = await coachWith(call, { hours: nights, policy: { grid: 60 } });
      const found = await find({ from: '2030-10-26T12:00:00Z', to: '2030-10-27T12:00:00Z' });
      expect(listIn(found, 'slots').map(({ start, local_start }) => [start, local_start])).toEqual([
        ['2030-10-26T23:00:00Z', '2030-10-27T01:00:00+02:00'],
        ['2030-10-27T00:00:00Z', '2030-10-27T02:00:00+02:00'],
        ['2030-10-27T01:00:00Z', '2030-10-27T02:00:00+01:00'],
        ['2030-10-27T02:00:00Z', '2030-10-27T03:00:00+01:00'],
      ]);
    });

    test('come page by page; a token belongs to its request', async () => {
      const { find } = await coachWith(call, { hours: MORNINGS });
      const all = startsIn(await find());
      const paged: unknown[] = [];
      for (let page_token = ''; ; ) {
        const page = await find({ limit: 4, page_token });
        expect(startsIn(page).length).toBeLessThanOrEqual(4);
        paged.push(...startsIn(page));
        page_token = tokenIn(page);
        if (page_token === '') break;
      }
      expect(paged).toEqual(all);
      expect(all).toHaveLength(9);

      const page_token = tokenIn(await find({ limit: 4 }));
      for (const other of [{ duration: 30 }, { time_zone: 'UTC' }, { to: monday('23:58') }]) {
        expect(await find({ ...other, page_token })).toMatchObject({
          code: 'InvalidArgument',
          violations: [['page_token', 'is from a request with other arguments']],
        });
      }
    });

    test('are at most 5000 in an answer', async () => {
      const { find } = await coachWith(call, { policy: { grid: 5 } });
      const first = await find({ to: '2030-05-01T00:00:00Z', duration: 5 });
      expect(startsIn(first)).toHaveLength(5_000);
      const second = await find({ to: '2030-05-01T00:00:00Z', duration: 5, page_token: tokenIn(first) });
      expect(startsIn(second)).toHaveLength(30 * 24 * 12 - 5_000);
      expect(tokenIn(second)).toBe('');
    });

    test('are searched far ahead when only the next one is wanted', async () => {
      const once: JsonObject = {
        time_zone: 'UTC',
        dates: [{ date: '2031-04-30', hours: [{ from: '09:00', to: '10:00' }] }],
      };
      const { coach_hash_id } = await coachWith(call, { hours: once, policy: {} });
      const next = (from: string) => call(findSlots, { coach_hash_id, from, duration: 60, limit: 1 });
      expect(startsIn(await next('2030-04-01T00:00:00Z'))).toEqual(['2031-04-30T09:00:00Z']);
      const none = await next('2030-03-20T00:00:00Z');
      expect(responseOf(none)).toEqual({ revision: { coach_hash_id, revision: '1' } });
    });
  });
}
