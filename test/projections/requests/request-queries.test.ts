import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFreshness } from '../../../projections/freshness.js';
import { createRequestIndex } from '../../../projections/requests/request-queries.js';
import { requestKeyOf } from '../../../src/event-store/request-key.js';
import { accepted, openWorld, project, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function given(...requests: Parameters<typeof accepted>[0][]): Promise<void> {
  await world.pool.query('truncate read_model.requests');
  await project(world.pool, ...requests.map(accepted));
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

test('finds what a subject asked for, and not what others did under the same id', async () => {
  const request = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };
  const { requestId: _, ...found } = request;
  await given(request, { ...request, subject: 'eve', revision: 5n }, { ...request, subject: 'ben', revision: 6n });
  const keys = [requestKeyOf({ requestId: 'r-1', subject: 'ben' }), requestKeyOf({ requestId: 'r-1', subject: 'joe' })];
  expect([...(await index().find(keys, 0n))]).toEqual([[keys[0], [{ ...found, revision: 6n }]]]);
});

test('waits until the projection has come as far as asked', async () => {
  const request = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };
  await given({ ...request, requestId: 'other' });
  const { freshness, find } = index();
  const finding = find(['r-1'], 5n);
  await given(request);
  freshness.report(5n);
  expect((await finding).size).toBe(1);
});
