import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createPool,
  isConnectionError,
  isLoginRefused,
  isMistake,
  isOutOfOrder,
  outline,
  type PoolOptions,
} from '../../src/postgres/pool.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

function openPool(options: Partial<PoolOptions> = {}, url = database.url): pg.Pool {
  const pool = createPool(url, { max: 2, applicationName: 'test', log: pino({ level: 'silent' }), ...options });
  onTestFinished(() => pool.end());
  return pool;
}

async function failure(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

test('bigint arrives as bigint', async () => {
  const { rows } = await openPool().query(`select 9223372036854775807 as n, array[1, 2]::int[] as small`);
  expect(rows).toEqual([{ n: 9223372036854775807n, small: [1, 2] }]);
});

test('a statement sees what was committed before it, whatever the role has as its default', async () => {
  const { pathname } = new URL(database.url);
  const name = pg.escapeIdentifier(decodeURIComponent(pathname.slice(1)));
  const owner = openPool();
  await owner.query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
  const { rows } = await openPool().query("select current_setting('transaction_isolation') as level");
  await owner.query(`alter database ${name} reset default_transaction_isolation`);
  expect(rows).toEqual([{ level: 'read committed' }]);
});

test('connections lost while idle are logged once, and replaced', async () => {
  const lines: string[] = [];
  const log = pino(new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) }));
  const pool = openPool({ log });
  const sleepers = await Promise.all([pool.connect(), pool.connect()]);
  const pids = await Promise.all(sleepers.map(async (c) => (await c.query('select pg_backend_pid() pid')).rows[0].pid));
  const gone = Promise.all(sleepers.map((client) => new Promise((resolve) => client.once('end', resolve))));
  for (const client of sleepers) client.release();
  await openPool().query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);
  await gone;
  expect(lines).toHaveLength(1);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('what the database refuses is logged once for each SQLSTATE, until it is refused no longer', async () => {
  const lines: { level: number; sqlstate: string; pool: string; why?: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const pool = openPool({ log });
  const absent = { name: 'absent', text: 'select * from absent where id = $1', values: [1] };
  await failure(() => pool.query(absent));
  await failure(() => pool.query('select from absent'));
  await failure(() => pool.query('select from nowhere.at_all()'));
  await failure(() => pool.query('selec'));
  await pool.query('select 1');
  expect(lines).toEqual([
    expect.objectContaining({ level: 50, pool: 'test', sqlstate: '42P01', why: 'relation "absent" does not exist' }),
    expect.objectContaining({ level: 50, pool: 'test', sqlstate: '3F000' }),
  ]);
  lines.splice(0);

  await openPool().query('create table absent (id int)');
  await pool.query('select from absent');
  await pool.query(absent);
  expect(lines).toEqual([expect.objectContaining({ level: 30, sqlstate: '42P01' })]);
  lines.splice(0);

  await openPool().query('drop table absent');
  await failure(() => pool.query(absent));
  expect(lines).toEqual([expect.objectContaining({ level: 50, sqlstate: '42P01' })]);
});

describe('a connection error', () => {
  test('is a connection refused', async () => {
    const proxy = await startTcpProxy(database.url);
    await proxy.close();
    expect(isConnectionError(await failure(() => openPool({}, proxy.url).query('select 1')))).toBe(true);
  });

  test('is a server that does not answer the connection', async () => {
    const proxy = await startTcpProxy(database.url);
    onTestFinished(() => proxy.close());
    proxy.silence();
    const pool = openPool({ connectTimeout: 50 }, proxy.url);
    expect(isConnectionError(await failure(() => pool.query('select 1')))).toBe(true);
  });

  test('is a server that does not answer a query', async () => {
    const proxy = await startTcpProxy(database.url);
    onTestFinished(() => proxy.close());
    const pool = openPool({ queryTimeout: 1_000 }, proxy.url);
    await pool.query('select 1');
    proxy.silence();
    expect(isConnectionError(await failure(() => pool.query('select 1')))).toBe(true);
  });

  test('is a connection cut during a query', async () => {
    const proxy = await startTcpProxy(database.url);
    onTestFinished(() => proxy.close());
    const lost = proxy.loseAnswerTo('cut here');
    const query = failure(() => openPool({}, proxy.url).query(`select 'cut here'`));
    await lost;
    expect(isConnectionError(await query)).toBe(true);
  });

  test('is a shutdown', async () => {
    const error = await failure(() => openPool().query('select pg_terminate_backend(pg_backend_pid())'));
    expect(error).toMatchObject({ code: '57P01' });
    expect(isConnectionError(error)).toBe(true);
  });

  test('is a statement that takes too long', async () => {
    const error = await failure(() => openPool({ queryTimeout: 20 }).query('select pg_sleep(10)'));
    expect(error).toMatchObject({ code: '57014' });
    expect(isConnectionError(error)).toBe(true);
  });

  test('is a password that the server has changed', async () => {
    const role = `rotated_${randomUUID().slice(0, 8)}`;
    await openPool().query(`create role ${role} login password 'before'`);
    const url = new URL(database.url);
    Object.assign(url, { username: role, password: 'after' });
    const error = await failure(() => openPool({}, url.href).query('select 1'));
    expect(error).toMatchObject({ code: '28P01' });
    expect([isConnectionError(error), isLoginRefused(error)]).toEqual([true, true]);
  });

  test('is a transaction that takes too long', async () => {
    const client = await openPool().connect();
    const lost = once(client, 'error');
    await client.query("set idle_in_transaction_session_timeout = '20ms'; begin");
    const [error] = await lost;
    client.release(true);
    expect(error).toMatchObject({ code: '25P03' });
    expect([isConnectionError(error), isLoginRefused(error)]).toEqual([true, false]);
  });

  test.each([
    ['55000', 'takes no connections', 'allow_connections false', 'allow_connections true'],
    ['3D000', 'was renamed', 'rename to NAME_aside', 'rename to NAME'],
  ])('is SQLSTATE %s of a database that %s', async (code, _, change, undo) => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const name = new URL(url).pathname.slice(1);
    const isRenamed = change.startsWith('rename');
    await openPool().query(`alter database ${name} ${change.replace('NAME', name)}`);
    const error = await failure(() => openPool({}, url).query('select 1'));
    await openPool().query(`alter database ${name}${isRenamed ? '_aside' : ''} ${undo.replace('NAME', name)}`);
    expect(error).toMatchObject({ code });
    expect([isConnectionError(error), isOutOfOrder(error), isMistake(error)]).toEqual([true, false, false]);
    expect(outline(error)).toBe(`Postgres answers with SQLSTATE ${code}`);
  });

  test.each(['40001', '40P01'])('is SQLSTATE %s of transactions in each other’s way', async (code) => {
    const error = await failure(() => openPool().query(raising(code)));
    expect([isConnectionError(error), isOutOfOrder(error), isMistake(error)]).toEqual([true, false, false]);
  });

  test('is a pool without a free connection for too long', async () => {
    const pool = openPool({ max: 1, connectTimeout: 1_500 });
    const client = await pool.connect();
    expect(isConnectionError(await failure(() => pool.query('select 1')))).toBe(true);
    client.release();
  });

  test('is a pool that was closed', async () => {
    const pool = createPool(database.url, { max: 1, applicationName: 'test', log: pino({ level: 'silent' }) });
    await pool.end();
    expect(isConnectionError(await failure(() => pool.query('select 1')))).toBe(true);
  });

  test.each(['selec 1', 'select 1 / 0', 'select * from nowhere', `select 'x'::uuid`])(
    'is not a statement that is wrong: %s',
    async (sql) => {
      expect(isConnectionError(await failure(() => openPool().query(sql)))).toBe(false);
    },
  );

  test('is not an error of the program', () => {
    expect(isConnectionError(new TypeError('x is not a function'))).toBe(false);
    expect(isConnectionError('text')).toBe(false);
  });
});

