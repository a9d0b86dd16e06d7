import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastSession } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { type HoldCommandParts, submitForHold } from './hold-command.js';

/** Makes a session of a hold; see the rpc's comment. */
export function confirmHoldHandler(parts: HoldCommandParts): Handler<typeof SessionService.method.confirmHold> {
  return async (request, call) => {
    const { accepted, consistencyToken } = await submitForHold(parts, call, request, 'ConfirmHold');
    return { session: lastSession(accepted), consistencyToken };
  };
}
