import type { ConfirmHold, ReleaseHold } from '../../domain/coach/commands.js';
import type { Call } from '../call.js';
import type { CoachOf } from '../request/coach-of.js';
import { check, etag, requestId, uuid } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';

/** What the handlers of commands for one hold need. */
export interface HoldCommandParts extends CommandParts {
  readonly coachOfHold: CoachOf;
}

/** Carries out a command for a hold, as `submit` does. */
export async function submitForHold(
  parts: HoldCommandParts,
  call: Call,
  request: { readonly id: string; readonly etag: string; readonly requestId: string; readonly validateOnly: boolean },
  type: (ConfirmHold | ReleaseHold)['type'],
): ReturnType<typeof submit> {
  check(uuid('id', request.id), etag('etag', request.etag), requestId('request_id', request.requestId));
  const holdId = request.id.toLowerCase();
  const coachHashId = await parts.coachOfHold(holdId, call);
  const wanted = etagGiven(request, call);
  const command = { type, holdId, etag: wanted, coachHashId, now: parts.now() };
  return submit(parts, call, request, command, { holdId, etag: wanted });
}
