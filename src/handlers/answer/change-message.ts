import { toJson } from '@bufbuild/protobuf';
import type { ChangeEvent, Change as FeedChange } from '../../application/change-feed.js';
import type { OfferingEvent } from '../../domain/availability/events.js';
import type { HoldEvent, SessionEvent } from '../../domain/coach/events.js';
import { holdChangedAt } from '../../domain/coach/hold.js';
import { sessionAfter } from '../../domain/coach/session.js';
import { type Change, ChangeSchema, type TimeOffSync } from '../../gen/aceup/scheduler/v1/change_pb.js';
import { AS_ANSWERED } from '../../json/as-answered.js';
import { timestampOf } from '../../json/times.js';
import { availabilityMessage, bookingPolicyMessage, timeOffMessage } from './availability-message.js';
import { holdLeftBy } from './hold-message.js';
import { sessionOf } from './session-message.js';

const MADE = new WeakMap<FeedChange, Change>();

/** A change as callers get it. However many watch it, it has one message. */
export function changeMessage(change: FeedChange): Change {
  const made = MADE.get(change) ?? messageOf(change);
  MADE.set(change, made);
  return made;
}

/** A change in the JSON of REST: proto names, and every field. Made once, as its message is. */
export function changeJson(change: FeedChange): ChangeJson {
  const made =
    JSON_MADE.get(change) ?? (toJson(ChangeSchema, changeMessage(change), AS_ANSWERED) as unknown as ChangeJson);
  JSON_MADE.set(change, made);
  return made;
}

/** The message `Change` in JSON, of which some fields are known. */
export interface ChangeJson {
  /** RFC 3339. */
  readonly at: string;
}

const JSON_MADE = new WeakMap<FeedChange, ChangeJson>();

function messageOf({ id, position, revision, event, metadata }: FeedChange): Change {
  const { actor, subject, requestId, correlationId } = metadata;
  return {
    $typeName: 'aceup.scheduler.v1.Change',
    id,
    position,
    type: event.type,
    at: timestampOf(decidedAt(event, revision)),
    coachHashId: event.coachHashId,
    clientHashId: 'clientHashId' in event ? event.clientHashId : '',
    actor,
    subject,
    reason: reasonOf(event) ?? '',
    requestId,
    correlationId,
    revision: BigInt(revision),
    left: leftBy(event, revision),
    offsetMinutes: event.type === 'SessionReminderDue' ? event.offsetMinutes : 0,
  };
}

/** Why the change was made. A reminder has the reason of the change before. */
function reasonOf(event: ChangeEvent): string | undefined {
  return 'reason' in event && event.type !== 'SessionReminderDue' ? event.reason : undefined;
}

function leftBy(event: ChangeEvent, revision: number): Change['left'] {
  if (isOfSession(event)) return { case: 'session', value: sessionOf(sessionAfter(event, revision)) };
  if (isOfHold(event)) return { case: 'hold', value: holdLeftBy(event) };
  return offeredAfter(event, String(revision));
}

function offeredAfter(event: OfferingEvent, etag: string): Change['left'] {
  const { coachHashId } = event;
  switch (event.type) {
    case 'AvailabilitySet':
      return { case: 'availability', value: availabilityMessage(event, etag, event.setAt) };
    case 'BookingPolicySet':
      return { case: 'bookingPolicy', value: bookingPolicyMessage(event, etag, event.setAt) };
    case 'AvailabilityDeleted':
    case 'BookingPolicyDeleted':
      return { case: undefined };
    case 'TimeOffAdded':
      return { case: 'timeOff', value: timeOffMessage(coachHashId, event.timeOff, event.addedAt) };
    case 'TimeOffRemoved': {
      // The event does not say when it was added.
      const { createdAt: _, ...timeOff } = timeOffMessage(coachHashId, event.timeOff, event.removedAt);
      return { case: 'timeOff', value: timeOff };
    }
    case 'TimeOffSynced': {
      const { source, added, removed, total } = event;
      const counts = { source, added: added.length, removed: removed.length, total };
      return {
        case: 'timeOffSync',
        value: { $typeName: 'aceup.scheduler.v1.TimeOffSync', ...counts } satisfies TimeOffSync,
      };
    }
    default:
      return event satisfies never;
  }
}

/** When an event was decided, in epoch milliseconds. */
function decidedAt(event: ChangeEvent, revision: number): number {
  if (event.type === 'SessionReminderDue') return event.remindedAt;
  if (isOfSession(event)) return sessionAfter(event, revision).updatedAt;
  if (isOfHold(event)) return holdChangedAt(event);
  switch (event.type) {
    case 'AvailabilitySet':
    case 'BookingPolicySet':
      return event.setAt;
    case 'AvailabilityDeleted':
    case 'BookingPolicyDeleted':
      return event.deletedAt;
    case 'TimeOffAdded':
      return event.addedAt;
    case 'TimeOffRemoved':
      return event.removedAt;
    case 'TimeOffSynced':
      return event.syncedAt;
    default:
      return event satisfies never;
  }
}

function isOfSession(event: ChangeEvent): event is SessionEvent {
  return 'sessionId' in event;
}

function isOfHold(event: ChangeEvent): event is HoldEvent {
  return 'holdId' in event;
}
