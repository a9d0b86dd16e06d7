import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFreshness } from '../../../projections/freshness.js';
import { createRequestIndex } from '../../../projections/requests/request-queries.js';
import { requestsTable } from '../../../projections/requests/requests-table.js';
import type { RowOf } from '../../../projections/table.js';
import { openWorld, putRows, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function given(...rows: RowOf<typeof requestsTable>[]): Promise<void> {
  await world.pool.query('truncate read_model.requests');
  await putRows(world.pool, requestsTable, ...rows);
}

function index() {
  const freshness = createFreshness({ pool: world.pool, projection: 'sessions', timeLimit: 10_000 });
  return { freshness, find: createRequestIndex(world.pool, freshness).find };
}

test('finds the accepted commands of all coaches by request id', async () => {
  const ann = { coachHashId: 'ann', fingerprint: 'f', revision: 4n };
  const eve = { coachHashId: 'eve', fingerprint: 'g', revision: 0n };
  await given({ requestId: 'r-1', ...ann }, { requestId: 'r-1', ...eve }, { requestId: 'r-2', ...ann });
  const found = await index().find(['r-1', 'r-2', 'r-3'], 0n);
  expect([...found.keys()].sort()).toEqual(['r-1', 'r-2']);
  expect(found.get('r-1')).toHaveLength(2);
  expect(found.get('r-1')).toEqual(expect.arrayContaining([ann, eve]));
  expect(found.get('r-2')).toEqual([ann]);
});

test('waits until the projection has come as far as asked', async () => {
  const change = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };
  await given({ ...change, requestId: 'other' });
  const { freshness, find } = index();
  const finding = find(['r-1'], 5n);
  await given(change);
  freshness.report(5n);
  expect((await finding).size).toBe(1);
});
