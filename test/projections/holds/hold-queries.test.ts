import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHoldQueries } from '../../../projections/holds/hold-queries.js';
import type { HoldFilter, ListKey } from '../../../src/application/read-model.js';
import type { SlotHeld } from '../../../src/domain/coach/events.js';
import { NOON, openWorld, project, READER, recorded, testWorld, type World } from '../support.js';

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
    { type: 'SlotHeld', ...ofHold, ignoredPolicy: undefined },
    { type: 'HoldReleased', ...ofHold, releasedAt: NOON },
  );
  expect(await get(id)).toBeUndefined();
  await project(pool, held!);
  expect(await get(id)).toEqual({ id, ...hold, state: 'open', revision: 0n, updatedAt: NOON - 9 });
  await project(pool, released!);
  expect(await get(id)).toEqual({ id, ...hold, state: 'released', revision: 1n, updatedAt: NOON });
});

describe('a list of holds', () => {
  const HOUR = 3_600_000;
  const held = (hold: Partial<SlotHeld>): SlotHeld => ({
    type: 'SlotHeld',
    holdId: randomUUID(),
    coachHashId: 'ann',
    clientHashId: 'bob',
    start: NOON,
    duration: 60,
    heldAt: NOON - HOUR,
    expiresAt: NOON + HOUR,
    reservationId: undefined,
    ignoredPolicy: undefined,
    ...hold,
  });
  const ids = (...holds: SlotHeld[]) => holds.map(({ holdId }) => holdId);
  const { type: _, ...released } = held({ start: NOON + 2 * HOUR });
  const { type: __, ...expired } = held({ start: NOON + 3 * HOUR, expiresAt: NOON - 1 });
  const open = held({});
  const unwanted = held({ start: NOON + HOUR, expiresAt: NOON, clientHashId: 'cat' });
  const ofEve = held({ coachHashId: 'eve', start: NOON - HOUR, duration: 30 });

  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    const all = [open, unwanted, { type: 'SlotHeld' as const, ...released }, { type: 'SlotHeld' as const, ...expired }];
    const ends = [
      { type: 'HoldReleased' as const, ...released, releasedAt: NOON },
      { type: 'HoldExpired' as const, ...expired, expiredAt: NOON },
    ];
    await project(world.pool, ...recorded(...all, ofEve, ...ends));
  });
  afterAll(() => world.close());

  async function list(filter: HoldFilter, now = NOON, after?: ListKey, limit = 100): Promise<string[]> {
    const rows = await createHoldQueries(world.pool).list(filter, now, after, limit, READER);
    return rows.map(({ id }) => id);
  }

  test('is in order of start, or in reverse', async () => {
    const ofAnn = [open.holdId, unwanted.holdId, released.holdId, expired.holdId];
    expect(await list({})).toEqual([ofEve.holdId, ...ofAnn]);
    expect(await list({ coachHashId: 'ann' })).toEqual(ofAnn);
    expect(await list({ coachHashId: 'ann', newestFirst: true })).toEqual(ofAnn.toReversed());
  });

  test.each<[string, HoldFilter, string[]]>([
    ['of a coach', { coachHashId: 'eve' }, ids(ofEve)],
    ['for a client', { clientHashId: 'cat' }, ids(unwanted)],
    ['of a coach and for a client', { coachHashId: 'eve', clientHashId: 'cat' }, []],
    ['that end after a time', { coachHashId: 'ann', from: NOON + HOUR, to: NOON + 2 * HOUR }, ids(unwanted)],
    ['of the millisecond before', { coachHashId: 'ann', from: NOON + HOUR - 1, to: NOON + HOUR }, ids(open)],
    ['that are open', { states: ['open'] }, ids(ofEve, open)],
    ['that have expired, told by an event or not', { states: ['expired'] }, [unwanted.holdId, expired.holdId]],
    ['that have been released', { coachHashId: 'ann', states: ['released', 'confirmed'] }, [released.holdId]],
  ])('has those %s', async (_name, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('has a hold as open until the millisecond in which its time runs out', async () => {
    const open = { clientHashId: 'cat', states: ['open'] } as const;
    expect(await list(open, unwanted.expiresAt - 1)).toEqual(ids(unwanted));
    expect(await list(open, unwanted.expiresAt)).toEqual([]);
  });

  test.each([false, true])('comes page by page, reversed: %s', async (newestFirst) => {
    const all = await list({ newestFirst });
    const first = await createHoldQueries(world.pool).list({ newestFirst }, NOON, undefined, 2, READER);
    const { start: time, id } = first[1]!;
    expect([...first.map((hold) => hold.id), ...(await list({ newestFirst }, NOON, { time, id }))]).toEqual(all);
  });

  test('has whole holds', async () => {
    const { list: read, get } = createHoldQueries(world.pool);
    expect(await read({ coachHashId: 'eve' }, NOON, undefined, 1, READER)).toEqual([await get(ofEve.holdId)]);
  });

  test.each<[string, HoldFilter, number]>([
    ['a page of one coach shares its statement', { coachHashId: 'ann', from: NOON, to: NOON + HOUR }, 1],
    ['a page of some states does not', { coachHashId: 'ann', states: ['open'] }, 2],
    ['a page of all does not', {}, 2],
  ])('%s with others', async (_name, filter, statements) => {
    const asked: pg.QueryConfig[] = [];
    const query = (config: pg.QueryConfig) => {
      asked.push(config);
      return world.pool.query(config);
    };
    const { list: read } = createHoldQueries({ query } as pg.Pool);
    await Promise.all([1, 2].map((limit) => read(filter, NOON, undefined, limit, READER)));
    expect(asked).toHaveLength(statements);
  });
});
