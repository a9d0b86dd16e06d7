import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { lastHold } from '../answer/hold-message.js';
import type { Handler } from '../endpoints.js';
import { type HoldCommandParts, submitForHold } from './hold-command.js';

/** Gives a hold up; see the rpc's comment. */
export function releaseHoldHandler(parts: HoldCommandParts): Handler<typeof SessionService.method.releaseHold> {
  return async (request, call) => {
    const { accepted, consistencyToken } = await submitForHold(parts, call, request, 'ReleaseHold');
    return { hold: lastHold(accepted), consistencyToken };
  };
}
