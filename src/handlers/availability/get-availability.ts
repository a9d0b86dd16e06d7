import type { AvailabilityQueries } from '../../application/read-model.js';
import { etagOfVersion } from '../../domain/coach/decide-offering.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { isWithin } from '../access/scope.js';
import { availabilityMessage } from '../answer/availability-message.js';
import { orNotFound } from '../answer/errors.js';
import type { Handler } from '../endpoints.js';
import { asOfGiven, asOfViolations } from '../request/as-of.js';
import { check, hashId } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers when a coach can be booked, or could be; see the rpc's comment. */
export function getAvailabilityHandler(
  queries: AvailabilityQueries,
  reads: ReadYourWrites,
): Handler<typeof AvailabilityService.method.getAvailability> {
  return async (request, { cancellation, scope }) => {
    const { coachHashId, consistencyToken } = request;
    check(hashId('coach_hash_id', coachHashId), ...asOfViolations(request));
    const asOf = asOfGiven(request);
    await reads.waitFor(consistencyToken, cancellation);

    const found = asOf ? await queries.getAsOf(coachHashId, asOf) : await queries.get(coachHashId);
    const row = orNotFound('availability of coach', coachHashId, isWithin(scope, request) ? found : undefined);
    return { availability: availabilityMessage(row, etagOfVersion(row), row.updatedAt) };
  };
}
