import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSeriesQueries } from '../../../projections/series/series-queries.js';
import { NOON, project, recorded, scheduled, testWorld } from '../support.js';

test('gets a series by its id, with its sessions in order of the occurrences, in whatever state they are', async () => {
  const { pool } = await testWorld();
  const { get } = createSeriesQueries(pool);
  const seriesId = randomUUID();
  const booked = [1, 2, 4].map((occurrence) =>
    scheduled({ seriesId, occurrence, localStart: `2030-01-0${occurrence}T09:30:00` }),
  );
  const { type: _, ...second } = booked[1]!;
  const events = recorded(
    {
      type: 'SeriesScheduled',
      seriesId,
      coachHashId: 'ann',
      clientHashId: 'bob',
      localStart: '2030-01-01T09:30:00',
      timeZone: 'Europe/Zurich',
      duration: 60,
      recurrence: 'FREQ=DAILY;COUNT=4',
      disambiguation: 'compatible',
      skipped: [],
      zoneRulesVersion: '2026f',
      scheduledAt: NOON,
    },
    ...booked,
    { type: 'SessionCancelled', ...second, cancelledAt: NOON, cancelledBy: 'coach', reason: undefined },
    scheduled(),
  );
  expect(await get(seriesId)).toBeUndefined();
  await project(pool, ...events);
  expect(await get(seriesId)).toEqual({
    id: seriesId,
    coachHashId: 'ann',
    clientHashId: 'bob',
    timeZone: 'Europe/Zurich',
    sessions: booked.map(({ sessionId, occurrence, localStart, duration }) => {
      const state = sessionId === second.sessionId ? 'cancelled' : 'scheduled';
      return { id: sessionId, occurrence, localStart, state, duration };
    }),
  });
});
