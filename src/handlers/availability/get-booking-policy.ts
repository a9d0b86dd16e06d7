import type { BookingPolicyQueries } from '../../application/read-model.js';
import { etagOfVersion } from '../../domain/coach/decide-offering.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { isWithin } from '../access/scope.js';
import { bookingPolicyMessage } from '../answer/availability-message.js';
import { orNotFound } from '../answer/errors.js';
import type { Handler } from '../endpoints.js';
import { check, hashId } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers which times of a coach may be booked; see the rpc's comment. */
export function getBookingPolicyHandler(
  queries: BookingPolicyQueries,
  reads: ReadYourWrites,
): Handler<typeof AvailabilityService.method.getBookingPolicy> {
  return async ({ coachHashId, consistencyToken }, { cancellation, scope }) => {
    check(hashId('coach_hash_id', coachHashId));
    await reads.waitFor(consistencyToken, cancellation);
    const found = await queries.get(coachHashId);
    const row = orNotFound(
      'booking policy of coach',
      coachHashId,
      isWithin(scope, { coachHashId }) ? found : undefined,
    );
    return { bookingPolicy: bookingPolicyMessage(row, etagOfVersion(row), row.updatedAt) };
  };
}
