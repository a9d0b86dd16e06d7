import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Party } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { nameOf, readEvent, type StoredEvent } from '../../src/verify/stored-events.js';
import type { Caller } from './callers.js';
import { type Input, inputNrIn } from './inputs.js';

/** What other events bring about, whosever they are: time that has run out, and time that is free again. */
const CONSEQUENCES = new Set(['HoldExpired', 'ReservationAbandoned', 'TimeReleased']);

/** What only a coach does. */
const OF_COACHES =
  /^(?:SessionCompleted|SessionMarkedNoShow|SessionOutcomeCorrected|Availability\w+|BookingPolicy\w+|TimeOff\w+)$/;

type AnyEvent = StoredEvent & {
  readonly coachHashId: string;
  readonly clientHashId?: string;
  readonly cancelledBy?: Party;
  readonly ignoredPolicy?: boolean;
};

/**
 * Which of the events had nobody with a right to cause them: a sentence for each.
 * @param log what was written since the world was made
 * @param inputOf the input of a number
 */
export function eventsWithoutRight(log: readonly RecordedEvent[], inputOf: (nr: number) => Input): string[] {
  return log.flatMap((recorded) => {
    const { event, metadata, position } = readEvent(recorded);
    const nr = inputNrIn(metadata.correlationId);
    const input = nr === undefined ? undefined : inputOf(nr);
    const why = input ? (whyNot(input, event as AnyEvent) ?? inAnothersName(input, metadata)) : 'no input caused it';
    const { caller, what = '' } = input ?? {};
    return why ? [`${nameOf(event)} at ${position}: ${why}; ${caller?.name}, input ${nr}: ${what}`] : [];
  });
}

/** Only services and admins say on whose behalf they act. */
function inAnothersName({ caller }: Input, { subject, actor }: EventMetadata): string | undefined {
  if (subject !== caller?.subject) return `it has the subject ${subject}`;
  const maySay = caller.roles.has('service') || caller.roles.has('admin');
  return maySay || actor === subject ? undefined : `it has the actor ${actor}`;
}

function whyNot({ caller, right }: Input, event: AnyEvent): string | undefined {
  if (!caller || right === 'unknown caller') return 'the caller was not known';
  if (right === 'none' || right === 'not so') return 'the caller had no right to it';
  const { roles } = caller;
  if (roles.has('service') || roles.has('admin')) return undefined;
  if (!roles.has('coach') && !roles.has('client')) return 'the caller may change nothing';
  if (CONSEQUENCES.has(nameOf(event))) return undefined;
  return whyNotOf(caller, event);
}

function whyNotOf({ coach, client }: Caller, event: AnyEvent): string | undefined {
  if (coach !== undefined && event.coachHashId === coach) return cancelledByAnother(event, Party.COACH);
  if (client === undefined || event.clientHashId !== client) return 'it is of somebody else';
  if (OF_COACHES.test(nameOf(event))) return 'only a coach may do it';
  if (event.ignoredPolicy) return 'a client ignored a policy';
  return cancelledByAnother(event, Party.CLIENT);
}

function cancelledByAnother({ cancelledBy }: AnyEvent, party: Party): string | undefined {
  return cancelledBy === undefined || cancelledBy === party ? undefined : `it was cancelled as ${Party[cancelledBy]}`;
}
