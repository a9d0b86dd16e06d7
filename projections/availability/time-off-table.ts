import type { TimeOff } from '../../src/domain/availability/time-off.js';
import { DAY, midnightOf } from '../../src/domain/dates.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, date, nullable, text, timestamp, uuid } from '../column-types.js';
import type { Table } from '../table.js';

/** A time off as an event left it. */
interface TimeOffChange {
  readonly coachHashId: string;
  readonly timeOff: TimeOff;
  /** In epoch milliseconds: one of both. */
  readonly addedAt?: number;
  readonly removedAt?: number;
  readonly revision: Revision;
}

/** Every time off as it is now. */
export const timeOffTable = {
  name: 'time_off',
  comment:
    'All time off that coaches ever had, one row each, as it is now. What was removed stays, with removed_at: the time ' +
    'off that counts is where removed_at is null.',
  key: ['id'],
  keep: 'latest',
  columns: {
    id: { type: uuid, of: ({ timeOff }) => timeOff.timeOffId, comment: 'The time off, a UUIDv7.' },
    coachHashId: { type: text, of: ({ coachHashId }) => coachHashId, comment: 'The coach.' },
    startsAt: {
      type: timestamp,
      of: ({ timeOff }) => timeOff.start ?? midnightOf(timeOff.firstDate),
      comment:
        'When it begins. Of whole dates: when the first one begins in UTC, which is up to a day off, as they are in the ' +
        "coach's time zone and follow it.",
    },
    endsAt: {
      type: timestamp,
      of: ({ timeOff }) => timeOff.end ?? midnightOf(timeOff.lastDate) + DAY,
      comment: 'When it ends. Of whole dates: when the last one ends in UTC, which is up to a day off.',
    },
    firstDate: {
      type: nullable(date),
      of: ({ timeOff }) => timeOff.firstDate,
      comment: "The first whole date, in the coach's time zone. Null: it is from starts_at to ends_at.",
    },
    lastDate: {
      type: nullable(date),
      of: ({ timeOff }) => timeOff.lastDate,
      comment: 'The last whole date, inclusive. Null: it is from starts_at to ends_at.',
    },
    reason: { type: nullable(text), of: ({ timeOff }) => timeOff.reason, comment: 'Why. Null: no reason was given.' },
    source: {
      type: nullable(text),
      of: ({ timeOff }) => timeOff.source,
      comment: 'Where the caller has it from, such as the name of a calendar. Null: the caller did not say.',
    },
    externalId: {
      type: nullable(text),
      of: ({ timeOff }) => timeOff.externalId,
      comment: "The caller's own id of it. Null: it has none.",
    },
    createdAt: {
      type: nullable(timestamp),
      of: ({ addedAt }) => addedAt,
      comment:
        'When it was added, by the clock of the service. Null: it was removed since, which leaves the id to tell when it ' +
        'was added.',
    },
    removedAt: {
      type: nullable(timestamp),
      of: ({ removedAt }) => removedAt,
      comment: 'When it was removed, or synced away, by the clock of the service. Null: it counts.',
    },
    revision: {
      type: bigint,
      of: ({ revision }) => revision,
      comment: "The place in the coach's stream, from 0, of the last event that changed the row.",
    },
  },
} as const satisfies Table<TimeOffChange>;
