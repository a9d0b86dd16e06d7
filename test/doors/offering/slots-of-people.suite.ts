import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  cancelSession,
  completeSession,
  explainSlot,
  findSlots,
  holdSlot,
  markNoShow,
  rescheduleSession,
} from '../../support/doors.js';
import { type Call, coachWith, idIn, MORNINGS, monday, responseOf, startsIn } from './samples.js';

const at = (...times: string[]) => times.map(monday);
const PAST = '2020-04-01T09:00:00Z';

/** Slots for a client, and for a session that is to be moved. */
export function slotsOfPeople(call: Call): void {
  describe('slots for a client', () => {
    test('leave out what the client has with any coach', async () => {
      const { find, book } = await coachWith(call, { hours: MORNINGS, policy: { grid: 60 } });
      const elsewhere = await coachWith(call);
      const client_hash_id = randomUUID();
      await elsewhere.book(monday('06:30'), { client_hash_id });
      const held = elsewhere.session(monday('08:30'), { client_hash_id, duration: 20 });
      await call(holdSlot, { hold: held });
      expect(startsIn(await find())).toEqual(at('07:00', '08:00', '09:00'));
      expect(startsIn(await find({ client_hash_id }))).toEqual(at('09:00'));
      expect(startsIn(await find({ client_hash_id: randomUUID() }))).toEqual(at('07:00', '08:00', '09:00'));
      expect(await book(monday('08:00'), { client_hash_id })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
    });
  });

  describe('slots for a client at an end of the calendar', () => {
    test.each(['0001-01-01T00:00:00Z', '9999-12-31T22:00:00Z'])('are found and explained at %s', async (start) => {
      const { coach_hash_id } = await coachWith(call);
      const asked = { coach_hash_id, client_hash_id: randomUUID(), duration: 60 };
      const found = await call(findSlots, { ...asked, from: start, limit: 1 });
      expect(startsIn(found)).toEqual([start]);
      expect(responseOf(await call(explainSlot, { ...asked, start }))).toMatchObject({ bookable: true });
    });

    test('are none when the client is busy until the calendar ends', async () => {
      const { coach_hash_id } = await coachWith(call);
      const elsewhere = await coachWith(call);
      const client_hash_id = randomUUID();
      await elsewhere.book('9999-12-31T22:00:00Z', { client_hash_id });
      const asked = { coach_hash_id, client_hash_id, duration: 60, limit: 1 };
      expect(startsIn(await call(findSlots, { ...asked, from: '9999-12-31T22:00:00Z' }))).toEqual([]);
    });
  });

  describe('slots for a session that is to be moved', () => {
    test('are in its own way neither as time nor as a count', async () => {
      const { find, book } = await coachWith(call, {
        hours: MORNINGS,
        policy: { grid: 30, gap_before: 15, max_per_day: 1 },
      });
      const id = idIn(await book(monday('08:00')));
      expect(startsIn(await find())).toEqual([]);
      const offered = startsIn(await find({ session_id: id.toUpperCase() }));
      expect(offered).toEqual(at('07:00', '07:30', '08:00', '08:30', '09:00'));
      expect(await call(rescheduleSession, { id, start: monday('08:30') })).toMatchObject({ code: 'OK' });
    });

    test('leave out what its client has elsewhere', async () => {
      const { find, book } = await coachWith(call, { hours: MORNINGS, policy: { grid: 60 } });
      const elsewhere = await coachWith(call);
      const client_hash_id = randomUUID();
      const session_id = idIn(await book(monday('08:00'), { client_hash_id }));
      await elsewhere.book(monday('09:00'), { client_hash_id });
      expect(startsIn(await find({ session_id }))).toEqual(at('07:00', '08:00'));
    });

    test.each([
      ['FindSlots', findSlots, { from: monday('00:00'), to: monday('12:00') }],
      ['ExplainSlot', explainSlot, { start: monday('08:00') }],
    ])('are refused by %s for what cannot be moved', async (_, method, when) => {
      const { coach_hash_id, book } = await coachWith(call);
      const ask = (session_id: string) => call(method, { coach_hash_id, ...when, duration: 60, session_id });
      expect(await ask(randomUUID())).toMatchObject({ code: 'NotFound' });
      const another = await coachWith(call);
      expect(await ask(idIn(await another.book(PAST)))).toMatchObject({ code: 'NotFound' });

      const cancelled = idIn(await book(PAST));
      await call(cancelSession, { id: cancelled, cancelled_by: 'PARTY_COACH' });
      expect(await ask(cancelled)).toMatchObject({ code: 'FailedPrecondition', reason: 'SESSION_CANCELLED' });
      const completed = idIn(await book(PAST));
      await call(completeSession, { id: completed });
      expect(await ask(completed)).toMatchObject({ code: 'FailedPrecondition', reason: 'SESSION_COMPLETED' });
      const noShow = idIn(await book('2020-04-02T09:00:00Z'));
      await call(markNoShow, { id: noShow, absent: 'PARTY_CLIENT' });
      expect(await ask(noShow)).toMatchObject({ code: 'FailedPrecondition', reason: 'SESSION_NO_SHOW' });
    });
  });
}
