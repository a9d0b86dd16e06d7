import { expect, test } from 'vitest';
import type { HoldEvent } from '../../../src/domain/coach/events.js';
import { NOON, project, recorded, testWorld } from '../support.js';

const MINUTE = 60_000;
const hold = {
  holdId: '01890000-0000-7000-8000-000000000001',
  coachHashId: 'ann',
  clientHashId: 'bob',
  start: NOON,
  duration: 60,
  heldAt: NOON - 10 * MINUTE,
  expiresAt: NOON - MINUTE,
  reservationId: undefined,
};
const held: HoldEvent = { type: 'SlotHeld', ...hold, ignoredPolicy: undefined };

const row = {
  id: hold.holdId,
  coach_hash_id: 'ann',
  client_hash_id: 'bob',
  start: new Date(NOON),
  duration: 60,
  state: 'open',
  held_at: new Date(hold.heldAt),
  expires_at: new Date(hold.expiresAt),
  revision: 0n,
  updated_at: new Date(hold.heldAt),
};
const ended = { revision: 1n, updated_at: new Date(NOON) };

test.each<[string, HoldEvent[], typeof row]>([
  ['held is open', [held], row],
  [
    'confirmed',
    [held, { type: 'HoldConfirmed', ...hold, confirmedAt: NOON }],
    { ...row, ...ended, state: 'confirmed' },
  ],
  ['released', [held, { type: 'HoldReleased', ...hold, releasedAt: NOON }], { ...row, ...ended, state: 'released' }],
  ['expired', [held, { type: 'HoldExpired', ...hold, expiredAt: NOON }], { ...row, ...ended, state: 'expired' }],
])('a slot that was %s', async (_, events, expected) => {
  const { pool } = await testWorld();
  for (const event of recorded(...events)) await project(pool, event);
  expect((await pool.query('select * from read_model.holds')).rows).toEqual([expected]);
});
