import type { BookingPolicySet } from '../../domain/availability/events.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { bookingPolicyMessage } from '../answer/availability-message.js';
import type { Handler } from '../endpoints.js';
import { check, etag, hashId, requestId, required } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';
import { etagLeftBy, eventOf } from './event-of.js';
import { policyGiven } from './given.js';

/** Says which times of a coach may be booked; see the rpc's comment. */
export function setBookingPolicyHandler(
  parts: CommandParts,
): Handler<typeof AvailabilityService.method.setBookingPolicy> {
  return async (request, call) => {
    const { coachHashId, bookingPolicy } = request;
    const given = bookingPolicy && policyGiven('booking_policy', bookingPolicy, parts.zoneRules);
    check(
      hashId('coach_hash_id', coachHashId),
      required('booking_policy', bookingPolicy),
      ...(given?.broken ?? []),
      etag('etag', request.etag),
      requestId('request_id', request.requestId),
    );
    if (!given) throw new Error('checked above');

    const asked = { coachHashId, policy: given.value, etag: etagGiven(request, call) };
    const command = { type: 'SetBookingPolicy', ...asked, now: parts.now() } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, asked);
    const event = eventOf<BookingPolicySet>(accepted, 'BookingPolicySet');
    return { bookingPolicy: bookingPolicyMessage(event, etagLeftBy(accepted), event.setAt), consistencyToken };
  };
}
