import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { NOON, openWorld, project, recorded, scheduled, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;
const booked = scheduled({ sessionId: '01890000-0000-7000-8000-000000000001' });
const { type: _, ...session } = booked;
const seriesId = '01890000-0000-7000-8000-00000000000a';

const row = {
  id: session.sessionId,
  coach_hash_id: 'ann',
  client_hash_id: 'bob',
  start: new Date(NOON),
  duration: 60,
  state: 'scheduled',
  revision: 0n,
  created_at: new Date(session.scheduledAt),
  updated_at: new Date(session.scheduledAt),
  series_id: null,
  occurrence: null,
  local_start: null,
  cancelled_by: null,
  absent: null,
  reason: null,
};

/** The row after the events, each in its own transaction. */
async function rowAfter(...events: CoachEvent[]): Promise<typeof row> {
  await world.pool.query('truncate read_model.sessions, read_model.session_history');
  for (const event of recorded(...events)) await project(world.pool, event);
  const { rows } = await world.pool.query('select * from read_model.sessions');
  expect(rows).toHaveLength(1);
  return rows[0];
}

test('a booking makes a session', async () => {
  expect(await rowAfter(booked)).toEqual(row);
});

test('an occurrence of a series is a session with its series', async () => {
  const ofSeries = { seriesId, occurrence: 2, localStart: '2030-01-07T13:00:00' };
  expect(await rowAfter({ ...booked, ...ofSeries })).toEqual({
    ...row,
    series_id: seriesId,
    occurrence: 2,
    local_start: '2030-01-07T13:00:00',
  });
});

test('a change leaves a session as its event says', async () => {
  const completed = { type: 'SessionCompleted', ...session, completedAt: NOON + HOUR } as const;
  const changed = { revision: 1n, updated_at: new Date(NOON + HOUR) };

  const rescheduled = {
    type: 'SessionRescheduled',
    ...session,
    start: NOON + HOUR,
    duration: 30,
    rescheduledAt: NOON + HOUR,
    previousStart: NOON,
    previousDuration: 60,
    previousReservationId: undefined,
    reason: 'later',
    zoneRulesVersion: undefined,
  } as const;
  const moved = { start: new Date(NOON + HOUR), duration: 30, reason: 'later' };
  expect(await rowAfter(booked, rescheduled)).toEqual({ ...row, ...changed, ...moved });

  const cancelled = { cancelledAt: NOON + HOUR, cancelledBy: 'client', reason: 'ill' } as const;
  expect(await rowAfter(booked, { type: 'SessionCancelled', ...session, ...cancelled })).toEqual({
    ...row,
    ...changed,
    state: 'cancelled',
    cancelled_by: 'client',
    reason: 'ill',
  });

  expect(await rowAfter(booked, completed)).toEqual({ ...row, ...changed, state: 'completed' });

  const markedNoShow = { type: 'SessionMarkedNoShow', ...session, markedAt: NOON + HOUR, absent: 'coach' } as const;
  expect(await rowAfter(booked, markedNoShow)).toEqual({ ...row, ...changed, state: 'no_show', absent: 'coach' });

  const corrected = { correctedAt: NOON + HOUR, outcome: 'no_show', absent: 'client', reason: 'mistaken' } as const;
  expect(await rowAfter(booked, completed, { type: 'SessionOutcomeCorrected', ...session, ...corrected })).toEqual({
    ...row,
    ...changed,
    revision: 2n,
    state: 'no_show',
    absent: 'client',
    reason: 'mistaken',
  });
});
