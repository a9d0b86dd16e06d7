import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RequestChange, requestsTable } from '../../projections/sessions/requests-table.js';
import type { NewEvent, RecordedEvent } from '../../src/event-store/event-store.js';
import { openWorld, scheduled, stored, type World } from './support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const change: RequestChange = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };

function recorded(event: NewEvent): RecordedEvent {
  return { ...event, stream: 'coach-ann', revision: 4n, position: 9n, recordedAt: new Date() };
}

async function rowsAfter(...batches: RequestChange[][]) {
  await world.pool.query('truncate read_model.requests');
  for (const batch of batches) await world.pool.query(requestsTable.write(batch, 'read_model.requests'));
  return (await world.pool.query('select * from read_model.requests order by request_id, coach_hash_id')).rows;
}

test('an event with a request id is noted under it', () => {
  expect(requestsTable.changesOf(recorded(stored(scheduled(), 'r-1', 'f')))).toEqual([change]);
});

test('an event without a request id is of no concern', () => {
  expect(requestsTable.changesOf(recorded(stored(scheduled())))).toEqual([]);
});

test('of the events of one command the first is kept, at once or one after the other', async () => {
  const row = { request_id: 'r-1', coach_hash_id: 'ann', fingerprint: 'f', revision: 4n };
  const second = { ...change, revision: 5n };
  expect(await rowsAfter([change, second])).toEqual([row]);
  expect(await rowsAfter([change], [second])).toEqual([row]);
});

test('two coaches may have the same request id', async () => {
  expect(await rowsAfter([change, { ...change, coachHashId: 'eve' }])).toHaveLength(2);
});
