import { COACH_STREAM_PREFIX } from '../src/domain/coach/coach.js';
import { coachEvents, decodeMetadata } from '../src/event-store/event-codec.js';
import type { RecordedEvent } from '../src/event-store/event-store.js';
import type { EventMetadata } from '../src/gen/aceup/scheduler/v1/events_pb.js';
import { availabilityHistoryTable, availabilityTable } from './availability/availability-table.js';
import { bookingPoliciesTable } from './availability/booking-policies-table.js';
import { offeringChanges } from './availability/offering-changes.js';
import { timeOffTable } from './availability/time-off-table.js';
import { sessionChange, sessionHistoryTable } from './history/history-table.js';
import { holdChange, holdsTable } from './holds/holds-table.js';
import { add, type Change, type Projection, put } from './projection.js';
import { requestsTable } from './requests/requests-table.js';
import { seriesTable } from './series/series-table.js';
import { sessionsTable } from './sessions/sessions-table.js';

/** The read model of coaches' streams: sessions, series, holds and times offered, and the commands that changed them. */
export const sessions: Projection = {
  name: 'sessions',
  // 2: with a history. Version 1 knew only bookings. 3: with what was skipped of a series. 4: with subjects. What came with
  // events that an older version cannot read, such as those of availability, needs no new version: it stops there and
  // writes no rows.
  version: 4,
  streams: { prefixes: [COACH_STREAM_PREFIX] },
  tables: [
    sessionsTable,
    requestsTable,
    sessionHistoryTable,
    holdsTable,
    seriesTable,
    availabilityTable,
    availabilityHistoryTable,
    bookingPoliciesTable,
    timeOffTable,
  ],

  changesOf(recorded) {
    const metadata = decodeMetadata(recorded);
    const changes = changesOfEvent(recorded, metadata);
    if (metadata.requestId) changes.push(put(requestsTable, { metadata, event: recorded }));
    return changes;
  },
};

function changesOfEvent(recorded: RecordedEvent, metadata: EventMetadata): Change[] {
  const { revision } = recorded;
  const event = coachEvents.decode(recorded);
  switch (event.type) {
    case 'SessionScheduled':
    case 'SessionRescheduled':
    case 'SessionCancelled':
    case 'SessionCompleted':
    case 'SessionMarkedNoShow':
    case 'SessionOutcomeCorrected': {
      const change = sessionChange(event, recorded, metadata);
      const { session } = change;
      return [
        event.type === 'SessionScheduled' ? add(sessionsTable, session) : put(sessionsTable, session),
        add(sessionHistoryTable, change),
      ];
    }
    case 'SessionReminderDue':
      return [add(sessionHistoryTable, sessionChange(event, recorded, metadata))];
    case 'SlotHeld':
      return [add(holdsTable, holdChange(event, revision))];
    case 'HoldConfirmed':
    case 'HoldReleased':
    case 'HoldExpired':
      return [put(holdsTable, holdChange(event, revision))];
    case 'SeriesScheduled':
      return [add(seriesTable, { series: event, revision })];
    case 'SeriesRescheduled':
    case 'SeriesCancelled':
      // What happens to the sessions of the series follows in events of their own.
      return [];
    case 'ReservationAbandoned':
      return [];
    case 'AvailabilitySet':
    case 'AvailabilityDeleted':
    case 'BookingPolicySet':
    case 'BookingPolicyDeleted':
    case 'TimeOffAdded':
    case 'TimeOffRemoved':
    case 'TimeOffSynced':
      return offeringChanges(event, recorded, metadata);
    default:
      return event satisfies never;
  }
}
