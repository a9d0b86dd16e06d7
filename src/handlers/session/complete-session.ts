import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import type { Handler } from '../endpoints.js';
import { type SessionCommandParts, sessionCommandHandler } from './session-command.js';

/** Says that a session took place; see the rpc's comment. */
export function completeSessionHandler(
  parts: SessionCommandParts,
): Handler<typeof SessionService.method.completeSession> {
  return sessionCommandHandler(
    parts,
    () => [],
    () => ({ type: 'CompleteSession' }),
  );
}
