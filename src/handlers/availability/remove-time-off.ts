import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import type { Handler } from '../endpoints.js';
import { check, hashId, requestId, uuid } from '../request/fields.js';
import { type CommandParts, submit } from '../request/submit-command.js';

/** Gives time off up; see the rpc's comment. */
export function removeTimeOffHandler(parts: CommandParts): Handler<typeof AvailabilityService.method.removeTimeOff> {
  return async (request, call) => {
    const { coachHashId } = request;
    check(hashId('coach_hash_id', coachHashId), uuid('id', request.id), requestId('request_id', request.requestId));
    const asked = { coachHashId, timeOffId: request.id.toLowerCase() };
    const command = { type: 'RemoveTimeOff', ...asked, now: parts.now() } as const;
    const { consistencyToken } = await submit(parts, call, request, command, asked);
    return { consistencyToken };
  };
}
