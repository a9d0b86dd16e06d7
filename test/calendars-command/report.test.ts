import { expect, test } from 'vitest';
import type { CalendarSource } from '../../src/application/calendar-sources.js';
import { jsonOf, tableOf } from '../../src/calendars-command/report.js';

const NOW = Date.parse('2030-01-01T12:00:00Z');

const known: CalendarSource = {
  coachHashId: 'ann',
  source: 'google',
  host: 'calendar.google.com',
  interval: 60,
  state: 'ok',
  lastError: undefined,
  failingSince: undefined,
  fetchedAt: NOW - 1_000,
  succeededAt: NOW - 1_000,
  nextFetchAt: NOW + 3_599_000,
  total: 17,
  reading: undefined,
  createdAt: NOW,
  updatedAt: NOW,
  etag: '7',
};

const failing: CalendarSource = {
  ...known,
  coachHashId: 'bob',
  state: 'failing',
  lastError: 'the server answered 404',
  failingSince: NOW - 7_200_000,
  succeededAt: undefined,
};

test('people get a table', () => {
  expect(tableOf([failing, known], NOW).split('\n')).toEqual([
    'COACH  SOURCE  HOST                 STATE    BUSY TIMES  LAST SUCCESS              NEXT FETCH                LAST ERROR',
    'bob    google  calendar.google.com  failing  17          -                         2030-01-01T12:59:59.000Z  the server answered 404 (for 2 h)',
    'ann    google  calendar.google.com  ok       17          2030-01-01T11:59:59.000Z  2030-01-01T12:59:59.000Z  -',
  ]);
});

test('nobody gets an empty table', () => expect(tableOf([], NOW)).toBe('No coach has a calendar source.'));

test('scripts get JSON', () => {
  expect(JSON.parse(jsonOf([failing]))).toEqual([
    {
      coach_hash_id: 'bob',
      source: 'google',
      host: 'calendar.google.com',
      interval: 60,
      state: 'failing',
      total: 17,
      last_error: 'the server answered 404',
      failing_since: '2030-01-01T10:00:00.000Z',
      fetched_at: '2030-01-01T11:59:59.000Z',
      next_fetch_at: '2030-01-01T12:59:59.000Z',
    },
  ]);
});
