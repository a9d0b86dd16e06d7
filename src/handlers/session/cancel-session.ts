import type { Party } from '../../domain/coach/session.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { partyName } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { party, reason } from '../request/fields.js';
import { type SessionCommandParts, sessionCommandHandler } from './session-command.js';

/** Calls a session off; see the rpc's comment. */
export function cancelSessionHandler(parts: SessionCommandParts): Handler<typeof SessionService.method.cancelSession> {
  return sessionCommandHandler(
    parts,
    (request) => [party('cancelled_by', request.cancelledBy), reason('reason', request.reason)],
    (request) => ({
      type: 'CancelSession',
      cancelledBy: partyName(request.cancelledBy) as Party,
      reason: request.reason || undefined,
    }),
  );
}
