import type { BookingPolicyDeleted, BookingPolicySet } from '../../src/domain/availability/events.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { boolean, integer, jsonText, nullable, safeBigint, text, timestamp } from '../column-types.js';
import type { Table } from '../table.js';

/** What happened to the booking policy of a coach, and its place in the stream of the coach. */
interface PolicyChange {
  readonly event: BookingPolicySet | BookingPolicyDeleted;
  readonly revision: Revision;
}

/** Which times of each coach may be booked now. */
export const bookingPoliciesTable = {
  name: 'booking_policies',
  comment:
    'Which times of coaches may be booked, as it is now: one row for each coach for whom it was ever set. A number that ' +
    'is null does not limit, nor does a policy that a coach does not have.',
  key: ['coachHashId'],
  keep: 'latest',
  columns: {
    coachHashId: { type: text, of: ({ event }) => event.coachHashId, comment: 'The coach.' },
    state: {
      type: text,
      of: ({ event }) => (setBy(event) ? 'set' : 'deleted'),
      comment: 'set: the policy applies. deleted: nothing limits; all other columns of the policy are null.',
    },
    gapBefore: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.gapBefore,
      comment: 'Minutes that must be free before a session. Between two sessions, the longer of both gaps counts.',
    },
    gapAfter: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.gapAfter,
      comment: 'Minutes that must be free after a session.',
    },
    notice: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.notice,
      comment: 'Minutes from booking to the start, at least. Null: the past can be booked.',
    },
    horizonDays: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.horizonDays,
      comment: "The last day of a start, in days from today in the coach's time zone, inclusive: 0 is today.",
    },
    grid: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.grid,
      comment: 'Minutes from one start to the next. Null: 15.',
    },
    durations: {
      type: nullable(jsonText),
      of: ({ event }): string | undefined => {
        const durations = setBy(event)?.durations;
        return durations && JSON.stringify(durations);
      },
      comment: 'The durations that may be booked, in minutes: a list of numbers. Empty: any.',
    },
    maxPerDay: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.maxPerDay,
      comment: "The most sessions and open holds that start on a day in the coach's time zone.",
    },
    maxPerWeek: {
      type: nullable(integer),
      of: ({ event }) => setBy(event)?.maxPerWeek,
      comment: "The most sessions and open holds that start in a week, from Monday, in the coach's time zone.",
    },
    allowOutsideHours: {
      type: nullable(boolean),
      of: ({ event }) => setBy(event)?.allowOutsideHours,
      comment: "Whether times outside the coach's hours may be booked, too.",
    },
    timeZone: {
      type: nullable(text),
      of: ({ event }) => setBy(event)?.timeZone,
      comment: 'The IANA time zone of a coach without hours. Null: UTC. A coach with hours is in their zone.',
    },
    revision: {
      type: safeBigint,
      of: ({ revision }) => Number(revision),
      comment: "The place in the coach's stream, from 0, of the last event that changed the row.",
    },
    updatedAt: {
      type: timestamp,
      of: ({ event }) => (event.type === 'BookingPolicySet' ? event.setAt : event.deletedAt),
      comment: 'When the last change was decided, by the clock of the service.',
    },
  },
} as const satisfies Table<PolicyChange>;

/** What an event set; undefined for a deletion. */
function setBy(event: PolicyChange['event']): BookingPolicySet | undefined {
  return event.type === 'BookingPolicySet' ? event : undefined;
}
