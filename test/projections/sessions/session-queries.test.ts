import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listAsOfQuery } from '../../../projections/history/as-of-queries.js';
import { createSessionQueries, listQuery, PACKED_SESSION } from '../../../projections/sessions/session-queries.js';
import { sessionsTable } from '../../../projections/sessions/sessions-table.js';
import {
  type ListKey,
  ReadModelUnavailable,
  type SessionFilter,
  type SessionRow,
} from '../../../src/application/read-model.js';
import { createPool } from '../../../src/postgres/pool.js';
import { NOON, openWorld, putRows, READER, sessionRow, silent, type World } from '../support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function given(...rows: SessionRow[]): Promise<void> {
  await world.pool.query('truncate read_model.sessions');
  await putRows(
    world.pool,
    sessionsTable,
    ...rows.map((row) => ({ ...row, reservationId: undefined, reminders: undefined })),
  );
}

function inOrder(...rows: SessionRow[]): SessionRow[] {
  return rows.toSorted((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1));
}

/** The place of a session in a list by start. */
function keyOf({ start, id }: SessionRow): ListKey {
  return { time: start, id };
}

function list(filter: SessionFilter, after?: SessionRow, limit = 100) {
  return createSessionQueries(world.pool).list(filter, after && keyOf(after), limit, READER);
}

test('gets a session by its id, exact to the millisecond', async () => {
  const early = sessionRow({ start: Date.parse('0001-01-01T00:00:00.001Z') });
  const late = sessionRow({ start: Date.parse('9999-12-30T23:59:59.999Z'), scheduledAt: 1, updatedAt: -1 });
  await given(early, late);
  const { get } = createSessionQueries(world.pool);
  expect(await get(early.id)).toEqual(early);
  expect(await get(late.id)).toEqual(late);
  expect(await get(randomUUID())).toBeUndefined();
});

test('gets a session after its changes', async () => {
  const seriesId = randomUUID();
  const cancelled = sessionRow({ state: 'cancelled', cancelledBy: 'organization', reason: 'ill', revision: 2 ** 40 });
  const absent = sessionRow({ state: 'no_show', absent: 'client', seriesId, occurrence: 104 });
  await given(cancelled, absent);
  const { get } = createSessionQueries(world.pool);
  expect(await get(cancelled.id)).toEqual(cancelled);
  expect(await get(absent.id)).toEqual(absent);
});

test('answers many gets at once, each with its own session', async () => {
  const rows = Array.from({ length: 100 }, (_, n) => sessionRow({ duration: n + 1 }));
  await given(...rows);
  const { get } = createSessionQueries(world.pool);
  expect(await Promise.all(rows.map(({ id }) => get(id)))).toEqual(rows);
});

