import type { JsonObject } from '@bufbuild/protobuf';
import * as rpc from '../../support/doors.js';
import type { Caller } from './callers.js';

/** Whom requests are about, and what they have. */
export interface Things {
  readonly coach_hash_id: string;
  readonly client_hash_id: string;
  readonly session: string;
  readonly series: string;
  readonly hold: string;
  readonly timeOff: string;
}

/** What a caller gets. */
export type Expected = rpc.Answer['code'] | 'an empty list';

/** An rpc, and what callers of each role get for requests about their own and about others. */
export interface Row {
  readonly method: rpc.DoorMethod;
  readonly request: (things: Things, caller: Caller | 'nobody') => JsonObject;
  /** What whoever may call gets; a session to come cannot be completed, say. */
  readonly allowed: Expected;
  /** Who may call it besides services and admins. */
  readonly analyst: boolean;
  readonly coach: boolean;
  readonly client: boolean;
  /** What coaches and clients get who may call it, for a request about others. */
  readonly others: Expected;
  /** Whether services may not call it either. */
  readonly adminsOnly?: true;
  /** Whether it is about a coach or about a client, whichever the request names. */
  readonly ofEither?: true;
  /** Whether the key of a link in the request may take the place of a token. */
  readonly byLink?: true;
}

const ONLY = { validate_only: true };
const WEEK = { from: '2030-06-03T00:00:00Z', to: '2030-06-10T00:00:00Z', duration: 60 };
const FREE = { start: '2030-06-04T15:00:00Z', duration: 60 };
const HOURS = { time_zone: 'Europe/Zurich', weekly: [{ days: ['MONDAY'], from: '09:00', to: '12:00' }] };

const READ = { analyst: true, coach: true, client: true, allowed: 'OK' } as const;
const COMMAND = { analyst: false, coach: true, client: true, allowed: 'OK' } as const;
const OF_COACH = { analyst: false, coach: true, client: false, allowed: 'OK' } as const;
const READ_OF_COACH = { ...OF_COACH, analyst: true };

const OF_ADMINS = {
  analyst: false,
  coach: false,
  client: false,
  adminsOnly: true,
  allowed: 'NotFound',
  others: 'PermissionDenied',
} as const;

const NONE = { id: '01847b6a-5d00-7000-8000-000000000001' };
const TARGET = { url: 'https://hooks.example/sessions' };
const nowhere = () => NONE;

const both = ({ coach_hash_id, client_hash_id }: Things) => ({ coach_hash_id, client_hash_id });
const coach = ({ coach_hash_id }: Things) => ({ coach_hash_id });
/** A calendar is the coach's or the client's; who is a client asks for the client's. */
const calendar = ({ coach_hash_id, client_hash_id }: Things, caller: Caller | 'nobody') =>
  caller === 'client' ? { client_hash_id } : { coach_hash_id };
const source = (t: Things) => ({ ...coach(t), source: 'google' });
const id = ({ session }: Things) => ({ id: session });
const denied = { others: 'PermissionDenied' } as const;
const hidden = { others: 'NotFound' } as const;
const empty = { others: 'an empty list' } as const;

/**
 * Every rpc. Commands are only validated, so that each row finds the same things: who may give them is decided before.
 * Times are after 2026, the year of these tests.
 */
