import { expect, test } from 'vitest';
import { createSourceStore } from '../../../src/calendars/sources/source-store.js';
import { createDeferred } from '../../../src/waiting.js';
import { createWorld } from './support.js';

test('calendar sources that are deleted leave connections for others while their coaches are busy', async () => {
  const world = await createWorld();
  const sources = createSourceStore({ pool: world.pool, rules: { allowPrivate: false }, now: () => world.clock.now });
  const coaches = Array.from({ length: 20 }, (_, nr) => `coach-${nr}`);
  const settings = { url: 'https://calendar.example/a-secret/basic.ics', interval: 60 };
  for (const coachHashId of coaches) await sources.set({ coachHashId, source: 'google' }, settings, undefined);

  const coach = createDeferred<void>();
  let clearing = 0;
  const deleted = coaches.map((coachHashId) =>
    sources.delete({ coachHashId, source: 'google' }, undefined, () => {
      clearing += 1;
      return coach.promise;
    }),
  );
  expect(await sources.list('somebody')).toEqual([]);
  await expect.poll(() => clearing).toBe(1);
  expect(await sources.list('somebody')).toEqual([]);
  coach.resolve();
  expect(await Promise.all(deleted)).toEqual(coaches.map(() => 'deleted'));
});
