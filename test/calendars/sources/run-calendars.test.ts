import pino from 'pino';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { DueSource } from '../../../src/calendars/sources/due-sources.js';
import { type RunCalendarsParts, runCalendars } from '../../../src/calendars/sources/run-calendars.js';
import { createDeferred } from '../../../src/waiting.js';
import { createWorld } from './support.js';

let world: Awaited<ReturnType<typeof createWorld>>;
beforeEach(async () => {
  world = await createWorld();
});

const set = (coachHashId: string) =>
  world.sources.set(
    { coachHashId, source: 'google' },
    { url: `https://${coachHashId}.example/`, interval: 60 },
    undefined,
  );

/** Runs until the test ends. Nothing is looked at for an hour unless something rings. */
function run(fetchSource: RunCalendarsParts['fetchSource']) {
  const stop = new AbortController();
  const log = pino({ level: 'silent' });
  const { url, clock } = world;
  const parts = { url, fetchSource, now: () => clock.now, log, signal: stop.signal, interval: 3_600_000 };
  const running = runCalendars(parts);
  const end = () => {
    stop.abort(new Error('the test ends'));
    return running;
  };
  onTestFinished(end);
  return { end };
}

/** Fetches: there is nothing left to do for an hour. */
async function fetchIt({ coachHashId }: DueSource): Promise<void> {
  const later = new Date(world.clock.now + 3_600_000);
  await world.pool.query('update calendars.sources set due_at = $2 where coach_hash_id = $1', [coachHashId, later]);
}

test('what is set is fetched at once, as is what somebody asks for', async () => {
  const fetched: string[] = [];
  run(async (due) => {
    await fetchIt(due);
    fetched.push(due.coachHashId);
  });
  await set('ann');
  await expect.poll(() => fetched).toEqual(['ann']);
  await set('bob');
  await expect.poll(() => fetched).toEqual(['ann', 'bob']);
  await world.sources.fetchSoon({ coachHashId: 'ann', source: 'google' });
  await expect.poll(() => fetched).toEqual(['ann', 'bob', 'ann']);
});

test('what is more than can be under way at once is fetched as others end', async () => {
  for (let nr = 0; nr < 40; nr += 1) await set(`coach-${nr}`);
  const fetched = new Set<string>();
  let [underWay, most] = [0, 0];
  run(async (due) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await fetchIt(due);
    fetched.add(due.coachHashId);
    underWay -= 1;
  });
  await expect.poll(() => fetched.size).toBe(40);
  expect(most).toBeLessThanOrEqual(16);
});

test('the end waits for what is under way, which is told of it', async () => {
  await set('ann');
  const events: string[] = [];
  const letGo = createDeferred<void>();
  const { end } = run(async (_due, signal) => {
    events.push('begun');
    signal.addEventListener('abort', () => events.push('told'));
    await letGo.promise;
    events.push('ended');
    throw signal.reason;
  });
  await expect.poll(() => events).toEqual(['begun']);
  const ending = end().then(() => events.push('over'));
  const connection =
    "select from pg_stat_activity where datname = current_database() and application_name = 'calendars'";
  await expect.poll(async () => (await world.pool.query(connection)).rowCount).toBe(0);
  for (let nr = 0; nr < 10; nr += 1) await world.pool.query('select');
  letGo.resolve();
  await ending;
  expect(events).toEqual(['begun', 'told', 'ended', 'over']);
});
