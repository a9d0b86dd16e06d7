import { expect, test } from 'vitest';
import { NOON, project, recorded, testWorld } from '../support.js';

test('a series stays as it was booked, whatever becomes of its sessions', async () => {
  const { pool } = await testWorld();
  const series = { seriesId: '01890000-0000-7000-8000-000000000001', coachHashId: 'ann', clientHashId: 'bob' };
  const events = recorded(
    {
      type: 'SeriesScheduled',
      ...series,
      localStart: '2030-01-07T09:30:00',
      timeZone: 'Europe/Zurich',
      duration: 60,
      recurrence: 'FREQ=WEEKLY;COUNT=2',
      disambiguation: 'compatible',
      skipped: [
        {
          occurrence: 2,
          start: NOON,
          end: NOON + 3_600_000,
          reason: 'COACH_OVERLAP',
          inTheWayStart: NOON - 1,
          inTheWayEnd: NOON + 1,
          obstacles: [],
        },
      ],
      zoneRulesVersion: '2026f',
      scheduledAt: NOON,
      ignoredPolicy: undefined,
    },
    {
      type: 'SeriesRescheduled',
      ...series,
      fromOccurrence: 2,
      localStart: '2030-01-15T10:00:00',
      duration: 0,
      reason: undefined,
      zoneRulesVersion: '2026f',
      rescheduledAt: NOON + 1,
      ignoredPolicy: undefined,
    },
    {
      type: 'SeriesCancelled',
      ...series,
      fromOccurrence: 1,
      cancelledBy: 'coach',
      reason: undefined,
      cancelledAt: NOON + 2,
    },
  );
  for (const event of events) await project(pool, event);

  expect((await pool.query('select * from read_model.series')).rows).toEqual([
    {
      id: series.seriesId,
      coach_hash_id: 'ann',
      client_hash_id: 'bob',
      local_start: '2030-01-07T09:30:00',
      time_zone: 'Europe/Zurich',
      zone_rules_version: '2026f',
      duration: 60,
      recurrence: 'FREQ=WEEKLY;COUNT=2',
      disambiguation: 'compatible',
      skipped: [
        {
          occurrence: 2,
          start: '2030-01-07T12:00:00.000Z',
          end: '2030-01-07T13:00:00.000Z',
          reason: 'COACH_OVERLAP',
          in_the_way_start: '2030-01-07T11:59:59.999Z',
          in_the_way_end: '2030-01-07T12:00:00.001Z',
        },
      ],
      scheduled_at: new Date(NOON),
      revision: 0n,
    },
  ]);
});
