import { describe, expect, test } from 'vitest';
import { getSession, listSessions, scheduleSession } from '../../support/doors.js';
import {
  type Call,
  idIn,
  LEAVES,
  ON_SESSIONS,
  responseOf,
  sessionAfter,
  sessionIn,
  sessionsIn,
  wanted,
} from './samples.js';

/** A request that is only validated is decided, and changes nothing. */
export function validateOnly(call: Call): void {
  describe('validate_only', () => {
    test.each(ON_SESSIONS.slice(0, 4))(
      '%s that is only validated changes nothing',
      async (command, method, request) => {
        const before = await sessionAfter(call, 'nothing');
        const answer = await call(method, { ...request, id: before['id'] as string, validate_only: true });
        expect(answer).toMatchObject({ code: 'OK', response: { session: LEAVES[command] } });
        expect(responseOf(answer)['consistency_token']).toBeUndefined();
        expect(sessionIn(await call(getSession, { id: before['id'] as string }))).toEqual(before);
      },
    );

    test('a booking that is only validated is decided, and not made', async () => {
      const session = wanted();
      const answer = await call(scheduleSession, { session, validate_only: true });
      expect(answer).toMatchObject({ code: 'OK', response: { session } });
      expect([idIn(answer), sessionIn(answer)['etag']]).toEqual([undefined, undefined]);
      expect(sessionsIn(await call(listSessions, { coach_hash_id: session['coach_hash_id'] as string }))).toEqual([]);
      await call(scheduleSession, { session });
      expect(await call(scheduleSession, { session, validate_only: true })).toMatchObject({ reason: 'COACH_OVERLAP' });
    });
  });
}