const raising = (code: string) => `do $$ begin raise exception 'somebody' using errcode = '${code}'; end $$`;

describe('a database out of order', () => {
  test.each<[code: string, sql: string]>([
    ['42P01', 'select * from nowhere'],
    ['3F000', 'create table nowhere.at_all ()'],
    ['42501', 'set role pg_monitor; select * from pg_authid'],
    ...['XX000', 'XX001', 'F0001'].map((code): [string, string] => [code, raising(code)]),
  ])('is SQLSTATE %s', async (code, sql) => {
    const error = await failure(() => openPool().query(sql));
    expect(error).toMatchObject({ code });
    expect([isConnectionError(error), isOutOfOrder(error), isMistake(error)]).toEqual([false, true, false]);
  });

  test.each(['23514', 'P0001', 'MY001'])('is not SQLSTATE %s, nor is that a mistake', async (code) => {
    const error = await failure(() => openPool().query(raising(code)));
    expect(error).toMatchObject({ code });
    expect([isConnectionError(error), isOutOfOrder(error), isMistake(error)]).toEqual([false, false, false]);
  });

  test.each(['selec 1', 'select 1 / 0', 'select nothing', `select 'x'::uuid`, 'select nothing()', 'execute nothing'])(
    'is not a mistake: %s',
    async (sql) => {
      const error = await failure(() => openPool().query(sql));
      expect([isConnectionError(error), isOutOfOrder(error), isMistake(error)]).toEqual([false, false, true]);
    },
  );

  test('is not an error of the program, whose message nobody is told', () => {
    const error = new TypeError('x is not a function');
    expect([isOutOfOrder(error), isMistake(error), outline(error)]).toEqual([false, false, 'Postgres does not answer']);
  });
});
