import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyBytes } from '../../src/postgres/copy-bytes.js';
import { createPool } from '../../src/postgres/pool.js';
import { silent } from '../projections/support.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  // With one connection, so that the next query shows what this one left behind.
  pool = createPool(database.url, { max: 1, applicationName: 'test', log: silent, queryTimeout: 300 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test.each([0, 1, 1_000_000])('answers the bytes as they are: %i', async (length) => {
  const bytes = randomBytes(length);
  const copied = await copyBytes(pool, `select decode('${bytes.toString('hex')}', 'hex')`);
  expect(copied.equals(bytes)).toBe(true);
});

test('puts rows together in their order', async () => {
  const copied = await copyBytes(
    pool,
    "select decode(n::text, 'escape') from generate_series(1, 12) n order by n desc",
  );
  expect(copied.toString()).toBe('121110987654321');
});

test('answers no bytes when there is no row', async () => {
  expect(await copyBytes(pool, "select 'a'::bytea where false")).toHaveLength(0);
});

test('throws what Postgres throws, also halfway, and the pool goes on', async () => {
  await expect(copyBytes(pool, 'select away')).rejects.toThrow(pg.DatabaseError);
  await expect(
    copyBytes(pool, "select decode('00', 'hex') from generate_series(1, 9) n where 1 / (n - 9) < 1"),
  ).rejects.toThrow('division by zero');
  expect(await copyBytes(pool, "select '\\x2a'::bytea")).toEqual(Buffer.from([42]));
});

test('throws within the time limit of the pool, and the pool goes on', async () => {
  await expect(copyBytes(pool, "select ''::bytea from pg_sleep(60)")).rejects.toThrow('statement timeout');
  expect(await copyBytes(pool, "select '\\x2a'::bytea")).toEqual(Buffer.from([42]));
});
