import type { AvailabilitySet } from '../../domain/availability/events.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { timestampOf } from '../../json/times.js';
import { availabilityMessage } from '../answer/availability-message.js';
import type { Handler } from '../endpoints.js';
import { check, etag, hashId, requestId, required } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';
import { etagLeftBy, eventOf } from './event-of.js';
import { availabilityGiven } from './given.js';

/** Says when a coach can be booked; see the rpc's comment. */
export function setAvailabilityHandler(
  parts: CommandParts,
): Handler<typeof AvailabilityService.method.setAvailability> {
  return async (request, call) => {
    const { coachHashId, availability } = request;
    const given = availability && availabilityGiven('availability', availability, parts.zoneRules);
    check(
      hashId('coach_hash_id', coachHashId),
      required('availability', availability),
      ...(given?.broken ?? []),
      etag('etag', request.etag),
      requestId('request_id', request.requestId),
    );
    if (!given) throw new Error('checked above');

    const asked = { coachHashId, availability: given.value, etag: etagGiven(request, call) };
    const command = { type: 'SetAvailability', ...asked, now: parts.now() } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, asked);
    const event = eventOf<AvailabilitySet>(accepted, 'AvailabilitySet');
    return {
      availability: availabilityMessage(event, etagLeftBy(accepted), event.setAt),
      outside: event.outside.map(({ sessionId, start, duration }) => {
        return { sessionId, start: timestampOf(start), duration };
      }),
      outsideCount: event.outsideCount,
      consistencyToken,
    };
  };
}
