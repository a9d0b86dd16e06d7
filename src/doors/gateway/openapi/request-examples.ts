import type { JsonObject } from '@bufbuild/protobuf';

/** A request that a running service accepts. */
export interface RequestExample {
  /** The whole request as JSON in proto names, whether its fields are in the path, the query or the body. */
  readonly request: JsonObject;
  /** The method whose example is sent first, and the field of its response that has the id in this request. */
  readonly after?: { readonly method: string; readonly field: string };
}

/** What the id of something is like. The example that comes first gives the one to use. */
const ID = '01847b6a-5d00-7000-8000-000000000001';

const meeting = { coach_hash_id: '123', client_hash_id: '456', start: '2022-12-01T14:30:00Z', duration: 60 };
const booked = { method: 'ScheduleSession', field: 'session.id' } as const;
const held = { method: 'HoldSlot', field: 'hold.id' } as const;
const series = { method: 'ScheduleSeries', field: 'series.id' } as const;

/**
 * An example for each method that REST serves, by the name of the method. A test sends each to a service, and fails for
 * a method without one.
 */
export const REQUEST_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  ScheduleSession: { request: { session: meeting } },
  RescheduleSession: { after: booked, request: { id: ID, start: '2022-12-01T16:00:00Z', reason: 'the coach is late' } },
  CancelSession: { after: booked, request: { id: ID, cancelled_by: 'PARTY_CLIENT', reason: 'ill' } },
  CompleteSession: { after: booked, request: { id: ID } },
  MarkNoShow: { after: booked, request: { id: ID, absent: 'PARTY_CLIENT' } },
  CorrectOutcome: {
    after: { method: 'CompleteSession', field: 'session.id' },
    request: { id: ID, outcome: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_CLIENT', reason: 'a mistake' },
  },
  GetSession: { after: booked, request: { id: ID } },
  ListSessions: {
    request: { coach_hash_id: '123', from: '2022-12-01T00:00:00Z', to: '2022-12-02T00:00:00Z', page_size: 10 },
  },
  GetSessionHistory: { after: booked, request: { id: ID } },
  ScheduleSeries: {
    request: {
      series: {
        coach_hash_id: '123',
        client_hash_id: '456',
        local_start: '2026-03-02T09:30',
        time_zone: 'Europe/Zurich',
        duration: 60,
        recurrence: 'FREQ=WEEKLY;BYDAY=MO;COUNT=10',
      },
    },
  },
  RescheduleSeries: { after: series, request: { series_id: ID, from_occurrence: 3, local_start: '2026-03-17T10:00' } },
  CancelSeries: { after: series, request: { series_id: ID, cancelled_by: 'PARTY_COACH' } },
  GetSeries: { after: series, request: { series_id: ID } },
  ListSeries: { request: { coach_hash_id: '123', page_size: 10 } },
  HoldSlot: { request: { hold: meeting, ttl_seconds: 600 } },
  ConfirmHold: { after: held, request: { id: ID } },
  ReleaseHold: { after: held, request: { id: ID } },
  GetHold: { after: held, request: { id: ID } },
  ListHolds: {
    request: { coach_hash_id: '123', from: '2022-12-01T00:00:00Z', to: '2022-12-02T00:00:00Z', page_size: 10 },
  },
};
