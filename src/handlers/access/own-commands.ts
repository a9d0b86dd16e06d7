import type { CoachCommand } from '../../domain/coach/commands.js';
import { denied } from '../answer/errors.js';
import type { Scope } from './scope.js';

/**
 * Throws PERMISSION_DENIED for a command of a coach or a client that only others may give: a client cannot book against
 * the policy of a coach, and nobody cancels in the name of somebody else.
 */
export function checkOwnCommand(scope: Scope, command: CoachCommand): void {
  if (scope.anybody) return;
  const party = command.coachHashId === scope.coachHashId ? 'coach' : 'client';
  if (party === 'client' && 'ignorePolicy' in command && command.ignorePolicy) {
    throw denied('ignore_policy: is not for clients');
  }
  if ('cancelledBy' in command && command.cancelledBy !== party) {
    throw denied(`cancelled_by: must be PARTY_${party.toUpperCase()} for this caller`);
  }
}
