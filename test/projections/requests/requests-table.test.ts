import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { put } from '../../../projections/projection.js';
import { requestChanges, requestsTable } from '../../../projections/requests/requests-table.js';
import type { RowOf } from '../../../projections/table.js';
import { EventMetadataSchema } from '../../../src/gen/aceup/scheduler/v1/events_pb.js';
import { openWorld, putRows, recorded, scheduled, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Row = RowOf<typeof requestsTable>;

const row: Row = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };

async function rowsAfter(...batches: Row[][]) {
  await world.pool.query('truncate read_model.requests');
  for (const rows of batches) await putRows(world.pool, requestsTable, ...rows);
  return (await world.pool.query('select * from read_model.requests order by request_id, coach_hash_id')).rows;
}

test('an event with a request id is noted under it', () => {
  const event = { ...recorded(scheduled())[0]!, revision: 4n };
  const metadata = create(EventMetadataSchema, { requestId: 'r-1', requestFingerprint: 'f' });
  expect(requestChanges(metadata, event)).toEqual([put(requestsTable, row)]);
});

test('an event without a request id is of no concern', () => {
  expect(requestChanges(create(EventMetadataSchema), recorded(scheduled())[0]!)).toEqual([]);
});

test('of the events of one command the first is kept, at once or one after the other', async () => {
  const first = { request_id: 'r-1', coach_hash_id: 'ann', fingerprint: 'f', revision: 4n };
  const second = { ...row, revision: 5n };
  expect(await rowsAfter([row, second])).toEqual([first]);
  expect(await rowsAfter([row], [second])).toEqual([first]);
});

test('two coaches may have the same request id', async () => {
  expect(await rowsAfter([row, { ...row, coachHashId: 'eve' }])).toHaveLength(2);
});
