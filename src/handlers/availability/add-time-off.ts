import type { TimeOffAdded } from '../../domain/availability/events.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { timeOffMessage } from '../answer/availability-message.js';
import type { Handler } from '../endpoints.js';
import { check, hashId, requestId, required } from '../request/fields.js';
import { type CommandParts, submit } from '../request/submit-command.js';
import { eventOf } from './event-of.js';
import { notForgotten, timeOffGiven } from './given.js';

/** Takes time off; see the rpc's comment. */
export function addTimeOffHandler(parts: CommandParts): Handler<typeof AvailabilityService.method.addTimeOff> {
  return async (request, call) => {
    const { coachHashId } = request;
    const given = request.timeOff && timeOffGiven('time_off', request.timeOff);
    check(
      hashId('coach_hash_id', coachHashId),
      required('time_off', request.timeOff),
      ...(given?.broken ?? []),
      requestId('request_id', request.requestId),
    );
    if (!given) throw new Error('checked above');

    const now = parts.now();
    const timeOff = { timeOffId: parts.newId(), ...given.value };
    check(notForgotten('time_off', timeOff, now));
    const command = { type: 'AddTimeOff', coachHashId, timeOff, now } as const;
    const content = { coachHashId, timeOff: given.value };
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    const event = eventOf<TimeOffAdded>(accepted, 'TimeOffAdded');
    const added = timeOffMessage(coachHashId, event.timeOff, event.addedAt);
    return { timeOff: request.validateOnly ? { ...added, id: '' } : added, consistencyToken };
  };
}
