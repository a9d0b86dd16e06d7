import type { Session } from '../../src/domain/coach/session.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, nullable, text, timestamp, uuid } from '../columns.js';
import { defineTable, type RowOf } from '../table.js';

/** Every session as it is now. What the columns mean is in ../migrations/0002_sessions.sql and 0006_whole_life.sql. */
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
    seriesId: nullable(uuid),
    occurrence: nullable(integer),
    localStart: nullable(text),
    cancelledBy: nullable(text),
    absent: nullable(text),
    reason: nullable(text),
  },
});

/** A session as an event left it. */
export type SessionTableRow = RowOf<typeof sessionsTable>;

/**
 * The row of a session.
 * @param revision the place, in its stream, of the event that left it so
 */
export function sessionRow(session: Session, revision: Revision): SessionTableRow {
  const { id, coachHashId, clientHashId, start, duration, state, scheduledAt: createdAt, updatedAt } = session;
  return {
    id,
    coachHashId,
    clientHashId,
    start,
    duration,
    state,
    revision,
    createdAt,
    updatedAt,
    seriesId: session.seriesId || undefined,
    occurrence: session.occurrence || undefined,
    localStart: session.localStart || undefined,
    cancelledBy: session.cancelledBy,
    absent: session.absent,
    reason: session.reason || undefined,
  };
}
