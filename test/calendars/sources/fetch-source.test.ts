import { beforeEach, describe, expect, test } from 'vitest';
import { CalendarRefused } from '../../../src/calendars/read/refusal.js';
import {
  answer,
  type CalendarServer,
  calendarWith,
  SECRET,
  startCalendarServer,
} from '../../support/calendar-server.js';
import { accepted, createWorld, READING } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEY = { coachHashId: 'ann', source: 'google' };

let world: Awaited<ReturnType<typeof createWorld>>;
let server: CalendarServer;

beforeEach(async () => {
  world = await createWorld();
  server = await startCalendarServer();
});

const set = async (url = server.url) => accepted(await world.sources.set(KEY, { url, interval: 60 }, undefined));
const got = () => world.sources.get(KEY);

/** Moves the clock to the next fetch, and fetches. */
async function fetchNext(): Promise<void> {
  world.clock.now = (await got())?.nextFetchAt ?? Number.NaN;
  expect(await world.fetchDue()).toBe(1);
}

describe('a calendar source', () => {
  test('is fetched at once, then in the interval', async () => {
    server.serve(calendarWith('a calendar'));
    expect(await set()).toMatchObject({ state: 'new', nextFetchAt: world.clock.now, host: '127.0.0.1' });
    expect(await world.fetchDue()).toBe(1);
    expect(world.synced).toEqual([{ coachHashId: 'ann', text: 'a calendar' }]);
    expect(await got()).toMatchObject({
      state: 'ok',
      fetchedAt: world.clock.now,
      succeededAt: world.clock.now,
      nextFetchAt: world.clock.now + HOUR,
      total: 'a calendar'.length,
      reading: READING,
    });
    world.clock.now += HOUR - 1;
    expect(await world.fetchDue()).toBe(0);
    world.clock.now += 1;
    expect(await world.fetchDue()).toBe(1);
  });

  test('that is unchanged is asked for by its validators, and not read', async () => {
    server.serve(calendarWith('a calendar', '"7"'));
    await set();
    await world.fetchDue();
    await fetchNext();
    expect(server.asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"7"']);
    expect(world.synced.length).toBe(1);
    expect(await got()).toMatchObject({ state: 'ok', succeededAt: world.clock.now, total: 10, reading: READING });
  });

  test('without validators is not read again as long as it is the same', async () => {
    server.serve(answer(200, {}, 'a calendar'));
    await set();
    await world.fetchDue();
    await fetchNext();
    expect(world.synced.length).toBe(1);
    server.serve(answer(200, {}, 'another'));
    await fetchNext();
    expect(world.synced.map(({ text }) => text)).toEqual(['a calendar', 'another']);
  });

  test('is read again after 12 hours although it is the same, since its recurrences go on', async () => {
    server.serve(calendarWith('a calendar', '"7"'));
    await set();
    await world.fetchDue();
    for (let hour = 1; hour < 12; hour += 1) await fetchNext();
    expect(world.synced.length).toBe(1);
    await fetchNext();
    expect(world.synced.length).toBe(2);
    expect(server.asked.at(-1)?.headers['if-none-match']).toBeUndefined();
    await fetchNext();
    expect(server.asked.at(-1)?.headers['if-none-match']).toBe('"7"');
  });

  test.each([
    ['asks for a fetch', () => world.sources.fetchSoon(KEY)],
    ['sets it again', () => set()],
  ])('is read although it is the same when somebody %s, who may have removed its time off', async (_, ask) => {
    server.serve(calendarWith('a calendar', '"7"'));
    await set();
    await world.fetchDue();
    await ask();
    await fetchNext();
    expect(world.synced.length).toBe(2);
    await fetchNext();
    expect(world.synced.length).toBe(2);
  });

  test('at another URL is read, whatever the former one answered', async () => {
    server.serve(calendarWith('a calendar', '"7"'));
    await set();
    await world.fetchDue();
    await set(`${server.url}&another`);
    await world.fetchDue();
    expect(server.asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
    expect(world.synced.length).toBe(2);
  });

  test('in another charset is another document', async () => {
    server.serve(answer(200, { 'content-type': 'text/calendar; charset=utf-8' }, 'a calendar'));
    await set();
    await world.fetchDue();
    server.serve(answer(200, { 'content-type': 'text/calendar; charset=iso-8859-1' }, 'a calendar'));
    await fetchNext();
    expect(world.synced.length).toBe(2);
  });
});

describe('a fetch that fails', () => {
  test('leaves what was known, says why, and is tried again after growing pauses, a day at most', async () => {
    server.serve(calendarWith('a calendar'));
    await set();
    await world.fetchDue();
    const succeededAt = world.clock.now;
    server.serve(answer(404));
    await fetchNext();
    const failingSince = world.clock.now;
    const pauses: number[] = [];
    for (let failure = 1; failure <= 8; failure += 1) {
      const found = await got();
      expect(found).toMatchObject({
        state: 'failing',
        lastError: 'the server answered 404',
        failingSince,
        succeededAt,
      });
      expect(found).toMatchObject({ total: 10, reading: READING });
      pauses.push((found?.nextFetchAt ?? 0) - world.clock.now);
      const doubled = HOUR * 2 ** (failure - 1);
      expect(pauses.at(-1)).toBeGreaterThanOrEqual(Math.min(doubled, 24 * HOUR));
      expect(pauses.at(-1)).toBeLessThanOrEqual(Math.min(1.5 * doubled, 24 * HOUR));
      await fetchNext();
    }
    server.serve(calendarWith('a calendar'));
    await fetchNext();
    expect(await got()).toMatchObject({ state: 'ok', lastError: undefined, failingSince: undefined });
    expect((await got())?.nextFetchAt).toBe(world.clock.now + HOUR);
  });

  test('waits as long as the server asks for', async () => {
    server.serve(answer(429, { 'retry-after': String(5 * 3_600) }));
    await set();
    await world.fetchDue();
    expect((await got())?.nextFetchAt).toBe(world.clock.now + 5 * HOUR);
  });

  test('does not wait for less than it would without being asked to', async () => {
    server.serve(answer(503, { 'retry-after': '1' }));
    await set();
    await world.fetchDue();
    expect((await got())?.nextFetchAt).toBeGreaterThanOrEqual(world.clock.now + HOUR);
  });

  test('as the document is none, asks for it as before the next time', async () => {
    server.serve(calendarWith('a calendar', '"7"'));
    await set();
    await world.fetchDue();
    server.serve(calendarWith('<html>', '"8"'));
    world.state.refuse = new CalendarRefused('not a calendar', 'the document is a web page');
    await fetchNext();
    expect(await got()).toMatchObject({ lastError: 'the document is a web page', total: 10 });
    await fetchNext();
    expect(server.asked.at(-1)?.headers['if-none-match']).toBe('"7"');
    expect(await got()).toMatchObject({ state: 'failing' });
  });

  test('as the coach has no room for the time off, says so', async () => {
    server.serve(calendarWith('a calendar'));
    world.state.outcome = { kind: 'rejected', rejection: { reason: 'TIME_OFF_QUOTA' } };
    await set();
    await world.fetchDue();
    expect(await got()).toMatchObject({ lastError: 'the coach would have more than 10,000 times off' });
  });

  test('for a reason that is not the calendar, is tried again soon, and not blamed on it', async () => {
    server.serve(calendarWith('a calendar'));
    world.state.outcome = { kind: 'contended' };
    await set();
    await world.fetchDue();
    const found = await got();
    expect(found).toMatchObject({ state: 'new', lastError: undefined });
    const pause = (found?.nextFetchAt ?? 0) - world.clock.now;
    expect([pause >= 15_000, pause <= 45_000]).toEqual([true, true]);
    expect(world.warnings).toEqual(['a calendar could not be brought in and will be tried again']);
    world.state.outcome = { kind: 'accepted', events: [], revision: undefined, position: undefined };
    await fetchNext();
    expect(await got()).toMatchObject({ state: 'ok' });
  });

  test('never tells the URL, whatever the document has', async () => {
    world.state.refuse = new CalendarRefused('unreadable', `"${server.url} ${SECRET}" cannot be read`);
    server.serve(calendarWith('a calendar'));
    await set();
    await world.fetchDue();
    expect((await got())?.lastError).toBe('"… …" cannot be read');
  });
});

describe('a fetch that is under way', () => {
  test('writes nothing once the source is set anew: the new calendar takes its place', async () => {
    const other = await startCalendarServer();
    other.serve(calendarWith('the new one'));
    server.serve(calendarWith('the old one'));
    await set();
    world.state.beforeSubmit = async () => {
      world.state.beforeSubmit = async () => {};
      await set(other.url);
    };
    await world.fetchDue();
    expect(world.synced).toEqual([]);
    expect(await got()).toMatchObject({ state: 'new', nextFetchAt: world.clock.now });
    await world.fetchDue();
    expect(world.synced.map(({ text }) => text)).toEqual(['the new one']);
  });

  test.each([304, 404])('takes no note of an answer %i to the URL that was set before', async (status) => {
    server.serve(calendarWith('a calendar'));
    await set();
    await world.fetchDue();
    world.clock.now += HOUR;
    const other = await startCalendarServer();
    server.serve((_request, response) => void set(other.url).then(() => response.writeHead(status).end()));
    await world.fetchDue();
    expect(await got()).toMatchObject({ state: 'new', nextFetchAt: world.clock.now, fetchedAt: undefined });
  });

  test('writes nothing once the source is deleted', async () => {
    server.serve(calendarWith('a calendar'));
    await set();
    world.state.beforeSubmit = async () => {
      await world.sources.delete(KEY, undefined, async () => void world.cleared.push('by the caller'));
    };
    await world.fetchDue();
    expect([world.synced, world.cleared, world.warnings]).toEqual([[], ['by the caller'], []]);
    expect(await got()).toBeUndefined();
  });

  test('writes nothing once another process has taken the source', async () => {
    server.serve(calendarWith('a calendar'));
    await set();
    const [late] = await world.take();
    const [now] = await world.take();
    await world.fetchSource(late!);
    expect([world.synced.length, (await got())?.state]).toEqual([0, 'new']);
    await world.fetchSource(now!);
    expect([world.synced.length, (await got())?.state]).toEqual([1, 'ok']);
  });

  test('leaves the source due when somebody asks for another one meanwhile', async () => {
    server.serve(calendarWith('a calendar'));
    await set();
    world.state.beforeSubmit = async () => {
      world.clock.now += 20_000;
      await world.sources.fetchSoon(KEY);
    };
    await world.fetchDue();
    expect(await got()).toMatchObject({ state: 'ok', nextFetchAt: world.clock.now });
    world.state.beforeSubmit = async () => {};
    await fetchNext();
    expect(world.synced.length).toBe(2);
  });

  test('keeps whoever deletes waiting until its time off is written', async () => {
    server.serve(calendarWith('a calendar'));
    await set();
    let deleting: Promise<unknown> | undefined;
    const submitted: string[] = [];
    world.state.duringSubmit = async () => {
      deleting = world.sources.delete(KEY, undefined, async () => void submitted.push('cleared'));
      await world.lockIsAwaited();
      submitted.push('synced');
    };
    await world.fetchDue();
    expect(await deleting).toBe('deleted');
    expect(submitted).toEqual(['synced', 'cleared']);
  });
});

describe('a calendar source that is deleted', () => {
  test('is remembered for a minute, without its URL, and its time off is removed once more', async () => {
    await set();
    expect(await world.sources.delete(KEY, undefined, async () => {})).toBe('deleted');
    expect(await world.rows()).not.toContain(SECRET);
    world.clock.now += MINUTE - 1;
    expect(await world.fetchDue()).toBe(0);
    world.clock.now += 1;
    expect(await world.fetchDue()).toBe(1);
    expect([world.cleared, await world.rows()]).toEqual([['google'], '[]']);
    expect(server.asked).toEqual([]);
  });

  test('whose time off could not be removed is no more, and loses it soon', async () => {
    await set();
    const failing = async () => Promise.reject(new Error('the store is away'));
    await expect(world.sources.delete(KEY, undefined, failing)).rejects.toThrow('the store is away');
    expect(await got()).toBeUndefined();
    world.clock.now += 15_000;
    expect(await world.fetchDue()).toBe(1);
    expect([world.cleared, await world.rows()]).toEqual([['google'], '[]']);
  });

  test('may be deleted again by whoever was not told that it is', async () => {
    await set();
    const failing = async () => Promise.reject(new Error('the store is away'));
    await expect(world.sources.delete(KEY, undefined, failing)).rejects.toThrow('the store is away');
    expect(await world.sources.delete(KEY, undefined, async () => {})).toBe('deleted');
    expect(await world.sources.delete(KEY, undefined, async () => {})).toEqual({ refused: 'not-found' });
  });

  test('and set again is a new one, which keeps its time off', async () => {
    server.serve(calendarWith('a calendar'));
    const before = await set();
    await world.fetchDue();
    world.clock.now += MINUTE / 2;
    await world.sources.delete(KEY, undefined, async () => {});
    const after = await set();
    expect(after).toMatchObject({ state: 'new', createdAt: world.clock.now, total: 0, reading: undefined });
    expect(after.etag).not.toBe(before.etag);
    await world.fetchDue();
    world.clock.now += MINUTE;
    expect([await world.fetchDue(), world.cleared]).toEqual([0, []]);
  });
});
