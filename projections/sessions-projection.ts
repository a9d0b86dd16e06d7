import type { CoachEvent } from '../src/domain/coach/events.js';
import { sessionAfter } from '../src/domain/coach/session.js';
import { COACH_STREAM_PREFIX } from '../src/domain/coach/coach.js';
import { coachEvents, decodeMetadata } from '../src/event-store/event-codec.js';
import type { RecordedEvent } from '../src/event-store/event-store.js';
import type { EventMetadata } from '../src/gen/aceup/scheduler/v1/events_pb.js';
import { sessionHistoryChange, sessionHistoryTable } from './history/history-table.js';
import { holdChange, holdsTable } from './holds/holds-table.js';
import { type Change, type Projection, put } from './projection.js';
import { requestChanges, requestsTable } from './requests/requests-table.js';
import { seriesChange, seriesTable } from './series/series-table.js';
import { sessionRow, sessionsTable } from './sessions/sessions-table.js';

/** What coaches' streams tell of their sessions, series and holds, and of the commands that led to them. */
export const sessions: Projection = {
  name: 'sessions',
  // 2: with a history. Version 1 knew nothing but bookings.
  version: 2,
  streams: { prefixes: [COACH_STREAM_PREFIX] },
  tables: [sessionsTable, requestsTable, sessionHistoryTable, holdsTable, seriesTable],

  changesOf(recorded) {
    const metadata = decodeMetadata(recorded);
    return [...changesOfEvent(coachEvents.decode(recorded), metadata, recorded), ...requestChanges(metadata, recorded)];
  },
};

function changesOfEvent(event: CoachEvent, metadata: EventMetadata, recorded: RecordedEvent): Change[] {
  const { revision } = recorded;
  switch (event.type) {
    case 'SessionScheduled':
    case 'SessionRescheduled':
    case 'SessionCancelled':
    case 'SessionCompleted':
    case 'SessionMarkedNoShow':
    case 'SessionOutcomeCorrected': {
      const row = sessionRow(sessionAfter(event, Number(revision)), revision);
      return [put(sessionsTable, row), sessionHistoryChange(event, row, metadata, recorded)];
    }
    case 'SlotHeld':
    case 'HoldConfirmed':
    case 'HoldReleased':
    case 'HoldExpired':
      return [holdChange(event, revision)];
    case 'SeriesScheduled':
      return [seriesChange(event, revision)];
    case 'SeriesRescheduled':
    case 'SeriesCancelled':
      // What it means for the sessions of the series is told by events of theirs.
      return [];
    case 'ReservationAbandoned':
      return [];
    default:
      return event satisfies never;
  }
}
