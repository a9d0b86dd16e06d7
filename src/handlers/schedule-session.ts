import { timestampMs } from '@bufbuild/protobuf/wkt';
import { endOf } from '../domain/slot.js';
import type { SessionService } from '../gen/aceup/scheduler/v1/session_service_pb.js';
import { type CommandParts, submit } from './command.js';
import type { Handler } from './endpoints.js';
import { check, duration, endsInTime, hashId, requestId, required, time } from './rules.js';
import { lastSession } from './session-message.js';

type ScheduleSessionHandler = Handler<typeof SessionService.method.scheduleSession>;

/** Books a session; see the rpc's comment. */
export function scheduleSessionHandler(parts: CommandParts): ScheduleSessionHandler {
  return async (request, call) => {
    const wanted = wantedSession(request);
    const { newId, newReservationId } = parts;
    const command = {
      type: 'ScheduleSession',
      sessionId: newId(),
      ...wanted,
      reservationId: newReservationId(),
      now: parts.now(),
    } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, wanted);
    return { session: lastSession(accepted), consistencyToken };
  };
}

function wantedSession(request: Parameters<ScheduleSessionHandler>[0]) {
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
  check(endsInTime('session.start', endOf(wanted)));
  return wanted;
}
