import { SessionState } from '../../gen/aceup/scheduler/v1/session_pb.js';
import type { CorrectOutcomeRequest, SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { partyName } from '../answer/session-message.js';
import type { Handler } from '../endpoints.js';
import { absentParty, type Broken, reason, requiredText } from '../request/fields.js';
import { type SessionCommandParts, sessionCommandHandler } from './session-command.js';

/** Corrects how a session went; see the rpc's comment. */
export function correctOutcomeHandler(
  parts: SessionCommandParts,
): Handler<typeof SessionService.method.correctOutcome> {
  return sessionCommandHandler(
    parts,
    (request) => [
      outcome(request),
      absence(request),
      requiredText('reason', request.reason),
      reason('reason', request.reason),
    ],
    (request) => ({
      type: 'CorrectOutcome',
      outcome: request.outcome === SessionState.COMPLETED ? 'completed' : 'no_show',
      absent: partyName(request.absent),
      reason: request.reason,
    }),
  );
}

function outcome({ outcome: given }: CorrectOutcomeRequest): Broken {
  if (given === SessionState.COMPLETED || given === SessionState.NO_SHOW) return undefined;
  return { field: 'outcome', description: 'must be SESSION_STATE_COMPLETED or SESSION_STATE_NO_SHOW' };
}

function absence({ outcome: given, absent }: CorrectOutcomeRequest): Broken {
  if (given === SessionState.NO_SHOW) return absentParty('absent', absent);
  if (given !== SessionState.COMPLETED || absent === 0) return undefined;
  return { field: 'absent', description: 'must be absent when the session took place' };
}
