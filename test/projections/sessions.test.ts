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

  const { type: _, sessionId: id, scheduledAt, ...rest } = booking;
  expect(await createSessionQueries(pool).get(id)).toEqual({
    id,
    ...rest,
    state: 'scheduled',
    createdAt: scheduledAt,
    updatedAt: scheduledAt,
  });
  expect(await createRequestIndex(pool, freshness).find(['r-1'], appended.position)).toEqual(
    new Map([['r-1', [{ coachHashId: 'ann', fingerprint: 'f', revision: 1n }]]]),
  );
});
