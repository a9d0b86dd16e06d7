import type { CoachEvent } from '../../src/domain/coach/events.js';
import { sessionAfter } from '../../src/domain/coach/session.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, text, timestamp, uuid } from '../columns.js';
import { type Change, put } from '../projection.js';
import { defineTable } from '../table.js';

/** Every session as it is now. What the columns mean is in ../migrations/0002_sessions.sql. */
export const sessionsTable = defineTable({
  name: 'sessions',
  key: ['id'],
  keep: 'latest',
  columns: {
    id: uuid,
    coachHashId: text,
    clientHashId: text,
    start: timestamp,
    duration: integer,
    state: text,
    revision: bigint,
    createdAt: timestamp,
    updatedAt: timestamp,
  },
});

/**
 * The session that an event is of, as it leaves it.
 * @param revision the place of the event in its stream
 */
export function sessionChanges(event: CoachEvent, revision: Revision): Change[] {
  if (!('sessionId' in event)) return [];
  const session = sessionAfter(event, Number(revision));
  return [put(sessionsTable, { ...session, revision, createdAt: session.scheduledAt })];
}
