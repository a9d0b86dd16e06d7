import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  confirmHold,
  getHold,
  getSession,
  holdSlot,
  listHolds,
  releaseHold,
  scheduleSession,
} from '../../support/doors.js';
import { AN_HOUR_LATER, type Call, FUTURE, holdIn, holdsIn, sessionIn, tokenIn, wanted } from './samples.js';

/** The life of a hold. */
export function holds(call: Call): void {
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
      const request = { hold, ttl_seconds: 1, request_id: randomUUID() };
      const held = await call(holdSlot, request);
      const id = holdIn(held)['id'] as string;
      const state = async () => holdIn(await call(getHold, { id }))['state'];
      await expect.poll(state).toBe('HOLD_STATE_EXPIRED');
      // The request, sent again, has its first answer.
      expect(await call(holdSlot, request)).toEqual(held);
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

    test('is refused when the client has five open holds already', async () => {
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

    test('is found again by its coach or its client, and by the time that it takes', async () => {
      const hold = wanted();
      const { coach_hash_id, client_hash_id } = hold as Record<string, string>;
      const held = holdIn(await call(holdSlot, { hold }));
      const found = async (query: JsonObject) => holdsIn(await call(listHolds, query));
      expect(await found({ coach_hash_id: coach_hash_id as string })).toEqual([held]);
      const open = { client_hash_id: client_hash_id as string, states: ['HOLD_STATE_OPEN'] };
      expect(await found({ ...open, from: FUTURE, to: AN_HOUR_LATER })).toEqual([held]);
      expect(await found({ ...open, from: AN_HOUR_LATER })).toEqual([]);

      await call(releaseHold, { id: held['id'] as string });
      expect(await found(open)).toEqual([]);
      const ended = { ...open, states: ['HOLD_STATE_RELEASED', 'HOLD_STATE_EXPIRED'] };
      expect(await found(ended)).toMatchObject([{ id: held['id'], state: 'HOLD_STATE_RELEASED' }]);
    });

    test('that has expired is in the list of those', async () => {
      const hold = wanted();
      const { coach_hash_id } = hold as Record<string, string>;
      await call(holdSlot, { hold, ttl_seconds: 1 });
      const query = { coach_hash_id: coach_hash_id as string };
      const expired = async () => holdsIn(await call(listHolds, { ...query, states: ['HOLD_STATE_EXPIRED'] }));
      await expect.poll(expired).toMatchObject([{ state: 'HOLD_STATE_EXPIRED' }]);
      expect(holdsIn(await call(listHolds, { ...query, states: ['HOLD_STATE_OPEN'] }))).toEqual([]);
    });

    test('is listed with others page by page, the first or the last one first', async () => {
      const coach_hash_id = randomUUID();
      const starts = ['2030-05-01T07:00:00Z', '2030-05-01T08:00:00Z', '2030-05-01T09:00:00Z'];
      for (const start of starts) await call(holdSlot, { hold: wanted({ coach_hash_id, start }) });
      for (const newest_first of [false, true]) {
        const query = { coach_hash_id, newest_first, page_size: 2 };
        const first = await call(listHolds, query);
        const second = await call(listHolds, { ...query, page_token: tokenIn(first) });
        const listed = [...holdsIn(first), ...holdsIn(second)].map(({ start }) => start);
        expect(listed).toEqual(newest_first ? starts.toReversed() : starts);
        expect(tokenIn(second)).toBe('');
        expect(
          await call(listHolds, { ...query, newest_first: !newest_first, page_token: tokenIn(first) }),
        ).toMatchObject({ violations: [['page_token', 'is from a request with other arguments']] });
      }
    });

    test.each([
      ['confirm', confirmHold],
      ['release', releaseHold],
      ['get', getHold],
    ])('that does not exist is NOT_FOUND: %s', async (_, method) => {
      expect(await call(method, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });
  });
}
