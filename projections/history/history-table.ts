import type { SessionEvent } from '../../src/domain/coach/events.js';
import type { Session } from '../../src/domain/coach/session.js';
import type { Position } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { bigint, nullable, text } from '../column-types.js';
import { sessionsTable } from '../sessions/sessions-table.js';
import { columnsOf, type Table } from '../table.js';

/** What an event did to a session. */
interface SessionChange {
  readonly type: SessionEvent['type'];
  /** The session as the event left it. */
  readonly session: Session;
  readonly metadata: EventMetadata;
  readonly position: Position;
}

const { id, updatedAt, revision, reason, ...others } = columnsOf(
  sessionsTable,
  (change: SessionChange) => change.session,
);

/** Every change of every session: the columns of `sessions`, and what is known of the change. */
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
      ...revision,
      comment:
        "The place of the change in the coach's stream, from 0: it orders all changes of one coach. The highest of a " +
        'session is the revision in sessions.',
    },
    type: {
      type: text,
      of: (change) => change.type,
      comment:
        'What happened: SessionScheduled, SessionRescheduled, SessionCancelled, SessionCompleted, SessionMarkedNoShow ' +
        'or SessionOutcomeCorrected.',
    },
    decidedAt: {
      ...updatedAt,
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
    reason: { ...reason, comment: 'Why the change was made. Null: no reason was given.' },
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
  },
} as const satisfies Table<SessionChange>;
