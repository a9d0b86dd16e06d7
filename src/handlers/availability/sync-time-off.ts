import type { SyncCalendar } from '../../application/sync-calendar.js';
import type { TimeOffSynced } from '../../domain/availability/events.js';
import { MAX_SYNCED } from '../../domain/availability/time-off.js';
import { timeOffToSync } from '../../domain/coach/decide-offering.js';
import type { AvailabilityService, SyncTimeOffRequest } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import type { Call } from '../call.js';
import type { Handler } from '../endpoints.js';
import { type Broken, check, hashId, requestId, requiredText } from '../request/fields.js';
import { type CommandParts, submit } from '../request/submit-command.js';
import { brokenCalendar, syncGivenCalendar } from './calendar-given.js';
import { eventOf } from './event-of.js';
import { timeOffGiven, timeOffSource } from './given.js';

/** What the handler needs. */
export interface SyncTimeOffParts extends CommandParts {
  readonly syncCalendar: SyncCalendar;
}

/** Replaces all time off of a source; see the rpc's comment. */
export function syncTimeOffHandler(parts: SyncTimeOffParts): Handler<typeof AvailabilityService.method.syncTimeOff> {
  return async (request, call) => {
    const given = itemsGiven(request);
    check(
      hashId('coach_hash_id', request.coachHashId),
      requiredText('source', request.source) ?? timeOffSource('source', request.source),
      ...given.broken,
      ...brokenCalendar(request),
      requestId('request_id', request.requestId),
    );
    const { calendar } = request;
    return calendar
      ? await syncGivenCalendar(parts, call, { ...request, calendar })
      : await syncItems(parts, call, request, given.value);
  };
}

type Items = ReturnType<typeof itemsGiven>['value'];

async function syncItems(parts: CommandParts, call: Call, request: SyncTimeOffRequest, items: Items) {
  const { coachHashId, source } = request;
  const content = { coachHashId, source, timeOff: items };
  const timeOff = items.map((one) => ({ timeOffId: parts.newId(), ...one, source }));
  const command = { type: 'SyncTimeOff', coachHashId, source, timeOff, now: parts.now() } as const;
  const { accepted, consistencyToken } = await submit(parts, call, request, command, content);
  if (accepted.events.length === 0) return { total: timeOffToSync(command).size, consistencyToken };
  const { total, added, removed } = eventOf<TimeOffSynced>(accepted, 'TimeOffSynced');
  return { total, added: added.length, removed: removed.length, consistencyToken };
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
