import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHoldQueries } from '../../../projections/holds/hold-queries.js';
import { NOON, project, recorded, testWorld } from '../support.js';

test('gets a hold by its id, as it is now', async () => {
  const { pool } = await testWorld();
  const { get } = createHoldQueries(pool);
  const hold = {
    coachHashId: 'ann',
    clientHashId: 'bob',
    start: NOON,
    duration: 60,
    heldAt: NOON - 9,
    expiresAt: NOON - 1,
  };
  const id = randomUUID();
  const ofHold = { ...hold, holdId: id, reservationId: undefined };
  const [held, released] = recorded(
    { type: 'SlotHeld', ...ofHold },
    { type: 'HoldReleased', ...ofHold, releasedAt: NOON },
  );
  expect(await get(id)).toBeUndefined();
  await project(pool, held!);
  expect(await get(id)).toEqual({ id, ...hold, state: 'open', revision: 0n, updatedAt: NOON - 9 });
  await project(pool, released!);
  expect(await get(id)).toEqual({ id, ...hold, state: 'released', revision: 1n, updatedAt: NOON });
});
