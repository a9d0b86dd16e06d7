import { expect, test } from 'vitest';
import { coachStream } from '../../src/domain/coach/coach.js';
import { positionOf } from '../../src/feeds/place.js';
import { events } from '../support/event-store-samples.js';
import { createMemoryLog } from '../support/memory-event-store.js';

async function carolsLog() {
  const store = createMemoryLog().open();
  const sent = events(3);
  await store.append('coach-dora', 'any', events(2));
  await store.append(coachStream('carol'), 'any', sent);
  return { store, ids: sent.map(({ id }) => id) };
}

test('a change has the position of its event in this log, whatever its place says', async () => {
  const { store, ids } = await carolsLog();
  const place = { id: ids[1]!, coachHashId: 'carol', revision: 1, position: 99n };
  expect(await positionOf(place, store)).toBe(4n);
});

test.each([
  ['another event', (ids: string[]) => ({ id: ids[0]!, coachHashId: 'carol', revision: 1 })],
  ['no event yet', (ids: string[]) => ({ id: ids[1]!, coachHashId: 'carol', revision: 3 })],
  ['no such coach', (ids: string[]) => ({ id: ids[1]!, coachHashId: 'nobody', revision: 1 })],
])('a log that has %s at a place is another log', async (_, placeOf) => {
  const { store, ids } = await carolsLog();
  await expect(positionOf({ ...placeOf(ids), position: 4n }, store)).rejects.toMatchObject({ name: 'NotInThisLog' });
});
