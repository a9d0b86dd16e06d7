import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { correctOutcome, getSession, listSessions, scheduleSession } from '../../support/doors.js';
import {
  type Call,
  commandNamed,
  idIn,
  LEAVES,
  ON_SESSIONS,
  sessionAfter,
  sessionIn,
  sessionsIn,
  wanted,
} from './samples.js';

/** The reasons why a command is refused, by what was done with the session before. */
const REFUSED: Record<string, Record<string, string>> = {
  nothing: { correct: 'SESSION_HAS_NO_OUTCOME' },
  cancel: {
    reschedule: 'SESSION_CANCELLED',
    cancel: 'SESSION_CANCELLED',
    complete: 'SESSION_CANCELLED',
    'no-show': 'SESSION_CANCELLED',
    correct: 'SESSION_CANCELLED',
  },
  complete: {
    reschedule: 'SESSION_COMPLETED',
    cancel: 'SESSION_COMPLETED',
    complete: 'SESSION_COMPLETED',
    'no-show': 'SESSION_COMPLETED',
  },
  'no-show': {
    reschedule: 'SESSION_NO_SHOW',
    cancel: 'SESSION_NO_SHOW',
    complete: 'SESSION_NO_SHOW',
    'no-show': 'SESSION_NO_SHOW',
  },
};

const TRANSITIONS = Object.entries(REFUSED).flatMap(([before, reasons]) =>
  Object.entries(reasons).map(([command, reason]): [string, string, string] => [command, before, reason]),
);

/** What each command leaves of a session, and when it is refused. */
export function outcomes(call: Call): void {
  describe('what commands do, and when they are refused', () => {
    test.each(Object.entries(LEAVES))('%s', async (command, left) => {
      const before = await sessionAfter(call, 'nothing');
      const [, method, request] = commandNamed(command);
      const answer = await call(method, { ...request, id: before['id'] as string });
      expect(answer).toMatchObject({ code: 'OK', response: { session: left } });
      expect(sessionIn(answer)['etag']).not.toBe(before['etag']);
      expect(sessionIn(await call(getSession, { id: before['id'] as string }))).toEqual(sessionIn(answer));
      const listed = await call(listSessions, { coach_hash_id: before['coach_hash_id'] as string });
      expect(sessionsIn(listed)).toEqual([sessionIn(answer)]);
    });

    test('an outcome is corrected, to and fro', async () => {
      const { id } = await sessionAfter(call, 'complete');
      const [, , request] = commandNamed('correct');
      expect(await call(correctOutcome, { ...request, id: id as string })).toMatchObject({
        response: { session: { state: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_COACH', reason: 'a mistake' } },
      });
      expect(await call(correctOutcome, { ...request, id: id as string })).toMatchObject({
        code: 'FailedPrecondition',
        reason: 'OUTCOME_UNCHANGED',
      });
      const back = { id: id as string, outcome: 'SESSION_STATE_COMPLETED', reason: 'it was right' };
      const corrected = sessionIn(await call(correctOutcome, back));
      expect(corrected).toMatchObject({ state: 'SESSION_STATE_COMPLETED' });
      expect(corrected['absent']).toBeUndefined();
    });

    test.each(TRANSITIONS)('%s after %s is refused with %s', async (command, before, reason) => {
      const session = await sessionAfter(call, before);
      const [, method, request] = commandNamed(command);
      const answer = await call(method, { ...request, id: session['id'] as string });
      expect(answer).toEqual({ code: 'FailedPrecondition', reason, violations: [], retry: false });
      expect(sessionIn(await call(getSession, { id: session['id'] as string }))).toEqual(session);
    });

    test.each(['complete', 'no-show'])('%s before the start is refused', async (command) => {
      const id = idIn(await call(scheduleSession, { session: wanted() }));
      const [, method, request] = commandNamed(command);
      expect(await call(method, { ...request, id })).toMatchObject({ reason: 'SESSION_NOT_STARTED' });
    });

    test.each(ON_SESSIONS)('%s of a session that does not exist is NOT_FOUND', async (_, method, request) => {
      expect(await call(method, { ...request, id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });
  });
}
