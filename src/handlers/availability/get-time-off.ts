import type { TimeOffQueries } from '../../application/read-model.js';
import type { AvailabilityService } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { isWithin } from '../access/scope.js';
import { timeOffMessage } from '../answer/availability-message.js';
import { orNotFound } from '../answer/errors.js';
import type { Handler } from '../endpoints.js';
import { check, hashId, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers one time off; see the rpc's comment. */
export function getTimeOffHandler(
  queries: TimeOffQueries,
  reads: ReadYourWrites,
): Handler<typeof AvailabilityService.method.getTimeOff> {
  return async ({ coachHashId, id: idGiven, consistencyToken }, { cancellation, scope }) => {
    check(hashId('coach_hash_id', coachHashId), uuid('id', idGiven));
    const id = idGiven.toLowerCase();
    await reads.waitFor(consistencyToken, cancellation);
    const found = await queries.get(coachHashId, id);
    const row = orNotFound('time off', id, isWithin(scope, { coachHashId }) ? found : undefined);
    return { timeOff: timeOffMessage(coachHashId, row, row.createdAt) };
  };
}
