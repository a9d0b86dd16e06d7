import { type CoachState, findSession } from './coach.js';
import type { RemindOfSession } from './commands.js';
import { accept, type Decision, reject } from './decision.js';
import { dueAt } from './reminders.js';
import { changedAt, fieldsOf, type Session } from './session.js';

/**
 * Tells a reminder once for each time that a session is given: after it is due and before the session begins. One that
 * was past already when the session was booked or moved is never told.
 *
 * That a start that a session has, loses and gets again is not told twice follows from the times: every change is made
 * at or after the reminders before it, by `changedAt`, so what was told before a change was past at the change.
 */
export function remindOfSession(command: RemindOfSession, state: CoachState): Decision {
  const { sessionId, offsetMinutes, now } = command;
  const session = findSession(state, sessionId);
  if (!session) return reject('SESSION_NOT_FOUND');
  const remindedAt = changedAt(session, now);
  if (!isDue(session, offsetMinutes, remindedAt)) return reject('REMINDER_NOT_DUE');
  const { updatedAt, reason, revision: sessionRevision } = session;
  const about = { offsetMinutes, remindedAt, updatedAt, reason, sessionRevision };
  return accept({ type: 'SessionReminderDue', ...fieldsOf(session), ...about });
}

function isDue({ state, start, updatedAt, reminders }: Session, offsetMinutes: number, now: number): boolean {
  const due = dueAt(start, offsetMinutes);
  const isAhead = due > updatedAt;
  const isTold = reminders?.offsets.includes(offsetMinutes) ?? false;
  return state === 'scheduled' && isAhead && due <= now && now < start && !isTold;
}
