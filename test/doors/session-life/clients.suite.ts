import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cancelSession, rescheduleSession, scheduleSession } from '../../support/doors.js';
import { AN_HOUR_LATER, type Call, FUTURE, idIn, wanted } from './samples.js';

/** Nobody is in two sessions at once, with whichever coach. */
export function clients(call: Call): void {
  describe('clients', () => {
    test('a client is in one session at a time, with whichever coach', async () => {
      const session = wanted();
      const elsewhere = { ...session, coach_hash_id: randomUUID(), start: '2030-05-01T09:59:00Z' };
      const id = idIn(await call(scheduleSession, { session }));
      expect(await call(scheduleSession, { session: elsewhere })).toEqual({
        code: 'AlreadyExists',
        reason: 'CLIENT_OVERLAP',
        interval: { start: FUTURE, end: AN_HOUR_LATER },
        violations: [],
        retry: false,
      });
      await call(cancelSession, { id, cancelled_by: 'PARTY_COACH' });
      expect(await call(scheduleSession, { session: elsewhere })).toMatchObject({ code: 'OK' });
    });

    test('a client keeps the old time when a move into another session is refused', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      await call(scheduleSession, { session: { ...session, coach_hash_id: randomUUID(), start: AN_HOUR_LATER } });
      expect(await call(rescheduleSession, { id, start: AN_HOUR_LATER })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
      const third = { ...session, coach_hash_id: randomUUID() };
      expect(await call(scheduleSession, { session: third })).toMatchObject({ reason: 'CLIENT_OVERLAP' });
    });
  });
}
