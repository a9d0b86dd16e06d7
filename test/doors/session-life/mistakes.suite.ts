import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  cancelSeries,
  cancelSession,
  confirmHold,
  correctOutcome,
  getSession,
  holdSlot,
  listSessions,
  markNoShow,
  releaseHold,
  rescheduleSeries,
  rescheduleSession,
  scheduleSeries,
} from '../../support/doors.js';
import { type Call, FUTURE, type Method, PAST, wantedSeries } from './samples.js';

/** Requests with mistakes, and the fields at fault. */
const MISTAKES: [string, Method, JsonObject, string[]][] = [
  ['a session without a UUID', cancelSession, { id: '1', cancelled_by: 'PARTY_COACH' }, ['id']],
  ['nobody who cancels', cancelSession, { id: randomUUID() }, ['cancelled_by']],
  [
    'a reason of 1001 characters',
    cancelSession,
    { id: randomUUID(), reason: 'x'.repeat(1001) },
    ['cancelled_by', 'reason'],
  ],
  ['no new time', rescheduleSession, { id: randomUUID() }, ['start']],
  ['a duration of 1441', rescheduleSession, { id: randomUUID(), duration: 1441 }, ['duration']],
  ['an organization that is absent', markNoShow, { id: randomUUID(), absent: 'PARTY_ORGANIZATION' }, ['absent']],
  ['no outcome', correctOutcome, { id: randomUUID(), reason: 'r' }, ['outcome']],
  [
    'an outcome with nobody absent',
    correctOutcome,
    { id: randomUUID(), outcome: 'SESSION_STATE_NO_SHOW' },
    ['absent', 'reason'],
  ],
  [
    'somebody absent from what took place',
    correctOutcome,
    { id: randomUUID(), outcome: 'SESSION_STATE_COMPLETED', absent: 'PARTY_COACH', reason: 'r' },
    ['absent'],
  ],
  ['no series', scheduleSeries, {}, ['series']],
  [
    'an empty series',
    scheduleSeries,
    { series: {} },
    ['coach_hash_id', 'client_hash_id', 'duration', 'local_start', 'time_zone', 'recurrence'].map((f) => `series.${f}`),
  ],
  ['a zone that is none', scheduleSeries, { series: wantedSeries({ time_zone: 'Mars' }) }, ['series.time_zone']],
  ['a start with a zone', scheduleSeries, { series: wantedSeries({ local_start: FUTURE }) }, ['series.local_start']],
  [
    'a series without end',
    scheduleSeries,
    { series: wantedSeries({ recurrence: 'FREQ=DAILY' }) },
    ['series.recurrence'],
  ],
  [
    'a series that is too long',
    scheduleSeries,
    { series: wantedSeries({ recurrence: 'FREQ=DAILY;COUNT=105' }) },
    ['series.recurrence'],
  ],
  [
    'a series beyond the year 9999',
    scheduleSeries,
    { series: wantedSeries({ local_start: '9999-12-31T09:30', recurrence: 'FREQ=DAILY;COUNT=2' }) },
    ['series.recurrence'],
  ],
  [
    'a series in the year 0',
    scheduleSeries,
    { series: wantedSeries({ local_start: '0001-01-01T00:00' }) },
    ['series.recurrence'],
  ],
  ['a series to cancel by nobody', cancelSeries, { series_id: 'x' }, ['series_id', 'cancelled_by']],
  [
    'a series to move nowhere',
    rescheduleSeries,
    { series_id: randomUUID(), from_occurrence: -1 },
    ['from_occurrence', 'local_start'],
  ],
  [
    'an empty hold',
    holdSlot,
    { hold: {}, ttl_seconds: 1801 },
    ['ttl_seconds', 'hold.coach_hash_id', 'hold.client_hash_id', 'hold.start', 'hold.duration'],
  ],
  ['a hold without a UUID', confirmHold, { id: '1' }, ['id']],
  ['a hold of no id', releaseHold, {}, ['id']],
  ['a time and a revision', getSession, { id: randomUUID(), as_of: PAST, as_of_revision: '0' }, ['as_of_revision']],
  ['a negative revision', getSession, { id: randomUUID(), as_of_revision: '-1' }, ['as_of_revision']],
  ['a past of everybody', listSessions, { as_of: PAST }, ['as_of']],
  ['a revision of no coach', listSessions, { as_of_revision: '0', client_hash_id: 'x' }, ['as_of_revision']],
  ['a series that is no UUID', listSessions, { series_id: 'x' }, ['series_id']],
];

/** Requests with mistakes are refused, with the fields at fault. */
export function mistakes(call: Call): void {
  test.each(MISTAKES)('%s is refused', async (_, method, request, fields) => {
    const answer = await call(method, request);
    expect(answer).toMatchObject({ code: 'InvalidArgument', retry: false });
    expect(answer.violations.map(([field]) => field)).toEqual(fields);
  });
}
