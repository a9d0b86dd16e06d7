import { expect, test } from 'vitest';
import { sessions } from '../../projections/sessions/sessions.js';
import { createFreshness } from '../../src/read-model/freshness.js';
import { createRequestIndex } from '../../src/read-model/request-index.js';
import { createSessionQueries } from '../../src/read-model/session-queries.js';
import { run, scheduled, stored, testWorld } from './support.js';

test('a booking is found with its request id as soon as its position is reached', async () => {
  const { store, pool, url } = await testWorld();
  const freshness = createFreshness({ pool, projection: sessions.name });
  run(sessions, { store, url }, { onPosition: freshness.report });

  const booking = scheduled();
  const appended = await store.append('coach-ann', 'any', [stored(scheduled()), stored(booking, 'r-1', 'f')]);
  if (appended.outcome !== 'appended') throw new Error('not appended');
  await freshness.reached(appended.position, new AbortController().signal);

  const { sessionId: id, coachHashId, clientHashId, start, duration, scheduledAt } = booking;
  expect(await createSessionQueries(pool).get(id)).toEqual({
    id,
    coachHashId,
    clientHashId,
    start,
    duration,
    state: 'scheduled',
    createdAt: scheduledAt,
    updatedAt: scheduledAt,
  });
  expect(await createRequestIndex(pool, freshness).find(['r-1'], appended.position)).toEqual(
    new Map([['r-1', [{ coachHashId: 'ann', fingerprint: 'f', revision: 1n }]]]),
  );
});

test('an event that the codec does not know is refused', () => {
  const event = { ...stored(scheduled()), type: 'aceup.scheduler.v9.SessionScheduled' };
  const recorded = { ...event, stream: 'coach-ann', revision: 4n, position: 9n, recordedAt: new Date() };
  expect(() => sessions.changesOf(recorded)).toThrow('unknown type');
});
