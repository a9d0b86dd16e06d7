import type { Party } from '../../domain/coach/session.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { partyName } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { absentParty } from '../request/fields.js';
import { type SessionCommandParts, sessionCommandHandler } from './session-command.js';

/** Says that somebody did not come; see the rpc's comment. */
export function markNoShowHandler(parts: SessionCommandParts): Handler<typeof SessionService.method.markNoShow> {
  return sessionCommandHandler(
    parts,
    (request) => [absentParty('absent', request.absent)],
    (request) => ({ type: 'MarkNoShow', absent: partyName(request.absent) as Party }),
  );
}
