import type { Session } from '../../src/domain/coach/session.js';
import { integer, nullable, safeBigint, text, timestamp, uuid } from '../column-types.js';
import type { Table } from '../table.js';

/** Every session as it is now. */
export const sessionsTable = {
  name: 'sessions',
  comment: 'Every session ever booked, one row each, as it is now.',
  key: ['id'],
  keep: 'latest',
  columns: {
    id: { type: uuid, of: (session) => session.id, comment: 'The session, a UUIDv7. It never changes.' },
    coachHashId: { type: text, of: (session) => session.coachHashId, comment: 'The coach.' },
    clientHashId: { type: text, of: (session) => session.clientHashId, comment: 'The client.' },
    start: { type: timestamp, of: (session) => session.start, comment: 'When the session begins.' },
    duration: {
      type: integer,
      of: (session) => session.duration,
      comment:
        "How long the session lasts, in whole minutes, 1 to 1440. Its end, start + duration * interval '1 minute', " +
        'is exclusive.',
    },
    state: {
      type: text,
      of: (session) => session.state,
      comment:
        'scheduled: it has no outcome yet. completed: it took place. cancelled: it was called off. no_show: the coach ' +
        'or the client did not come. Every state but cancelled takes the time of coach and client.',
    },
    revision: {
      type: safeBigint,
      of: (session) => session.revision,
      comment:
        "The place in the coach's stream, from 0, of the last event that changed the row. It grows with every change.",
    },
    scheduledAt: {
      name: 'created_at',
      type: timestamp,
      of: (session) => session.scheduledAt,
      comment: 'When the booking was decided, by the clock of the service.',
    },
    updatedAt: {
      type: timestamp,
      of: (session) => session.updatedAt,
      comment: 'When the last change was decided, by the clock of the service.',
    },
    seriesId: {
      type: nullable(uuid),
      of: (session) => session.seriesId,
      comment: 'The series of the session. Null: it belongs to no series.',
    },
    occurrence: {
      type: nullable(integer),
      of: (session) => session.occurrence,
      comment: 'The place of the session in its series, from 1. Null: it belongs to no series.',
    },
    localStart: {
      type: nullable(text),
      of: (session) => session.localStart,
      comment:
        'The wall time at which the series has it begin, in the time zone of the series: 2026-03-02T09:30:00. ' +
        'Rescheduling the session alone does not change it. Null: it belongs to no series.',
    },
    cancelledBy: {
      type: nullable(text),
      of: (session) => session.cancelledBy,
      comment: 'Who called the session off: coach, client or organization. Null: it is not cancelled.',
    },
    absent: {
      type: nullable(text),
      of: (session) => session.absent,
      comment: 'Who did not come: coach or client. Null: it is not a no-show.',
    },
    reason: {
      type: nullable(text),
      of: (session) => session.reason,
      comment: 'Why the last change was made. Null: no reason was given.',
    },
  },
} as const satisfies Table<Session>;
