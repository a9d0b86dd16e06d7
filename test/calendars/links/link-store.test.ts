import { randomInt } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrateReadModel } from '../../../projections/migrate-read-model.js';
import { type CalendarLinks, type CalendarOwner, MAX_CALENDAR_LINKS } from '../../../src/application/calendar-links.js';
import { ReadModelUnavailable } from '../../../src/application/read-model.js';
import { isKey, newKey } from '../../../src/calendars/links/link-key.js';
import { createLinkStore } from '../../../src/calendars/links/link-store.js';
import { createIds } from '../../../src/ids.js';
import { createPool } from '../../../src/postgres/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const HOUR = 3_600_000;

let database: TestDatabase;
let pools: pg.Pool[];
let now: number;
let links: CalendarLinks;
/** Another process. */
let others: CalendarLinks;
let owner: CalendarOwner;
let coaches = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateReadModel(database.url);
  const log = pino({ level: 'silent' });
  pools = [1, 2].map(() => createPool(database.url, { max: 5, applicationName: 'links', log }));
  const newId = createIds();
  [links, others] = pools.map((pool) => createLinkStore({ pool, now: () => now, newId })) as [
    CalendarLinks,
    CalendarLinks,
  ];
});

beforeEach(() => {
  now = Date.UTC(2030, 0, 1);
  coaches += 1;
  owner = { coachHashId: `coach-${coaches}` };
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

async function create(whose = owner, description = ''): Promise<{ id: string; key: string }> {
  const created = await links.create(whose, description);
  if (!created) throw new Error('the calendar has as many links as it may');
  return { id: created.link.id, key: created.key };
}

test('a key opens the calendar that it was made for, at any process', async () => {
  const { key } = await create();
  expect(await links.opens(key, owner)).toBe(true);
  expect(await others.opens(key, owner)).toBe(true);
});

describe('a key opens no other calendar:', () => {
  test.each<[string, () => CalendarOwner]>([
    ["another coach's", () => ({ coachHashId: 'another' })],
    ["that of a client who has the coach's id", () => ({ clientHashId: `coach-${coaches}` })],
    ['that of a coach whose id is longer', () => ({ coachHashId: `coach-${coaches}0` })],
  ])('%s', async (_, other) => {
    const { key } = await create();
    await create(other());
    expect(await links.opens(key, other())).toBe(false);
  });
});

test('what is no key opens nothing', async () => {
  await create();
  for (const key of ['', 'calendarkey_', newKey(), 'x'.repeat(128), "' or true --"]) {
    expect(await links.opens(key, owner)).toBe(false);
  }
});

test('a key with any character changed opens nothing', async () => {
  const { key } = await create();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=';
  for (let index = 0; index < key.length; index += 1) {
    const from = randomInt(alphabet.length);
    const other = alphabet[alphabet[from] === key[index] ? (from + 1) % alphabet.length : from];
    expect(await links.opens(key.slice(0, index) + other + key.slice(index + 1), owner)).toBe(false);
  }
});

test('links are listed with what they are for, the oldest first, and without those of others', async () => {
  const phone = await create(owner, 'phone');
  now += 1;
  const work = await create(owner, 'work');
  await create({ clientHashId: `coach-${coaches}` });
  expect(await links.list(owner)).toEqual([
    { id: phone.id, owner, description: 'phone', createdAt: now - 1, usedAt: undefined },
    { id: work.id, owner, description: 'work', createdAt: now, usedAt: undefined },
  ]);
});

test('a link that is revoked opens nothing at once, at any process, and others do', async () => {
  const [lost, kept] = [await create(), await create()];
  expect(await links.opens(lost.key, owner)).toBe(true);
  expect(await links.revoke(owner, lost.id)).toBe(true);
  expect(await others.opens(lost.key, owner)).toBe(false);
  expect(await others.opens(kept.key, owner)).toBe(true);
  expect(await links.revoke(owner, lost.id)).toBe(false);
});

test('nobody revokes the link of another', async () => {
  const { id, key } = await create();
  expect(await links.revoke({ coachHashId: 'another' }, id)).toBe(false);
  expect(await links.revoke({ clientHashId: `coach-${coaches}` }, id)).toBe(false);
  expect(await links.opens(key, owner)).toBe(true);
});

test('that a link was used is noted once an hour', async () => {
  const { key } = await create();
  const usedAt = async () => (await links.list(owner))[0]?.usedAt;
  const first = now;
  await links.opens(key, owner);
  expect(await usedAt()).toBe(first);
  now = first + HOUR - 1;
  await links.opens(key, owner);
  expect(await usedAt()).toBe(first);
  now = first + HOUR;
  await links.opens(key, owner);
  expect(await usedAt()).toBe(now);
});

test('a key that opens another calendar is not noted as used', async () => {
  const { key } = await create();
  await links.opens(key, { coachHashId: 'another' });
  expect((await links.list(owner))[0]?.usedAt).toBeUndefined();
});

test('a calendar has at most 20 links; one that is revoked makes room', async () => {
  for (let nr = 0; nr < MAX_CALENDAR_LINKS; nr += 1) await create();
  expect(await links.create(owner, '')).toBeUndefined();
  expect(await links.list(owner)).toHaveLength(20);
  await links.revoke(owner, (await links.list(owner))[7]!.id);
  expect(await links.create(owner, '')).toBeDefined();
});

test.each(['first', 'second', 'third'])('at two processes at once nobody makes a 21st link: %s race', async () => {
  for (let nr = 1; nr < MAX_CALENDAR_LINKS; nr += 1) await create();
  const rivals = Array.from({ length: 10 }, (_, nr) => (nr % 2 ? links : others));
  const made = await Promise.all(rivals.map((process) => process.create(owner, '')));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await links.list(owner)).toHaveLength(20);
});

test('the database has no key', async () => {
  const { id, key } = await create();
  const { rows } = await pools[0]!.query<{ text: string }>('select links::text as text from calendars.links');
  const dump = rows.map(({ text }) => text).join('\n');
  expect(dump).toContain(id);
  const random = key.slice('calendarkey_'.length, -6);
  for (const part of [random, Buffer.from(random, 'base64url').toString('hex'), Buffer.from(key).toString('hex')]) {
    expect(dump).not.toContain(part);
  }
});

test('a rebuild of the read model leaves the links, and each column has a comment', async () => {
  const { key } = await create();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('drop schema read_model cascade');
    await migrateReadModel(database.url);
    const { rows } = await client.query(`
      select attname from pg_attribute
      where attrelid = 'calendars.links'::regclass and attnum > 0 and col_description(attrelid, attnum) is null`);
    expect(rows).toEqual([]);
  } finally {
    await client.end();
  }
  expect(await links.opens(key, owner)).toBe(true);
});

test('a key has the form of a secret of this service', () => {
  expect(newKey()).toMatch(/^calendarkey_[A-Za-z0-9_-]{49}$/);
  expect(isKey(newKey())).toBe(true);
});

test('everything is unavailable when Postgres is', async () => {
  const pool = createPool('postgres://x@127.0.0.1:1/x', {
    max: 1,
    applicationName: 'x',
    log: pino({ level: 'silent' }),
  });
  const away = createLinkStore({ pool, now: () => now, newId: createIds() });
  const calls = [
    () => away.create(owner, ''),
    () => away.list(owner),
    () => away.revoke(owner, '01847b6a-5d00-7000-8000-000000000001'),
    () => away.opens(newKey(), owner),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(ReadModelUnavailable);
  await pool.end();
});
