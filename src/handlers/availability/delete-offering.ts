import type { DeleteAvailability, DeleteBookingPolicy } from '../../domain/availability/commands.js';
import type { Call } from '../call.js';
import { check, etag, hashId, requestId } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';

/** What the requests of both methods have. */
interface DeleteRequest {
  readonly coachHashId: string;
  readonly etag: string;
  readonly requestId: string;
  readonly validateOnly: boolean;
}

/** Deletes a coach's availability or booking policy; see the rpcs' comments. */
export function deleteOfferingHandler(
  parts: CommandParts,
  type: (DeleteAvailability | DeleteBookingPolicy)['type'],
): (request: DeleteRequest, call: Call) => Promise<{ consistencyToken: string }> {
  return async (request, call) => {
    const { coachHashId } = request;
    check(hashId('coach_hash_id', coachHashId), etag('etag', request.etag), requestId('request_id', request.requestId));
    const asked = { coachHashId, etag: etagGiven(request, call) };
    const command = { type, ...asked, now: parts.now() };
    const { consistencyToken } = await submit(parts, call, request, command, asked);
    return { consistencyToken };
  };
}
