import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RecordedEvent } from '../../../src/event-store/event-store.js';
import { accepted, openWorld, project, recorded, scheduled, type World } from '../support.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.pool.query('truncate read_model.requests'));

const request = { requestId: 'r-1', coachHashId: 'ann', fingerprint: 'f', revision: 4n };
const row = { request_id: 'r-1', coach_hash_id: 'ann', fingerprint: 'f', revision: 4n };

/** The rows after batches of events, each in its own transaction. */
async function rowsAfter(...batches: RecordedEvent[][]) {
  for (const events of batches) await project(world.pool, ...events);
  return (await world.pool.query('select * from read_model.requests order by request_id, coach_hash_id')).rows;
}

test('an event with a request id is noted under it', async () => {
  expect(await rowsAfter([accepted(request)])).toEqual([row]);
});

test('an event without a request id is not noted', async () => {
  expect(await rowsAfter(recorded(scheduled()))).toEqual([]);
});

test.each([
  ['at once', (first: RecordedEvent, second: RecordedEvent) => [[first, second]]],
  ['one after the other', (first: RecordedEvent, second: RecordedEvent) => [[first], [second]]],
])('of the events of one command the first is kept: %s', async (_, batches) => {
  expect(await rowsAfter(...batches(accepted(request), accepted({ ...request, revision: 5n })))).toEqual([row]);
});

test('two subjects may have the same request id', async () => {
  const later = { ...request, revision: 5n };
  expect(
    await rowsAfter([
      accepted(request),
      accepted({ ...later, subject: 'eve' }),
      accepted({ ...later, subject: 'ben' }),
    ]),
  ).toEqual([row, { ...row, request_id: 'r-1 ben', revision: 5n }, { ...row, request_id: 'r-1 eve', revision: 5n }]);
});

test('two coaches may have the same request id', async () => {
  const ofEve = accepted({ ...request, coachHashId: 'eve' });
  expect(await rowsAfter([accepted(request), ofEve])).toEqual([row, { ...row, coach_hash_id: 'eve' }]);
});
