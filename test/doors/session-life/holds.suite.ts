import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { confirmHold, getHold, getSession, holdSlot, releaseHold, scheduleSession } from '../../support/doors.js';
import { AN_HOUR_LATER, type Call, FUTURE, holdIn, sessionIn, wanted } from './samples.js';

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
      await expect.poll(state, { timeout: 5_000 }).toBe('HOLD_STATE_EXPIRED');
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

    test.each([
      ['confirm', confirmHold],
      ['release', releaseHold],
      ['get', getHold],
    ])('that does not exist is NOT_FOUND: %s', async (_, method) => {
      expect(await call(method, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });
  });
}