export const TABLE: readonly Row[] = [
  {
    method: rpc.scheduleSession,
    request: (t) => ({ session: { ...both(t), ...FREE }, ...ONLY }),
    ...COMMAND,
    ...denied,
  },
  { method: rpc.rescheduleSession, request: (t) => ({ ...id(t), ...FREE, ...ONLY }), ...COMMAND, ...hidden },
  {
    method: rpc.completeSession,
    request: (t) => ({ ...id(t), ...ONLY }),
    ...OF_COACH,
    ...hidden,
    allowed: 'FailedPrecondition',
  },
  {
    method: rpc.markNoShow,
    request: (t) => ({ ...id(t), absent: 'PARTY_CLIENT', ...ONLY }),
    ...OF_COACH,
    ...hidden,
    allowed: 'FailedPrecondition',
  },
  {
    method: rpc.correctOutcome,
    request: (t) => ({ ...id(t), outcome: 'SESSION_STATE_COMPLETED', reason: 'a mistake', ...ONLY }),
    ...OF_COACH,
    ...hidden,
    allowed: 'FailedPrecondition',
  },
  { method: rpc.watchSessions, request: both, ...READ, ...denied },
  { method: rpc.getSession, request: id, ...READ, ...hidden },
  { method: rpc.listSessions, request: both, ...READ, ...empty },
  { method: rpc.getSessionHistory, request: id, ...READ, ...hidden },
  {
    method: rpc.scheduleSeries,
    request: (t) => ({
      series: {
        ...both(t),
        local_start: '2030-06-05T09:30',
        time_zone: 'UTC',
        duration: 60,
        recurrence: 'FREQ=DAILY;COUNT=2',
      },
      ...ONLY,
    }),
    ...COMMAND,
    ...denied,
  },
  {
    method: rpc.rescheduleSeries,
    request: (t) => ({ series_id: t.series, from_occurrence: 1, local_start: '2030-06-05T09:30', ...ONLY }),
    ...COMMAND,
    ...hidden,
  },
  { method: rpc.getSeries, request: (t) => ({ series_id: t.series }), ...READ, ...hidden },
  { method: rpc.listSeries, request: both, ...READ, ...empty },
  { method: rpc.holdSlot, request: (t) => ({ hold: { ...both(t), ...FREE }, ...ONLY }), ...COMMAND, ...denied },
  { method: rpc.confirmHold, request: (t) => ({ id: t.hold, ...ONLY }), ...COMMAND, ...hidden },
  { method: rpc.releaseHold, request: (t) => ({ id: t.hold, ...ONLY }), ...COMMAND, ...hidden },
  { method: rpc.getHold, request: (t) => ({ id: t.hold }), ...READ, ...hidden },
  { method: rpc.listHolds, request: both, ...READ, ...empty },
  {
    method: rpc.setAvailability,
    request: (t) => ({ ...coach(t), availability: HOURS, ...ONLY }),
    ...OF_COACH,
    ...denied,
  },
  { method: rpc.deleteAvailability, request: (t) => ({ ...coach(t), ...ONLY }), ...OF_COACH, ...denied },
  { method: rpc.getAvailability, request: coach, ...READ_OF_COACH, ...hidden },
  {
    method: rpc.addTimeOff,
    request: (t) => ({ ...coach(t), time_off: { first_date: '2030-07-15', last_date: '2030-07-26' }, ...ONLY }),
    ...OF_COACH,
    ...denied,
  },
  { method: rpc.removeTimeOff, request: (t) => ({ ...coach(t), id: t.timeOff, ...ONLY }), ...OF_COACH, ...denied },
  { method: rpc.getTimeOff, request: (t) => ({ ...coach(t), id: t.timeOff }), ...READ_OF_COACH, ...hidden },
  { method: rpc.listTimeOff, request: coach, ...READ_OF_COACH, ...empty },
  { method: rpc.syncTimeOff, request: (t) => ({ ...coach(t), source: 'work', ...ONLY }), ...OF_COACH, ...denied },
  {
    method: rpc.setBookingPolicy,
    request: (t) => ({ ...coach(t), booking_policy: { grid: 30 }, ...ONLY }),
    ...OF_COACH,
    ...denied,
  },
  { method: rpc.deleteBookingPolicy, request: (t) => ({ ...coach(t), ...ONLY }), ...OF_COACH, ...denied },
  { method: rpc.getBookingPolicy, request: coach, ...READ_OF_COACH, ...hidden },
  { method: rpc.findSlots, request: (t) => ({ ...both(t), ...WEEK }), ...READ, ...denied },
  {
    method: rpc.findSlotsOfCoaches,
    request: ({ coach_hash_id, client_hash_id }) => ({ coach_hash_ids: [coach_hash_id], client_hash_id, ...WEEK }),
    ...READ,
    ...denied,
  },
  { method: rpc.explainSlot, request: (t) => ({ ...both(t), ...FREE }), ...READ, ...denied },
  {
    method: rpc.simulatePolicy,
    request: (t) => ({ ...coach(t), ...WEEK, booking_policy: { grid: 30 } }),
    ...READ_OF_COACH,
    ...denied,
  },
  // Every link that is made stays: the callers of the table make fewer than a calendar may have.
  { method: rpc.createCalendarLink, request: calendar, ...COMMAND, ...denied, ofEither: true },
  { method: rpc.listCalendarLinks, request: calendar, ...COMMAND, ...empty, ofEither: true },
  {
    method: rpc.revokeCalendarLink,
    request: (t, caller) => ({ ...calendar(t, caller), ...NONE }),
    ...COMMAND,
    allowed: 'NotFound',
    ...denied,
    ofEither: true,
  },
  { method: rpc.getCalendar, request: calendar, ...COMMAND, ...denied, ofEither: true, byLink: true },
  { method: rpc.getSessionCalendar, request: id, ...COMMAND, ...hidden },
  // There is no webhook: what an admin gets shows that the call was let in.
  {
    method: rpc.createWebhook,
    request: () => ({ webhook: { url: 'none' } }),
    ...OF_ADMINS,
    allowed: 'InvalidArgument',
  },
  { method: rpc.getWebhook, request: nowhere, ...OF_ADMINS },
  { method: rpc.listWebhooks, request: () => ({}), ...OF_ADMINS, allowed: 'an empty list' },
  { method: rpc.updateWebhook, request: () => ({ ...NONE, webhook: TARGET }), ...OF_ADMINS },
  { method: rpc.deleteWebhook, request: nowhere, ...OF_ADMINS },
  { method: rpc.testWebhook, request: nowhere, ...OF_ADMINS },
  { method: rpc.pauseWebhook, request: nowhere, ...OF_ADMINS },
  { method: rpc.resumeWebhook, request: nowhere, ...OF_ADMINS },
  { method: rpc.replayWebhook, request: () => ({ ...NONE, after_position: '0' }), ...OF_ADMINS },
  {
    method: rpc.skipChange,
    request: ({ coach_hash_id }) => ({ ...NONE, coach_hash_id, change_id: NONE.id }),
    ...OF_ADMINS,
  },
  { method: rpc.rotateSecret, request: nowhere, ...OF_ADMINS },
  { method: rpc.listDeliveries, request: nowhere, ...OF_ADMINS },
  {
    method: rpc.setCalendarSource,
    request: (t) => ({ ...coach(t), source: 'work', calendar_source: { url: 'https://calendar.example/work.ics' } }),
    ...OF_COACH,
    ...denied,
  },
  { method: rpc.getCalendarSource, request: source, ...READ_OF_COACH, ...hidden },
  { method: rpc.listCalendarSources, request: coach, ...READ_OF_COACH, ...empty },
  { method: rpc.fetchCalendarSource, request: source, ...OF_COACH, ...denied },
  // By a stale etag, so that it stays: what a caller gets shows that the call was let in.
  {
    method: rpc.deleteCalendarSource,
    request: (t) => ({ ...source(t), etag: 'another' }),
    ...OF_COACH,
    ...denied,
    allowed: 'Aborted',
  },
];

/** The commands that say who cancels, which must be the caller. */
export const CANCELLING = [
  { method: rpc.cancelSession, request: id },
  { method: rpc.cancelSeries, request: (t: Things) => ({ series_id: t.series }) },
];
