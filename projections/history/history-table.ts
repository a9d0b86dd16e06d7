import type { SessionEvent } from '../../src/domain/coach/events.js';
import { type Session, sessionAfter } from '../../src/domain/coach/session.js';
import type { Position, RecordedEvent } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { bigint, integer, nullable, safeBigint, text, timestamp } from '../column-types.js';
import { sessionsTable } from '../sessions/sessions-table.js';
import { columnsOf, type Table } from '../table.js';

/** What an event did to a session. */
interface SessionChange {
  readonly type: SessionEvent['type'];
  /** The session as the event left it. */
  readonly session: Session;
  /** The place of the event in the stream of the coach. */
  readonly revision: number;
  readonly decidedAt: number;
  /** Why the change was made. */
  readonly reason: string | undefined;
  /** Of a reminder: in minutes before the start. */
  readonly offsetMinutes: number | undefined;
  readonly metadata: EventMetadata;
  readonly position: Position;
}

/** The change that an event of a session made, from where the event stands and what is stored beside it. */
export function sessionChange(
  event: SessionEvent,
  { revision, position }: Pick<RecordedEvent, 'revision' | 'position'>,
  metadata: EventMetadata,
): SessionChange {
  const session = sessionAfter(event, Number(revision));
  const about = { type: event.type, session, metadata, position };
  return event.type === 'SessionReminderDue'
    ? {
        ...about,
        revision: Number(revision),
        decidedAt: event.remindedAt,
        reason: undefined,
        offsetMinutes: event.offsetMinutes,
      }
    : {
        ...about,
        revision: session.revision,
        decidedAt: session.updatedAt,
        reason: session.reason,
        offsetMinutes: undefined,
      };
}

/** Without those that are of the change here. */
const {
  id,
  updatedAt: _,
  revision: __,
  reason: ___,
  ...others
} = columnsOf(sessionsTable, (change: SessionChange) => change.session);

/**
 * Every change of every session: the columns of `sessions`, and what is known of the change. A reminder is in it too. It
 * changes nothing: reads of the past pass over it.
 */
export const sessionHistoryTable = {
  name: 'session_history',
  comment:
    'Every change of every session, one row each, beginning with the booking. A row never changes. It shows the session ' +
    'as the change left it: what a session was at a time is in its row with the highest revision among those decided ' +
    'at or before that time.',
  key: ['sessionId', 'revision'],
  keep: 'first',
  columns: {
    sessionId: { ...id, comment: 'The session.' },
    revision: {
      type: safeBigint,
      of: (change) => change.revision,
      comment:
        "The place of the change in the coach's stream, from 0: it orders all changes of one coach. The highest of a " +
        'session, reminders left out, is the revision in sessions.',
    },
    type: {
      type: text,
      of: (change) => change.type,
      comment:
        'What happened: SessionScheduled, SessionRescheduled, SessionCancelled, SessionCompleted, SessionMarkedNoShow ' +
        'or SessionOutcomeCorrected; or SessionReminderDue, which changes nothing of the session.',
    },
    decidedAt: {
      type: timestamp,
      of: (change) => change.decidedAt,
      comment: 'When the change was decided, by the clock of the service. It never goes back from change to change.',
    },
    actor: {
      type: nullable(text),
      of: (change) => change.metadata.actor || undefined,
      comment:
        'Who asked for the change: the subject, or what a service or an admin said in x-actor, which is not verified. ' +
        'Null: neither is known.',
    },
    subject: {
      type: nullable(text),
      of: (change) => change.metadata.subject || undefined,
      comment: 'The verified subject of the caller. Null: callers were not authenticated.',
    },
    reason: {
      type: nullable(text),
      of: (change) => change.reason,
      comment: 'Why the change was made. Null: no reason was given.',
    },
    requestId: {
      type: nullable(text),
      of: (change) => change.metadata.requestId || undefined,
      comment:
        'The request_id of the command (REST: Idempotency-Key). All changes of one command have the same. Null: the ' +
        'command had none.',
    },
    correlationId: {
      type: nullable(text),
      of: (change) => change.metadata.correlationId || undefined,
      comment: 'The call that caused the change, as in the logs of the service and the header x-correlation-id.',
    },
    position: {
      type: bigint,
      of: (change) => change.position,
      comment: 'The place of the change in the whole log. It grows from change to change, with gaps.',
    },
    ...others,
    offsetMinutes: {
      type: nullable(integer),
      of: (change) => change.offsetMinutes,
      comment: 'How many minutes before the start a reminder was due. Null: the row is of no reminder.',
    },
  },
} as const satisfies Table<SessionChange>;
