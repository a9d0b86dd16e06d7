import { describe, expect, test } from 'vitest';
import { getSession, rescheduleSession, scheduleSession } from '../../support/doors.js';
import { AN_HOUR_LATER, type Call, FUTURE, idIn, sessionIn, wanted } from './samples.js';

/** Where a session is after a move, and after a refused one. */
export function reschedule(call: Call): void {
  describe('reschedule', () => {
    test('a session can move over its own old time, which becomes free; its new time is taken', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      expect(await call(rescheduleSession, { id, start: '2030-05-01T09:30:00Z' })).toMatchObject({ code: 'OK' });
      const early = { ...session, start: '2030-05-01T08:30:00Z' };
      expect(await call(scheduleSession, { session: early })).toMatchObject({ code: 'OK' });
      expect(await call(scheduleSession, { session: { ...session, start: AN_HOUR_LATER } })).toMatchObject({
        reason: 'COACH_OVERLAP',
        interval: { start: '2030-05-01T09:30:00Z', end: '2030-05-01T10:30:00Z' },
      });
    });

    test('a refused move leaves the old time as it was', async () => {
      const session = wanted();
      const id = idIn(await call(scheduleSession, { session }));
      await call(scheduleSession, { session: { ...session, start: AN_HOUR_LATER } });
      expect(await call(rescheduleSession, { id, duration: 61 })).toMatchObject({ reason: 'COACH_OVERLAP' });
      expect(sessionIn(await call(getSession, { id }))).toMatchObject({ start: FUTURE, duration: 60 });
      expect(await call(scheduleSession, { session })).toMatchObject({ reason: 'COACH_OVERLAP' });
    });
  });
}
