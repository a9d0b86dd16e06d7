import type { OfferingEvent } from '../../src/domain/availability/events.js';
import type { TimeOff } from '../../src/domain/availability/time-off.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { add, type Change, put } from '../projection.js';
import { availabilityHistoryTable, availabilityTable } from './availability-table.js';
import { bookingPoliciesTable } from './booking-policies-table.js';
import { timeOffTable } from './time-off-table.js';

/** What an event leaves for the tables of the times that coaches offer. */
export function offeringChanges(
  event: OfferingEvent,
  { revision, position }: Pick<RecordedEvent, 'revision' | 'position'>,
  metadata: EventMetadata,
): Change[] {
  const { coachHashId } = event;
  const added = (timeOff: TimeOff, addedAt: number) => {
    return add(timeOffTable, { coachHashId, timeOff, addedAt, revision });
  };
  const removed = (timeOff: TimeOff, removedAt: number) => {
    return put(timeOffTable, { coachHashId, timeOff, removedAt, revision });
  };
  switch (event.type) {
    case 'AvailabilitySet':
    case 'AvailabilityDeleted': {
      const change = { event, metadata, revision, position };
      return [put(availabilityTable, change), add(availabilityHistoryTable, change)];
    }
    case 'BookingPolicySet':
    case 'BookingPolicyDeleted':
      return [put(bookingPoliciesTable, { event, revision })];
    case 'TimeOffAdded':
      return [added(event.timeOff, event.addedAt)];
    case 'TimeOffRemoved':
      return [removed(event.timeOff, event.removedAt)];
    case 'TimeOffSynced':
      return [
        ...event.removed.map((timeOff) => removed(timeOff, event.syncedAt)),
        ...event.added.map((timeOff) => added(timeOff, event.syncedAt)),
      ];
    default:
      return event satisfies never;
  }
}
