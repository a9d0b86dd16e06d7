import type { Availability, Hours, Weekday } from '../../src/domain/availability/availability.js';
import type { AvailabilityDeleted, AvailabilitySet } from '../../src/domain/availability/events.js';
import type { Position, Revision } from '../../src/event-store/event-store.js';
import type { EventMetadata } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { bigint, jsonText, nullable, safeBigint, text, timestamp } from '../column-types.js';
import type { Columns, Table } from '../table.js';

/** What happened to the availability of a coach, and where it stands in the log. */
interface AvailabilityChange {
  readonly event: AvailabilitySet | AvailabilityDeleted;
  readonly metadata: EventMetadata;
  readonly revision: Revision;
  readonly position: Position;
}

/** What was set; all null in the row of a deletion. */
const SET = {
  timeZone: {
    type: nullable(text),
    of: ({ event }) => setBy(event)?.timeZone,
    comment: 'The IANA time zone of the hours. Null: no hours are set, the coach can be booked at any time.',
  },
  weekly: {
    type: nullable(jsonText),
    of: ({ event }) => jsonOf(setBy(event)?.weekly.map(toUpperCase)),
    comment:
      'The hours of each week: a list of objects with days (MONDAY to SUNDAY), from and to (09:00, to 24:00 at most; a ' +
      'time before from is on the next day). Empty: closed, but for dates. Null: no hours are set.',
  },
  dates: {
    type: nullable(jsonText),
    of: ({ event }) => jsonOf(setBy(event)?.dates),
    comment:
      'The dates that differ: a list of objects with date (2030-12-24) and hours, a list of objects with from and to. ' +
      'Without hours, the coach is closed on that date. Null: no hours are set.',
  },
} as const satisfies Omit<Columns<AvailabilityChange>, 'revision'>;

const coachHashId = {
  type: text,
  of: ({ event }: AvailabilityChange) => event.coachHashId,
  comment: 'The coach.',
} as const;

/** When each coach can be booked now. */
export const availabilityTable = {
  name: 'availability',
  comment:
    'When coaches can be booked, as it is now: one row for each coach for whom it was ever set. A coach without a row ' +
    'can be booked at any time.',
  key: ['coachHashId'],
  keep: 'latest',
  columns: {
    coachHashId,
    state: {
      type: text,
      of: ({ event }) => (setBy(event) ? 'set' : 'deleted'),
      comment: 'set: the hours apply. deleted: they were deleted; the coach can be booked at any time.',
    },
    ...SET,
    revision: {
      type: safeBigint,
      of: ({ revision }) => Number(revision),
      comment: "The place in the coach's stream, from 0, of the last event that changed the row.",
    },
    updatedAt: {
      type: timestamp,
      of: ({ event }) => decidedAt(event),
      comment: 'When the last change was decided, by the clock of the service.',
    },
  },
} as const satisfies Table<AvailabilityChange>;

/** Every change of when a coach can be booked. */
export const availabilityHistoryTable = {
  name: 'availability_history',
  comment:
    'Every change of when a coach can be booked, one row each. A row never changes. What was set at a time is in the ' +
    'row with the highest revision among those decided at or before that time.',
  key: ['coachHashId', 'revision'],
  keep: 'first',
  columns: {
    coachHashId,
    revision: {
      type: safeBigint,
      of: ({ revision }) => Number(revision),
      comment: "The place of the change in the coach's stream, from 0: it orders all changes of one coach.",
    },
    type: {
      type: text,
      of: ({ event }) => event.type,
      comment: 'What happened: AvailabilitySet or AvailabilityDeleted.',
    },
    decidedAt: {
      type: timestamp,
      of: ({ event }) => decidedAt(event),
      comment: 'When the change was decided, by the clock of the service.',
    },
    actor: {
      type: nullable(text),
      of: ({ metadata }) => metadata.actor || undefined,
      comment:
        'Who asked for the change: the subject, or what a service or an admin said in x-actor, which is not verified. ' +
        'Null: neither is known.',
    },
    subject: {
      type: nullable(text),
      of: ({ metadata }) => metadata.subject || undefined,
      comment: 'The verified subject of the caller. Null: callers were not authenticated.',
    },
    requestId: {
      type: nullable(text),
      of: ({ metadata }) => metadata.requestId || undefined,
      comment: 'The request_id of the command (REST: Idempotency-Key). Null: the command had none.',
    },
    correlationId: {
      type: nullable(text),
      of: ({ metadata }) => metadata.correlationId || undefined,
      comment: 'The call that caused the change, as in the logs of the service and the header x-correlation-id.',
    },
    position: {
      type: bigint,
      of: ({ position }) => position,
      comment: 'The place of the change in the whole log. It grows from change to change, with gaps.',
    },
    ...SET,
  },
} as const satisfies Table<AvailabilityChange>;

/** What an event set; undefined for a deletion. */
function setBy(event: AvailabilityChange['event']): AvailabilitySet | undefined {
  return event.type === 'AvailabilitySet' ? event : undefined;
}

function decidedAt(event: AvailabilityChange['event']): number {
  return event.type === 'AvailabilitySet' ? event.setAt : event.deletedAt;
}

function jsonOf(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}

/** Weekly hours as the API has them: the names of days in upper case. */
interface StoredWeekly extends Hours {
  readonly days: readonly Uppercase<Weekday>[];
}

function toUpperCase({ days, from, to }: Availability['weekly'][number]): StoredWeekly {
  return { days: days.map((day) => day.toUpperCase() as Uppercase<Weekday>), from, to };
}

/** The weekly hours that left this text in a row. */
export function weeklyIn(weekly: string): Availability['weekly'] {
  const stored = JSON.parse(weekly) as readonly StoredWeekly[];
  return stored.map(({ days, from, to }) => ({ days: days.map((day) => day.toLowerCase() as Weekday), from, to }));
}

/** The dates that left this text in a row. */
export function datesIn(dates: string): Availability['dates'] {
  return JSON.parse(dates) as Availability['dates'];
}
