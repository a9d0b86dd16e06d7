import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../src/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

let database: TestDatabase;
let sql: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

async function folder(files: Record<string, string>): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return pathToFileURL(path);
}

const columns = async (table: string) =>
  (
    await sql.query(`select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0`, [table])
  ).rows.map(({ attname }) => attname);

test('runs each file once, in order, in the schema', async () => {
  const files = { '0001_table.sql': 'create table one.t (a int);', '0002_column.sql': 'alter table one.t add b int;' };
  await migrate(database.url, 'one', await folder(files));
  await migrate(database.url, 'one', await folder({ ...files, '0003_more.sql': 'alter table t add c int;' }));
  expect(await columns('one.t')).toEqual(['a', 'b', 'c']);
});

test('processes that start together take turns', async () => {
  const files = await folder({ '0001_table.sql': 'create table t (a int); select pg_sleep(0.02);' });
  await Promise.all(Array.from({ length: 5 }, () => migrate(database.url, 'together', files)));
  expect(await columns('together.t')).toEqual(['a']);
});

test('a file that fails changes nothing, and says why', async () => {
  const files = await folder({
    '0001_table.sql': 'create table t (a int);',
    '0002_broken.sql': 'alter table u add b int;',
  });
  await expect(migrate(database.url, 'broken', files)).rejects.toThrow('relation "u" does not exist');
  expect(await columns('broken.t')).toEqual([]);
});

test('fails when Postgres is unavailable', async () => {
  const proxy = await startTcpProxy(database.url);
  await proxy.close();
  await expect(migrate(proxy.url, 'away', await folder({}))).rejects.toThrow('ECONNREFUSED');
});
