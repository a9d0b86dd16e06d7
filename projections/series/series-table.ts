import type { Conflict, SeriesScheduled } from '../../src/domain/coach/events.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, jsonText, nullable, text, timeParameter, timestamp, uuid } from '../column-types.js';
import type { Table } from '../table.js';

/** The booking of a series, and its place in the stream of the coach. */
interface SeriesBooking {
  readonly series: SeriesScheduled;
  readonly revision: Revision;
}

/** An occurrence that was skipped, with times that SQL can read. */
interface SkippedOccurrence {
  readonly occurrence: number;
  readonly start: string;
  readonly end: string;
  readonly reason: Conflict['reason'];
  readonly in_the_way_start: string;
  readonly in_the_way_end: string;
  /** With AGAINST_POLICY. */
  readonly obstacles?: readonly string[];
}

/** Every series as it was booked. */
export const seriesTable = {
  name: 'series',
  comment: 'Every series ever booked, one row each, as it was booked. Its sessions, as they are now, are in sessions.',
  key: ['id'],
  keep: 'first',
  columns: {
    id: { type: uuid, of: ({ series }) => series.seriesId, comment: 'The series, a UUIDv7.' },
    coachHashId: { type: text, of: ({ series }) => series.coachHashId, comment: 'The coach.' },
    clientHashId: { type: text, of: ({ series }) => series.clientHashId, comment: 'The client.' },
    localStart: {
      type: text,
      of: ({ series }) => series.localStart,
      comment: 'When the first occurrence begins, as wall time: 2026-03-02T09:30:00.',
    },
    timeZone: { type: text, of: ({ series }) => series.timeZone, comment: 'The IANA time zone of the wall time.' },
    duration: {
      type: integer,
      of: ({ series }) => series.duration,
      comment: 'How long each occurrence lasts, in whole minutes, 1 to 1440.',
    },
    recurrence: {
      type: text,
      of: ({ series }) => series.recurrence,
      comment: 'When the series recurs: an RRULE of RFC 5545 without its name, such as FREQ=WEEKLY;COUNT=10.',
    },
    disambiguation: {
      type: text,
      of: ({ series }) => series.disambiguation,
      comment:
        'The rule for wall times that do not exist or occur twice. compatible: a wall time that does not exist moves ' +
        'later by as much as the clocks go forward; of a wall time that occurs twice, the first counts.',
    },
    zoneRulesVersion: {
      type: nullable(text),
      of: ({ series }) => series.zoneRulesVersion,
      comment:
        'The release of the IANA time zone database by whose rules the series was booked: 2026f. Null: not recorded.',
    },
    skipped: {
      // Older versions of the service write rows without it.
      type: nullable(jsonText),
      of: ({ series }): string | undefined => JSON.stringify(series.skipped.map(skippedOf)),
      comment:
        'The occurrences that were skipped since something was in their way: a list of objects with occurrence, start, ' +
        'end, reason (COACH_OVERLAP, CLIENT_OVERLAP, SLOT_HELD or AGAINST_POLICY), in_the_way_start, in_the_way_end, and ' +
        'with AGAINST_POLICY obstacles, the codes of the rules. Null: the row is to be rebuilt.',
    },
    scheduledAt: {
      type: timestamp,
      of: ({ series }) => series.scheduledAt,
      comment: 'When the booking was decided, by the clock of the service.',
    },
    revision: {
      type: bigint,
      of: ({ revision }) => revision,
      comment: "The place of the booking in the coach's stream, from 0.",
    },
  },
} as const satisfies Table<SeriesBooking>;

function skippedOf(conflict: Conflict): SkippedOccurrence {
  return {
    occurrence: conflict.occurrence,
    start: timeParameter(conflict.start),
    end: timeParameter(conflict.end),
    reason: conflict.reason,
    in_the_way_start: timeParameter(conflict.inTheWayStart),
    in_the_way_end: timeParameter(conflict.inTheWayEnd),
    ...(conflict.obstacles.length > 0 && { obstacles: conflict.obstacles }),
  };
}

/** The conflicts that left this text in the row of a series. */
export function conflictsIn(skipped: string): Conflict[] {
  return (JSON.parse(skipped) as SkippedOccurrence[]).map((one) => ({
    occurrence: one.occurrence,
    start: Date.parse(one.start),
    end: Date.parse(one.end),
    reason: one.reason,
    inTheWayStart: Date.parse(one.in_the_way_start),
    inTheWayEnd: Date.parse(one.in_the_way_end),
    obstacles: one.obstacles ?? [],
  }));
}
