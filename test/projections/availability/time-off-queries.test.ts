import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTimeOffQueries } from '../../../projections/availability/time-off-queries.js';
import type { ListKey, TimeOffFilter } from '../../../src/application/read-model.js';
import type { TimeOff } from '../../../src/domain/availability/time-off.js';
import { NOON, openWorld, project, READER, recorded, testWorld, type World } from '../support.js';
import { added, removed, synced, timeOff, timeOffId } from './samples.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = NOON - 12 * HOUR;

test('gets a time off of a coach by its id, until it is removed', async () => {
  const { pool } = await testWorld();
  const { get } = createTimeOffQueries(pool);
  const texts = { reason: 'ill\x1f"ä"', source: 'mail', externalId: '\x1fuid\n' };
  const [one, dates] = [timeOff(1, texts), timeOff(2, { firstDate: '2030-01-07', lastDate: '2030-01-08' })];
  const [addedOne, addedDates, removedOne] = recorded(added(one), added(dates, NOON + 1), removed(one));
  await project(pool, addedOne!, addedDates!);
  expect(await get('ann', timeOffId(1))).toEqual({ ...one, startsAt: NOON, createdAt: NOON });
  expect(await get('ann', timeOffId(2))).toEqual({ ...dates, startsAt: MIDNIGHT, createdAt: NOON + 1 });
  expect(await get('eve', timeOffId(1))).toBeUndefined();
  expect(await get('ann', timeOffId(3))).toBeUndefined();
  await project(pool, removedOne!);
  expect(await get('ann', timeOffId(1))).toBeUndefined();
});

describe('a list of time off', () => {
  const noon = timeOff(5);
  const twelfth = timeOff(4, { firstDate: '2030-01-07', lastDate: '2030-01-07', source: 'mail' });
  const sameTime = timeOff(3);
  const later = timeOff(2, { start: NOON + DAY, end: NOON + 2 * DAY, source: 'mail' });
  const gone = timeOff(1);
  const goneBySync = timeOff(6, { source: 'mail' });

  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    const events = [noon, sameTime, later, gone, goneBySync].map((one) => added(one));
    const ofEve = added(timeOff(7), NOON, 'eve');
    const ends = [removed(gone), synced({ removed: [goneBySync], added: [twelfth] })];
    await project(world.pool, ...recorded(...events, ofEve, ...ends));
  });
  afterAll(() => world.close());

  async function list(filter: Omit<TimeOffFilter, 'coachHashId'>, after?: ListKey, limit = 100): Promise<string[]> {
    const queries = createTimeOffQueries(world.pool);
    const rows = await queries.list({ coachHashId: 'ann', ...filter }, after, limit, READER);
    return rows.map((row) => row.timeOffId);
  }
  const ids = (...all: TimeOff[]) => all.map((one) => one.timeOffId);

  test.each<[string, Omit<TimeOffFilter, 'coachHashId'>, string[]]>([
    ['all that the coach has, in order of start, then id', {}, ids(twelfth, sameTime, noon, later)],
    ['that of a source', { source: 'mail' }, ids(twelfth, later)],
    ['that of no source with such a name', { source: 'Mail' }, []],
    ['what ends after a time', { from: NOON + HOUR }, ids(twelfth, later)],
    ['what ends in the millisecond after', { from: NOON + HOUR - 1 }, ids(twelfth, sameTime, noon, later)],
    ['dates until a day after they end in UTC', { from: MIDNIGHT + 2 * DAY - 1 }, ids(twelfth, later)],
    ['dates no longer than that', { from: MIDNIGHT + 2 * DAY }, ids(later)],
    ['what starts before a time', { to: NOON }, ids(twelfth)],
    ['what starts in the millisecond before', { to: NOON + 1 }, ids(twelfth, sameTime, noon)],
    ['dates from a day before they start in UTC', { to: MIDNIGHT - DAY + 1 }, ids(twelfth)],
    ['dates no earlier than that', { to: MIDNIGHT - DAY }, []],
  ])('has %s', async (_, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('comes page by page', async () => {
    const queries = createTimeOffQueries(world.pool);
    const found: string[] = [];
    let after: ListKey | undefined;
    for (;;) {
      const [row] = await queries.list({ coachHashId: 'ann' }, after, 1, READER);
      if (!row) break;
      found.push(row.timeOffId);
      after = { time: row.startsAt, id: row.timeOffId };
    }
    expect(found).toEqual(await list({}));
  });

  test('has whole times off', async () => {
    const { list: read, get } = createTimeOffQueries(world.pool);
    const [row] = await read({ coachHashId: 'ann' }, undefined, 1, READER);
    expect(row).toEqual(await get('ann', twelfth.timeOffId));
  });

  test.each<[string, Omit<TimeOffFilter, 'coachHashId'>, number]>([
    ['a page up to a time shares its statement', { to: NOON }, 1],
    ['a page from a time on does not', { from: NOON }, 2],
    ['a page of a source does not', { source: 'mail' }, 2],
  ])('%s with others', async (_name, filter, statements) => {
    const asked: pg.QueryConfig[] = [];
    const query = (config: pg.QueryConfig) => {
      asked.push(config);
      return world.pool.query(config);
    };
    const { list: read } = createTimeOffQueries({ query } as pg.Pool);
    await Promise.all([1, 2].map((limit) => read({ coachHashId: 'ann', ...filter }, undefined, limit, READER)));
    expect(asked).toHaveLength(statements);
  });
});
