import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSeriesQueries } from '../../../projections/series/series-queries.js';
import { type ListFilter, type ListKey, ReadModelUnavailable } from '../../../src/application/read-model.js';
import type { Conflict, SeriesScheduled } from '../../../src/domain/coach/events.js';
import { NOON, openWorld, project, READER, recorded, scheduled, testWorld, type World } from '../support.js';

const HOUR = 3_600_000;

function seriesScheduled(series: Partial<SeriesScheduled> = {}): SeriesScheduled {
  return {
    type: 'SeriesScheduled',
    seriesId: randomUUID(),
    coachHashId: 'ann',
    clientHashId: 'bob',
    localStart: '2030-01-01T09:30:00',
    timeZone: 'Europe/Zurich',
    duration: 60,
    recurrence: 'FREQ=DAILY;COUNT=4',
    disambiguation: 'compatible',
    skipped: [],
    zoneRulesVersion: '2026f',
    scheduledAt: NOON,
    ignoredPolicy: undefined,
    ...series,
  };
}

test('gets a series by its id, with its sessions in order of the occurrences, in whatever state they are', async () => {
  const { pool } = await testWorld();
  const { get } = createSeriesQueries(pool);
  const seriesId = randomUUID();
  const booked = [1, 2, 4].map((occurrence) =>
    scheduled({ seriesId, occurrence, localStart: `2030-01-0${occurrence}T09:30:00` }),
  );
  const { type: _, ...second } = booked[1]!;
  const events = recorded(
    seriesScheduled({ seriesId }),
    ...booked,
    { type: 'SessionCancelled', ...second, cancelledAt: NOON, cancelledBy: 'coach', reason: undefined },
    scheduled(),
  );
  expect(await get(seriesId)).toBeUndefined();
  await project(pool, ...events);
  const revisionOf = (id: string) =>
    Number(events.findLast(({ data }) => (data as { sessionId?: string }).sessionId === id)?.revision);
  expect(await get(seriesId)).toEqual({
    id: seriesId,
    coachHashId: 'ann',
    clientHashId: 'bob',
    timeZone: 'Europe/Zurich',
    sessions: booked.map(({ sessionId, occurrence, localStart, duration }) => {
      const state = sessionId === second.sessionId ? 'cancelled' : 'scheduled';
      return { id: sessionId, occurrence, localStart, state, duration, revision: revisionOf(sessionId) };
    }),
  });
});

describe('a series as it was booked', () => {
  const skipped: Conflict[] = [
    {
      occurrence: 2,
      start: NOON,
      end: NOON + HOUR,
      reason: 'CLIENT_OVERLAP',
      inTheWayStart: NOON - 1,
      inTheWayEnd: NOON + 1,
      obstacles: [],
    },
  ];

  test('has what was skipped', async () => {
    const { pool } = await testWorld();
    const series = seriesScheduled({ skipped });
    const { booked } = createSeriesQueries(pool);
    expect(await booked(series.seriesId)).toBeUndefined();
    await project(pool, ...recorded(series));
    const { type: _, seriesId: id, ...asBooked } = series;
    expect(await booked(id)).toEqual({ id, ...asBooked, revision: 0n });
  });

  test('is unavailable while only an older version of the service has written it', async () => {
    const { pool } = await testWorld();
    const series = seriesScheduled();
    await project(pool, ...recorded(series));
    await pool.query('update read_model.series set skipped = null');
    await expect(createSeriesQueries(pool).booked(series.seriesId)).rejects.toThrow(ReadModelUnavailable);
  });
});

describe('a list of series', () => {
  const first = seriesScheduled();
  const second = seriesScheduled({ scheduledAt: NOON + 1, clientHashId: 'cat' });
  const third = seriesScheduled({ scheduledAt: NOON + 2, coachHashId: 'eve' });
  const session = { seriesId: first.seriesId, localStart: '2030-01-01T09:30:00' };
  const early = scheduled({ ...session, occurrence: 1, start: NOON });
  const late = scheduled({ ...session, occurrence: 2, start: NOON + 9 * HOUR });
  const { type: _, ...cancelled } = scheduled({ seriesId: second.seriesId, occurrence: 1, start: NOON });

  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    const off = { ...cancelled, cancelledAt: NOON, cancelledBy: 'coach', reason: undefined } as const;
    const sessions = [early, late, { type: 'SessionScheduled' as const, ...cancelled }];
    await project(world.pool, ...recorded(third, second, first, ...sessions, { type: 'SessionCancelled', ...off }));
  });
  afterAll(() => world.close());

  async function list(filter: ListFilter, after?: ListKey, limit = 100): Promise<string[]> {
    const rows = await createSeriesQueries(world.pool).list(filter, after, limit, READER);
    return rows.map(({ id }) => id);
  }

  const all = [first.seriesId, second.seriesId, third.seriesId];

  test('is in order of the booking, or in reverse, page by page', async () => {
    expect(await list({})).toEqual(all);
    expect(await list({ newestFirst: true })).toEqual(all.toReversed());
    const key = { time: second.scheduledAt, id: second.seriesId };
    expect(await list({}, key)).toEqual([third.seriesId]);
    expect(await list({ newestFirst: true }, key)).toEqual([first.seriesId]);
    expect(await list({ coachHashId: 'ann' }, undefined, 1)).toEqual([first.seriesId]);
  });

  test.each<[string, ListFilter, string[]]>([
    ['of a coach', { coachHashId: 'ann' }, [first.seriesId, second.seriesId]],
    ['of a client', { clientHashId: 'bob' }, [first.seriesId, third.seriesId]],
    ['of both', { coachHashId: 'ann', clientHashId: 'cat' }, [second.seriesId]],
    ['of nobody', { coachHashId: 'nobody' }, []],
    ['with a session that ends after a time', { from: NOON + 10 * HOUR - 1 }, [first.seriesId]],
    ['but not at the time', { from: NOON + 10 * HOUR }, []],
    ['with a session that starts before a time', { to: NOON + 1 }, [first.seriesId]],
    ['with one session in a time', { from: NOON + 9 * HOUR, to: NOON + 9 * HOUR + 1 }, [first.seriesId]],
    ['but not one before and one after it', { from: NOON + 2 * HOUR, to: NOON + 3 * HOUR }, []],
  ])('has those %s', async (_name, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('has series as they were booked', async () => {
    const [row] = await createSeriesQueries(world.pool).list({ coachHashId: 'eve' }, undefined, 1, READER);
    const { type: _type, seriesId: id, skipped: _skipped, ...booked } = third;
    expect(row).toEqual({ id, ...booked, revision: 0n });
  });
});
