import type { SeriesScheduled } from '../../src/domain/coach/events.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, text, timestamp, uuid } from '../columns.js';
import { type Change, put } from '../projection.js';
import { defineTable } from '../table.js';

/** Every series as it was booked. What the columns mean is in ../migrations/0009_series.sql. */
export const seriesTable = defineTable({
  name: 'series',
  key: ['id'],
  keep: 'first',
  columns: {
    id: uuid,
    coachHashId: text,
    clientHashId: text,
    localStart: text,
    timeZone: text,
    duration: integer,
    recurrence: text,
    disambiguation: text,
    scheduledAt: timestamp,
    revision: bigint,
  },
});

/**
 * The series that a booking makes.
 * @param revision the place of the event in its stream
 */
export function seriesChange(
  { type: _, skipped: __, seriesId: id, ...series }: SeriesScheduled,
  revision: Revision,
): Change {
  return put(seriesTable, { id, ...series, revision });
}
