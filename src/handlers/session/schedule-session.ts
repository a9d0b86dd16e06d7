import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastSession } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { type CommandParts, submit } from '../request/command.js';
import { requestId } from '../request/fields.js';
import { wantedSlot } from '../request/wanted-slot.js';

/** Books a session; see the rpc's comment. */
export function scheduleSessionHandler(parts: CommandParts): Handler<typeof SessionService.method.scheduleSession> {
  return async (request, call) => {
    const wanted = wantedSlot('session', request.session, requestId('request_id', request.requestId));
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
