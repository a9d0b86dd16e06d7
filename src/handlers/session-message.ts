import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { SessionScheduled } from '../domain/coach.js';
import { type SessionSchema, SessionState } from '../gen/aceup/scheduler/v1/session_pb.js';
import type { SessionRow } from '../read-model/read-model.js';

type SessionInit = MessageInitShape<typeof SessionSchema>;

/** The session right after it was booked. */
export function scheduledSession(event: SessionScheduled): SessionInit {
  return sessionOf({
    id: event.sessionId,
    coachHashId: event.coachHashId,
    clientHashId: event.clientHashId,
    start: event.start,
    duration: event.duration,
    state: 'scheduled',
    createdAt: event.scheduledAt,
    updatedAt: event.scheduledAt,
  });
}

/** The session as the read model has it. */
export function sessionOf(row: SessionRow): SessionInit {
  return {
    ...row,
    start: timestampFromMs(row.start),
    state: STATES[row.state],
    createdAt: timestampFromMs(row.createdAt),
    updatedAt: timestampFromMs(row.updatedAt),
  };
}

/** The read model's name of a state; undefined for the unspecified one. */
export function stateName(state: SessionState): SessionRow['state'] | undefined {
  return NAMES.find((name) => STATES[name] === state);
}

const STATES: Readonly<Record<SessionRow['state'], SessionState>> = { scheduled: SessionState.SCHEDULED };
const NAMES = Object.keys(STATES) as SessionRow['state'][];
