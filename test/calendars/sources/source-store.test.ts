import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_CALENDAR_SOURCES } from '../../../src/application/calendar-sources.js';
import type { DueSource } from '../../../src/calendars/sources/due-sources.js';
import { countSources, sourceMetrics } from '../../../src/calendars/sources/source-counts.js';
import { prometheusText } from '../../../src/metrics.js';
import { accepted, createWorld } from './support.js';

const MINUTE = 60_000;

let world: Awaited<ReturnType<typeof createWorld>>;
beforeEach(async () => {
  world = await createWorld();
});

const url = (host: string) => `https://${host}/a-secret/basic.ics`;
const set = (coachHashId: string, source: string, host = 'calendar.example', etag?: string | string[]) =>
  world.sources.set({ coachHashId, source }, { url: url(host), interval: 60 }, etag);

/** Makes the last fetch of a source one that failed, at this time. */
const failAt = (coachHashId: string, ms: number) =>
  world.pool.query(
    `update calendars.sources set last_error = 'gone', fetched_at = $2, failing_since = $2, due_at = $2
     where coach_hash_id = $1`,
    [coachHashId, new Date(ms)],
  );

describe('setting', () => {
  test('takes the 20 sources of a coach, and no more, however many come at once', async () => {
    const names = Array.from({ length: MAX_CALENDAR_SOURCES + 5 }, (_, nr) => `source-${nr}`);
    const answers = await Promise.all(names.map((name) => set('ann', name)));
    expect(answers.filter((answer) => 'refused' in answer)).toEqual(Array(5).fill({ refused: 'quota' }));
    const listed = await world.sources.list('ann');
    expect(listed.length).toBe(MAX_CALENDAR_SOURCES);

    expect(await set('bob', 'google')).toMatchObject({ source: 'google' });
    expect(await set('ann', listed[0]!.source, 'elsewhere.example')).toMatchObject({ host: 'elsewhere.example' });
    await world.sources.delete(listed[0]!, undefined, async () => {});
    expect(await set('ann', 'another')).toMatchObject({ source: 'another' });
  });

  test('finds the etag that it wants, which a fetch does not change', async () => {
    expect(await set('ann', 'google', 'a.example', 'none')).toEqual({ refused: 'stale-etag', etag: '' });
    const created = accepted(await set('ann', 'google', 'a.example', ['']));
    await failAt('ann', world.clock.now);
    expect(await set('ann', 'google', 'b.example', [''])).toEqual({ refused: 'stale-etag', etag: created.etag });
    const again = accepted(await set('ann', 'google', 'b.example', created.etag));
    expect(again.etag).not.toBe(created.etag);
    const stale = { refused: 'stale-etag', etag: again.etag };
    expect(await world.sources.delete(again, created.etag, async () => {})).toEqual(stale);
    expect(await world.sources.delete(again, again.etag, async () => {})).toBe('deleted');
  });

  test('another URL forgets how it went with the former one', async () => {
    accepted(await set('ann', 'google', 'a.example'));
    await failAt('ann', world.clock.now);
    world.clock.now += MINUTE;
    const other = accepted(await set('ann', 'google', 'b.example'));
    expect(other).toMatchObject({ state: 'new', lastError: undefined, fetchedAt: undefined, failingSince: undefined });
    expect(other).toMatchObject({ createdAt: world.clock.now - MINUTE, updatedAt: world.clock.now });
  });

  test('the same URL keeps it, and makes the source due', async () => {
    accepted(await set('ann', 'google'));
    await failAt('ann', world.clock.now);
    world.clock.now += MINUTE;
    expect(await set('ann', 'google')).toMatchObject({
      state: 'failing',
      lastError: 'gone',
      nextFetchAt: world.clock.now,
    });
  });

  test('takes webcal for https', async () => {
    const key = { coachHashId: 'ann', source: 'apple' };
    const webcal = 'WebCal://Calendar.Example/a-secret/basic.ics';
    expect(world.sources.brokenUrl(webcal)).toBeUndefined();
    expect(await world.sources.set(key, { url: webcal, interval: 60 }, undefined)).toMatchObject({
      host: 'calendar.example',
    });
    expect((await world.take()).map((due) => due.url)).toEqual(['https://Calendar.Example/a-secret/basic.ics']);
  });
});