describe('pages that are asked for together', () => {
  test('are the same as alone', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => {
      return sessionRow({
        coachHashId: `coach-${n % 3}`,
        clientHashId: `client-${n % 4}`,
        start: NOON + (n % 7) * HOUR,
      });
    });
    await given(...rows);
    const hour = fc.integer({ min: -1, max: 8 }).map((hours) => NOON + hours * HOUR);
    const page = fc.record({
      filter: fc.record(
        {
          coachHashId: fc.constantFrom('coach-0', 'coach-1', 'coach-2', 'nobody'),
          clientHashId: fc.constantFrom('client-0', 'client-1'),
          states: fc.subarray(['scheduled', 'cancelled'], { minLength: 1 }),
          newestFirst: fc.boolean(),
          updatedAfter: hour,
          cancelledSince: hour,
          from: hour,
          to: hour,
        },
        { requiredKeys: [] },
      ) as fc.Arbitrary<SessionFilter>,
      after: fc.option(fc.constantFrom(...rows.map(keyOf)), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 110 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 60, maxLength: 120 }), async (pages) => {
        const queries = createSessionQueries(world.pool);
        const together = pages.map(({ filter, after, limit }) => queries.list(filter, after, limit, READER));
        const alone = await Promise.all(
          pages.map(({ filter, after, limit }) => world.pool.query(listQuery(filter, after, limit))),
        );
        expect(await Promise.all(together)).toEqual(
          alone.map((result) => result.rows.map(({ item }) => PACKED_SESSION.unpack(item))),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('share a statement if they have the same filters and are short', async () => {
    const { queries, asked } = recorded();
    const pages: [SessionFilter, number][] = [
      [{ coachHashId: 'ann' }, 21],
      [{ coachHashId: 'eve' }, 101],
      [{ clientHashId: 'bob' }, 21],
      [{ clientHashId: 'cat' }, 21],
    ];
    await Promise.all(pages.map(([filter, limit]) => queries.list(filter, undefined, limit, READER)));
    expect(asked.map(({ name }) => name)).toEqual(['sessions together coach', 'sessions together client']);
  });

  test('do not share one in another direction', async () => {
    const { queries, asked } = recorded();
    const pages = [{ coachHashId: 'ann' }, { coachHashId: 'eve', newestFirst: true }];
    await Promise.all(pages.map((filter) => queries.list(filter, undefined, 21, READER)));
    expect(asked).toHaveLength(2);
  });

  test.each<[string, SessionFilter, number]>([
    ['a long page', { coachHashId: 'ann' }, 102],
    ['a page of all', {}, 21],
    ['a page of one state', { coachHashId: 'ann', states: ['cancelled'] }, 21],
    ['a page of what changed', { coachHashId: 'ann', updatedAfter: NOON }, 21],
    ['a page of a coach and a client', { coachHashId: 'ann', clientHashId: 'bob' }, 21],
  ])('do not wait for each other: %s', async (_, filter, limit) => {
    const { queries, asked } = recorded();
    await Promise.all([queries.list(filter, undefined, limit, READER), queries.list(filter, undefined, limit, READER)]);
    expect(asked).toHaveLength(2);
  });
});

/** Queries, and what they asked Postgres. */
function recorded() {
  const asked: pg.QueryConfig[] = [];
  const query = (config: pg.QueryConfig) => {
    asked.push(config);
    return world.pool.query(config);
  };
  return { queries: createSessionQueries({ query } as pg.Pool), asked };
}

test('the names of statements are not cut by Postgres, whatever is asked', () => {
  const key = { time: NOON, id: randomUUID() };
  const of = { coachHashId: 'ann', clientHashId: 'bob', seriesId: randomUUID() };
  const when = { from: NOON, to: NOON, updatedAfter: NOON, cancelledSince: NOON };
  const filter: Required<SessionFilter> = { ...of, ...when, states: ['scheduled'], newestFirst: true };
  expect(listQuery(filter, key, 1).name!.length).toBeLessThan(64);
  expect(listAsOfQuery(filter, { revision: 1 }, key, 1).name!.length).toBeLessThan(64);
});

test('times do not depend on the time zone of the database', async () => {
  const row = sessionRow({ start: Date.parse('1883-11-18T12:00:00.123Z') });
  await given(row);
  const url = new URL(world.url);
  url.searchParams.set('options', '-c TimeZone=America/New_York');
  const pool = createPool(url.href, { max: 1, applicationName: 'test', log: silent });
  onTestFinished(() => pool.end());
  expect(await createSessionQueries(pool).get(row.id)).toEqual(row);
  expect(await createSessionQueries(pool).list({ from: row.start }, undefined, 9, READER)).toEqual([row]);
});

test('lists all by start, then id, without a filter', async () => {
  const rows = [sessionRow(), sessionRow({ start: NOON - 1 }), sessionRow(), sessionRow({ start: NOON + 1 })];
  await given(...rows);
  expect(await list({})).toEqual(inOrder(...rows));
});

test('lists what meets all of the filters', async () => {
  const annBob = sessionRow();
  const seriesId = randomUUID();
  const annCat = sessionRow({ clientHashId: 'cat', start: NOON + HOUR, seriesId, occurrence: 1 });
  const eveBob = sessionRow({ coachHashId: 'eve', start: NOON + 2 * HOUR });
  await given(annBob, annCat, eveBob);
  expect(await list({ coachHashId: 'ann' })).toEqual([annBob, annCat]);
  expect(await list({ clientHashId: 'bob' })).toEqual([annBob, eveBob]);
  expect(await list({ coachHashId: 'ann', clientHashId: 'bob' })).toEqual([annBob]);
  expect(await list({ states: ['scheduled'], coachHashId: 'eve' })).toEqual([eveBob]);
  expect(await list({ seriesId })).toEqual([annCat]);
  expect(await list({ coachHashId: 'nobody' })).toEqual([]);
  const all: Required<Omit<SessionFilter, 'updatedAfter' | 'cancelledSince'>> = {
    coachHashId: 'ann',
    clientHashId: 'cat',
    seriesId,
    states: ['scheduled'],
    from: NOON,
    to: NOON + 2 * HOUR,
    newestFirst: false,
  };
  expect(await list(all)).toEqual([annCat]);
  expect(await list(all, annCat)).toEqual([]);
});

test('lists what is in one of several states', async () => {
  const [scheduled, cancelled, absent] = [
    sessionRow(),
    sessionRow({ state: 'cancelled', start: NOON + HOUR }),
    sessionRow({ state: 'no_show', start: NOON + 2 * HOUR }),
  ];
  await given(scheduled, cancelled, absent);
  expect(await list({ states: ['scheduled', 'no_show'] })).toEqual([scheduled, absent]);
  expect(await list({ coachHashId: 'ann', states: ['cancelled'] })).toEqual([cancelled]);
});

test('lists cancelled sessions only if they were cancelled since then, and all others', async () => {
  const cancelled = { state: 'cancelled', cancelledBy: 'coach' } as const;
  const old = sessionRow({ updatedAt: NOON - HOUR });
  const earlier = sessionRow({ ...cancelled, updatedAt: NOON - 1, start: NOON + HOUR });
  const since = sessionRow({ ...cancelled, updatedAt: NOON, start: NOON + 2 * HOUR });
  await given(old, earlier, since);
  expect(await list({ coachHashId: 'ann', cancelledSince: NOON })).toEqual([old, since]);
});

describe('what changed after a time', () => {
  const early = sessionRow({ updatedAt: NOON - 1, start: NOON + 9 * HOUR });
  const at = sessionRow({ updatedAt: NOON, start: NOON - HOUR });
  const late = sessionRow({ updatedAt: NOON + 1, start: NOON + HOUR, clientHashId: 'cat' });
  const latest = sessionRow({ updatedAt: NOON + 2, start: NOON });

  test('is listed in order of the changes, without what changed at that time', async () => {
    await given(latest, at, early, late);
    expect(await list({ updatedAfter: NOON - 1 })).toEqual([at, late, latest]);
    expect(await list({ updatedAfter: NOON })).toEqual([late, latest]);
    expect(await list({ updatedAfter: NOON, newestFirst: true })).toEqual([latest, late]);
    expect(await list({ updatedAfter: NOON - 2, clientHashId: 'cat' })).toEqual([late]);
  });

  test.each([false, true])('comes page by page without gap or overlap, reversed: %s', async (newestFirst) => {
    const rows = Array.from({ length: 25 }, (_, n) => sessionRow({ updatedAt: NOON + (n % 3), start: NOON - n }));
    await given(...rows);
    const filter = { updatedAfter: NOON - 1, newestFirst };
    const { list: read } = createSessionQueries(world.pool);
    const paged: SessionRow[] = [];
    for (let after: ListKey | undefined; ; ) {
      const page = await read(filter, after, 4, READER);
      paged.push(...page);
      const last = page.at(-1);
      if (!last) break;
      after = { time: last.updatedAt, id: last.id };
    }
    const inOrderOfChange = rows.toSorted((a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : 1));
    expect(paged).toEqual(newestFirst ? inOrderOfChange.reverse() : inOrderOfChange);
  });
});

describe('a session from 12:00 to 13:00', () => {
  test.each<[string, SessionFilter, boolean]>([
    ['from its start', { from: NOON }, true],
    ['from a millisecond before its end', { from: NOON + HOUR - 1 }, true],
    ['from its end', { from: NOON + HOUR }, false],
    ['to its start', { to: NOON }, false],
    ['to a millisecond after its start', { to: NOON + 1 }, true],
    ['to its end', { to: NOON + HOUR }, true],
    ['an instant within it', { from: NOON + MINUTE, to: NOON + MINUTE }, true],
    ['the instant of its start', { from: NOON, to: NOON }, false],
    ['the hour before', { from: NOON - HOUR, to: NOON }, false],
    ['the hour after', { from: NOON + HOUR, to: NOON + 2 * HOUR }, false],
    ['a part of it', { from: NOON + MINUTE, to: NOON + 2 * MINUTE }, true],
    ['a time around it', { from: NOON - HOUR, to: NOON + 2 * HOUR }, true],
  ])('and a list of %s', async (_, filter, isListed) => {
    const row = sessionRow();
    await given(row);
    expect(await list(filter)).toEqual(isListed ? [row] : []);
  });
});

test('a session of a whole day is listed up to its last millisecond', async () => {
  const row = sessionRow({ duration: 1440 });
  await given(row);
  expect(await list({ from: NOON + 24 * HOUR - 1 })).toEqual([row]);
  expect(await list({ from: NOON + 24 * HOUR })).toEqual([]);
});

test.each([false, true])('pages follow each other without gap or overlap, reversed: %s', async (newestFirst) => {
  const rows = Array.from({ length: 25 }, (_, n) => sessionRow({ start: NOON + (n % 3) * HOUR }));
  await given(...rows);
  const paged: SessionRow[] = [];
  const next = () => list({ newestFirst }, paged.at(-1), 4);
  for (let page = await next(); page.length > 0; page = await next()) paged.push(...page);
  expect(paged).toEqual(newestFirst ? inOrder(...rows).reverse() : inOrder(...rows));
});

describe('among many sessions', () => {
  beforeAll(async () => {
    await world.pool.query(`
      truncate read_model.sessions;
      insert into read_model.sessions
      select gen_random_uuid(), 'coach-' || n % 50, 'client-' || n % 70,
        timestamptz '2030-01-01Z' + n * interval '1 hour', 60, 'scheduled', 0, now(), now(),
        case n % 5 when 0 then md5((n / 100)::text)::uuid end, case n % 5 when 0 then n % 20 + 1 end
      from generate_series(1, 20000) n order by random();
      analyze read_model.sessions`);
  });

  const from = Date.parse('2031-01-01T00:00:00Z');
  const to = from + 4_000 * HOUR;
  const after = { time: from, id: randomUUID() };

  test.each<[string, string, SessionFilter, typeof after | undefined]>([
    ['of a coach', 'sessions_by_coach', { coachHashId: 'coach-1' }, undefined],
    ['of a coach, a later page', 'sessions_by_coach', { coachHashId: 'coach-1' }, after],
    ['of a coach in a time', 'sessions_by_coach', { coachHashId: 'coach-1', from, to }, undefined],
    [
      'of the calendar of a coach',
      'sessions_by_coach',
      { coachHashId: 'coach-1', from, cancelledSince: from },
      undefined,
    ],
    ['of a client', 'sessions_by_client', { clientHashId: 'client-1' }, undefined],
    ['of a client in a time', 'sessions_by_client', { clientHashId: 'client-1', from, to }, after],
    ['of a coach and a client', 'sessions_by_', { coachHashId: 'coach-1', clientHashId: 'client-1' }, undefined],
    ['of a series', 'sessions_by_series', { seriesId: randomUUID() }, undefined],
    ['of all', 'sessions_by_start', {}, undefined],
    ['of all, a later page', 'sessions_by_start', {}, after],
    ['of all in a time', 'sessions_by_start', { from, to }, undefined],
    ['of all that changed', 'sessions_by_change', { updatedAfter: from }, undefined],
    ['of all that changed, a later page', 'sessions_by_change', { updatedAfter: from }, after],
    ['of a coach that changed', 'sessions_by_', { coachHashId: 'coach-1', updatedAfter: from }, undefined],
  ])('the sessions %s are found by an index', async (_, index, filter, key) => {
    const plan = await explain(listQuery(filter, key, 11));
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  });

  test.each<[string, SessionFilter]>([
    ['of a coach', { coachHashId: 'coach-1' }],
    ['of a client', { clientHashId: 'client-1' }],
    ['of all', {}],
    ['of a coach in reverse', { coachHashId: 'coach-1', newestFirst: true }],
    ['of all that changed', { updatedAfter: from }],
    ['of all that changed, in reverse', { updatedAfter: from, newestFirst: true }],
  ])('a short page of the sessions %s is read in order, not sorted', async (_, filter) => {
    expect(await explain(listQuery(filter, undefined, 11))).not.toContain('Sort');
    expect(await explain(listQuery(filter, after, 11))).not.toContain('Sort');
  });

  test('a list of a short time reads the sessions of that time and the day before only', async () => {
    const plan = await explain(listQuery({ from, to: from + HOUR }, undefined, 101));
    expect(plan).toMatch(/Index Cond: .*start.* < .* AND .*start.* > /);
  });

  test.each<[string, SessionFilter]>([
    ['sessions_by_coach', { coachHashId: 'coach-1', from, to }],
    ['sessions_by_client', { clientHashId: 'client-1' }],
    ['sessions_by_client', { clientHashId: 'client-1', newestFirst: true }],
  ])('pages that share a statement are read in order by %s, not sorted', async (index, filter) => {
    const { queries, asked } = recorded();
    await Promise.all([queries.list(filter, after, 11, READER), queries.list(filter, after, 12, READER)]);
    const plan = await explain(asked[0]!);
    expect(plan).toMatch(new RegExp(`Index Scan (Backward )?using ${index}`));
    expect(plan).not.toContain('Sort');
  });

  async function explain({ text, values = [] }: ReturnType<typeof listQuery>): Promise<string> {
    const { rows } = await world.pool.query({ text: `explain ${text}`, values });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }
});

test('a plan that was made while the table was small reads by an index when it has grown', async () => {
  await given(sessionRow(), sessionRow());
  await world.pool.query('analyze read_model.sessions');
  const { queries, asked } = recorded();
  await queries.get(randomUUID());
  const { rows } = await world.pool.query({ text: `explain ${asked[0]!.text}`, values: asked[0]!.values! });
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan');
});

test('says that the read model is unavailable while Postgres is', async () => {
  const pool = createPool('postgres://127.0.0.1:1/nowhere', { max: 1, applicationName: 'test', log: silent });
  onTestFinished(() => pool.end());
  const { get, list } = createSessionQueries(pool);
  await expect(get(randomUUID())).rejects.toThrow(ReadModelUnavailable);
  await expect(list({}, undefined, 1, READER)).rejects.toThrow(ReadModelUnavailable);
});
