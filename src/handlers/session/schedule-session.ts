import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastSession } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { requestId, wantedSlot } from '../request/fields.js';
import { type CommandParts, ignoring, submit } from '../request/submit-command.js';

/** Books a session; see the rpc's comment. */
export function scheduleSessionHandler(parts: CommandParts): Handler<typeof SessionService.method.scheduleSession> {
  return async (request, call) => {
    const wanted = wantedSlot('session', request.session, requestId('request_id', request.requestId));
    const command = {
      type: 'ScheduleSession',
      sessionId: parts.newId(),
      ...wanted,
      ...ignoring(request),
      now: parts.now(),
    } as const;
    const content = { ...wanted, ...ignoring(request) };
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    return { session: lastSession(accepted), consistencyToken };
  };
}
