import type { TimeOffSynced } from '../../domain/availability/events.js';
import { MAX_SYNCED } from '../../domain/availability/time-off.js';
import { timeOffToSync } from '../../domain/coach/decide-offering.js';
import type { AvailabilityService, SyncTimeOffRequest } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import type { Handler } from '../endpoints.js';
import { type Broken, check, hashId, requestId, requiredText } from '../request/fields.js';
import { type CommandParts, submit } from '../request/submit-command.js';
import { eventOf } from './event-of.js';
import { timeOffGiven, timeOffSource } from './given.js';

/** Replaces all time off of a source; see the rpc's comment. */
export function syncTimeOffHandler(parts: CommandParts): Handler<typeof AvailabilityService.method.syncTimeOff> {
  return async (request, call) => {
    const { coachHashId, source } = request;
    const given = itemsGiven(request);
    check(
      hashId('coach_hash_id', coachHashId),
      requiredText('source', source) ?? timeOffSource('source', source),
      ...given.broken,
      requestId('request_id', request.requestId),
    );
    const content = { coachHashId, source, timeOff: given.value };
    const timeOff = given.value.map((one) => ({ timeOffId: parts.newId(), ...one, source }));
    const command = { type: 'SyncTimeOff', coachHashId, source, timeOff, now: parts.now() } as const;
    const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
    if (accepted.events.length === 0) return { total: timeOffToSync(command).size, consistencyToken };
    const { total, added, removed } = eventOf<TimeOffSynced>(accepted, 'TimeOffSynced');
    return { total, added: added.length, removed: removed.length, consistencyToken };
  };
}

function itemsGiven({ source, timeOff }: SyncTimeOffRequest) {
  if (timeOff.length > MAX_SYNCED) {
    const broken: Broken[] = [{ field: 'time_off', description: `must have at most ${MAX_SYNCED} items` }];
    return { value: [], broken };
  }
  const items = timeOff.map((one, index) => timeOffGiven(`time_off[${index}]`, one));
  const others = items.map(({ value }, index): Broken => {
    if (value.source === undefined || value.source === source) return undefined;
    return { field: `time_off[${index}].source`, description: 'must be empty or the same as `source`' };
  });
  const broken = [...items.flatMap((one) => one.broken), ...others];
  return { value: items.map(({ value }) => value), broken };
}
