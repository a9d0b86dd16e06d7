import type { JsonObject } from '@bufbuild/protobuf';

/** A request that a running service accepts. */
export interface RequestExample {
  /** The whole request as JSON in proto names, whether its fields are in the path, the query or the body. */
  readonly request: JsonObject;
  /** The document that may be in place of the JSON. */
  readonly document?: string;
  /**
   * The method whose example is sent first, and where the fields in this request's path are then, as a runtime expression
   * of OpenAPI.
   */
  readonly after?: { readonly method: string; readonly path: Readonly<Record<string, string>> };
}

/** What the id of something is like. The example that comes first gives the one to use. */
const ID = '01847b6a-5d00-7000-8000-000000000001';

const meeting = { coach_hash_id: '123', client_hash_id: '456', start: '2022-12-01T14:30:00Z', duration: 60 };
const sessionPath = { id: '$response.body#/session/id' };
const booked = { method: 'ScheduleSession', path: sessionPath };
const held = { method: 'HoldSlot', path: { id: '$response.body#/hold/id' } };
const series = { method: 'ScheduleSeries', path: { series_id: '$response.body#/series/id' } };

const webhook = { method: 'CreateWebhook', path: { id: '$response.body#/webhook/id' } };

const calendarSource = {
  method: 'SetCalendarSource',
  path: { coach_hash_id: '$request.path.coach_hash_id', source: '$request.path.source' },
};
const calendarLink = {
  method: 'CreateCalendarLink',
  path: { coach_hash_id: '$request.path.coach_hash_id', id: '$response.body#/link/id' },
};

const COACH = { coach_hash_id: '123' };
const sameCoach = { coach_hash_id: '$request.path.coach_hash_id' };
const hoursSet = { method: 'SetAvailability', path: sameCoach };
const policySet = { method: 'SetBookingPolicy', path: sameCoach };
const timeOffAdded = {
  method: 'AddTimeOff',
  path: { ...sameCoach, id: '$response.body#/time_off/id' },
};
const twoWeeks = { from: '2030-03-25T00:00:00Z', to: '2030-04-08T00:00:00Z', duration: 60 };

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
    after: { method: 'CompleteSession', path: sessionPath },
    request: { id: ID, outcome: 'SESSION_STATE_NO_SHOW', absent: 'PARTY_CLIENT', reason: 'a mistake' },
  },
  GetSession: { after: booked, request: { id: ID } },
  ListSessions: {
    request: { coach_hash_id: '123', from: '2022-12-01T00:00:00Z', to: '2022-12-02T00:00:00Z', page_size: 10 },
  },
  GetSessionHistory: { after: booked, request: { id: ID } },
  WatchSessions: { request: { coach_hash_id: '123', types: ['SessionScheduled', 'SessionCancelled'] } },
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
  SetAvailability: {
    request: {
      ...COACH,
      availability: {
        time_zone: 'Europe/Zurich',
        weekly: [
          { days: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY'], from: '09:00', to: '12:00' },
          { days: ['MONDAY', 'WEDNESDAY'], from: '13:30', to: '17:00' },
        ],
        dates: [{ date: '2030-12-23', hours: [{ from: '09:00', to: '10:30' }] }, { date: '2030-12-24' }],
      },
    },
  },
  DeleteAvailability: { after: hoursSet, request: COACH },
  GetAvailability: { after: hoursSet, request: COACH },
  AddTimeOff: {
    request: { ...COACH, time_off: { first_date: '2030-07-15', last_date: '2030-07-26', reason: 'holiday' } },
  },
  RemoveTimeOff: { after: timeOffAdded, request: { ...COACH, id: ID } },
  GetTimeOff: { after: timeOffAdded, request: { ...COACH, id: ID } },
  ListTimeOff: {
    request: { ...COACH, from: '2030-07-01T00:00:00Z', to: '2030-08-01T00:00:00Z', page_size: 10 },
  },
  SyncTimeOff: {
    request: {
      ...COACH,
      source: 'work calendar',
      time_off: [
        { start: '2030-04-02T08:00:00Z', end: '2030-04-02T09:30:00Z', external_id: 'event-1' },
        { first_date: '2030-04-05', last_date: '2030-04-05', external_id: 'event-2' },
      ],
    },
    document: [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'BEGIN:VEVENT',
      'UID:event-1',
      'DTSTART;TZID=Europe/Zurich:20300402T100000',
      'DURATION:PT90M',
      'RRULE:FREQ=WEEKLY;BYDAY=TU',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  },
  SetBookingPolicy: {
    request: {
      ...COACH,
      booking_policy: {
        gap_before: 15,
        gap_after: 0,
        notice: 120,
        grid: 30,
        durations: [30, 60],
        max_per_day: 4,
        max_per_week: 12,
      },
    },
  },
  DeleteBookingPolicy: { after: policySet, request: COACH },
  GetBookingPolicy: { after: policySet, request: COACH },
  FindSlots: { request: { ...COACH, ...twoWeeks, time_zone: 'America/New_York', limit: 10 } },
  FindSlotsOfCoaches: { request: { coach_hash_ids: ['123', '124'], from: twoWeeks.from, duration: 60, limit: 1 } },
  ExplainSlot: { request: { ...COACH, start: '2030-04-01T05:00:00Z', duration: 60 } },
  CreateWebhook: {
    request: {
      webhook: {
        url: 'https://hooks.example/sessions',
        coach_hash_id: '123',
        types: ['SessionScheduled', 'SessionCancelled'],
        description: 'mails to clients',
      },
    },
  },
  GetWebhook: { after: webhook, request: { id: ID } },
  ListWebhooks: { request: { page_size: 10 } },
  UpdateWebhook: {
    after: webhook,
    request: { id: ID, webhook: { url: 'https://hooks.example/v2/sessions', coach_hash_id: '123' } },
  },
  DeleteWebhook: { after: webhook, request: { id: ID } },
  TestWebhook: { after: webhook, request: { id: ID } },
  PauseWebhook: { after: webhook, request: { id: ID, reason: 'the receiver moves to another host' } },
  ResumeWebhook: { after: webhook, request: { id: ID } },
  ReplayWebhook: { after: webhook, request: { id: ID, after_position: '0' } },
  SkipChange: {
    after: webhook,
    request: { id: ID, coach_hash_id: '123', change_id: '01847b6a-5d00-7000-8000-000000000002' },
  },
  RotateSecret: { after: webhook, request: { id: ID, overlap_seconds: 3600 } },
  ListDeliveries: { after: webhook, request: { id: ID, failed_only: true, page_size: 10 } },
  SimulatePolicy: { request: { ...COACH, ...twoWeeks, booking_policy: { gap_after: 15, grid: 60 } } },
  SetCalendarSource: {
    request: {
      ...COACH,
      source: 'google',
      calendar_source: { url: 'https://calendar.example/ical/secret/basic.ics', interval: 15 },
    },
  },
  GetCalendarSource: { after: calendarSource, request: { ...COACH, source: 'google' } },
  ListCalendarSources: { request: COACH },
  FetchCalendarSource: { after: calendarSource, request: { ...COACH, source: 'google' } },
  DeleteCalendarSource: { after: calendarSource, request: { ...COACH, source: 'google' } },
  CreateCalendarLink: { request: { ...COACH, description: 'the calendar on my phone' } },
  ListCalendarLinks: { request: COACH },
  RevokeCalendarLink: { after: calendarLink, request: { ...COACH, id: ID } },
  GetCalendar: { request: COACH },
  GetSessionCalendar: {
    after: booked,
    request: { id: ID, organizer: 'coach@example.com', attendee: 'client@example.com' },
  },
};
