import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { CoachInbox } from '../application/coach-inbox.js';
import { intervalOf, type ScheduleSession } from '../domain/coach.js';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handler } from './endpoints.js';
import { metadataFor } from './metadata.js';
import { accepted } from './outcome.js';
import { check, duration, endsInTime, hashId, requestId, required, time } from './rules.js';
import { scheduledSession } from './session-message.js';
import { consistencyToken } from './tokens.js';

type ScheduleSessionHandler = Handler<typeof SessionService.method.scheduleSession>;

/** What the handler needs. */
export interface ScheduleSessionParts {
  readonly inbox: CoachInbox;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Gives ids for sessions. */
  readonly newId: () => string;
}

/** Books a session; see the rpc's comment. */
export function scheduleSessionHandler({ inbox, now, newId }: ScheduleSessionParts): ScheduleSessionHandler {
  return async (request, call) => {
    const wanted = wantedSession(request);
    const command: ScheduleSession = { type: 'ScheduleSession', sessionId: newId(), ...wanted, now: now() };

    const outcome = await inbox.submit({
      command,
      metadata: metadataFor(call, request.requestId, [call.method.name, wanted]),
      signal: call.signal,
    });
    const { events, position } = accepted(outcome);
    const [scheduled] = events;
    if (!scheduled) throw new Error('a booking led to no event');
    return { session: scheduledSession(scheduled), consistencyToken: consistencyToken(position) };
  };
}

type WantedSession = Pick<ScheduleSession, 'coachHashId' | 'clientHashId' | 'start' | 'duration'>;

function wantedSession(request: Parameters<ScheduleSessionHandler>[0]): WantedSession {
  const { session } = request;
  const timeGiven = session?.start;
  check(
    requestId('request_id', request.requestId),
    ...(session
      ? [
          hashId('session.coach_hash_id', session.coachHashId),
          hashId('session.client_hash_id', session.clientHashId),
          required('session.start', timeGiven),
          time('session.start', timeGiven),
          duration('session.duration', session.duration),
        ]
      : [required('session', session)]),
  );
  if (!session || !timeGiven) throw new Error('checked above');

  const { coachHashId, clientHashId } = session;
  const wanted = { coachHashId, clientHashId, start: timestampMs(timeGiven), duration: session.duration };
  check(endsInTime('session.start', intervalOf(wanted).end));
  return wanted;
}