describe('who asks for a fetch', () => {
  test('gets one at once', async () => {
    const created = accepted(await set('ann', 'google'));
    await failAt('ann', world.clock.now);
    world.clock.now += MINUTE;
    expect(await world.sources.fetchSoon(created)).toMatchObject({ nextFetchAt: world.clock.now });
  });

  test('but not within 10 seconds of the last one', async () => {
    const created = accepted(await set('ann', 'google'));
    await failAt('ann', world.clock.now);
    expect(await world.sources.fetchSoon(created)).toMatchObject({ nextFetchAt: world.clock.now + 10_000 });
  });

  test('of a source that is not there gets none', async () => {
    expect(await world.sources.fetchSoon({ coachHashId: 'ann', source: 'google' })).toBeUndefined();
  });
});

describe('what is due', () => {
  test('is taken, the longest overdue first: 16 at once, and 4 of a host', async () => {
    for (let nr = 0; nr < 20; nr += 1) {
      world.clock.now += MINUTE;
      await set(`coach-${nr}`, 'google', nr < 6 ? 'crowded.example' : `host-${nr}.example`);
    }
    const taken = await world.take();
    expect(taken.map(({ coachHashId }) => Number(coachHashId.slice(6))).sort((one, other) => one - other)).toEqual([
      0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
    ]);
  });

  test('is taken of a coach 4 at once, and what waits for its coach keeps nobody else from its host', async () => {
    const sourcesOf = (taken: readonly DueSource[]) =>
      taken.map(({ coachHashId, source }) => `${coachHashId} ${source}`);
    for (let nr = 0; nr < 4; nr += 1) await set('ann', `slow-${nr}`, `host-${nr}.example`);
    const underWay = await world.take();
    expect(underWay.length).toBe(4);
    for (let nr = 0; nr < 4; nr += 1) await set('ann', `other-${nr}`, 'calendar.example');
    world.clock.now += MINUTE;
    await set('bob', 'google');
    expect(sourcesOf(await world.take(underWay))).toEqual(['bob google']);
    // When one has ended, the coach gets another: the one that is due longest.
    expect(sourcesOf(await world.take(underWay.slice(1)))).toEqual(['ann slow-0', 'bob google']);
  });

  test('is passed over while somebody sets it', async () => {
    await set('ann', 'google');
    await set('bob', 'google');
    const client = await world.pool.connect();
    try {
      await client.query("begin; select from calendars.sources where coach_hash_id = 'ann' for update");
      expect((await world.take()).map(({ coachHashId }) => coachHashId)).toEqual(['bob']);
      await client.query('rollback');
    } finally {
      client.release();
    }
  });
});

test('whoever watches sees how many sources fail, and for how long the one is due that is due longest', async () => {
  await set('ann', 'google');
  await set('bob', 'google');
  await failAt('bob', world.clock.now - 90_000);
  expect(prometheusText(sourceMetrics(await countSources(world.pool, world.clock.now))).split('\n')).toEqual([
    '# HELP scheduler_calendar_sources How many calendar sources there are.',
    '# TYPE scheduler_calendar_sources gauge',
    'scheduler_calendar_sources{state="new"} 1',
    'scheduler_calendar_sources{state="ok"} 0',
    'scheduler_calendar_sources{state="failing"} 1',
    '# HELP scheduler_calendar_sources_overdue_seconds For how long the calendar source is due that is due longest.',
    '# TYPE scheduler_calendar_sources_overdue_seconds gauge',
    'scheduler_calendar_sources_overdue_seconds 90',
    '',
  ]);
});
