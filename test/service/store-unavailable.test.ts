import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { startService } from '../../src/main.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { unauthenticated } from '../support/kurrentdb-stand-in/errors.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { postmasterOf } from '../support/service-process.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** The database by way of a port at which nothing listens yet. */
async function unavailableUrl(): Promise<{ url: string; arrive: () => Promise<void> }> {
  const port = await freePort();
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    arrive: async () => {
      const proxy = await startTcpProxy(database.url, port);
      onTestFinished(() => proxy.close());
    },
  };
}

async function start(env: Record<string, string>) {
  const ports = { PORT: String(await freePort()), GRPC_PORT: '0' };
  const stopping = new AbortController();
  const starting = startService(readConfig({ ...ports, ...env }), pino({ level: 'silent' }), stopping.signal);
  starting.catch(() => {});
  const http = `http://127.0.0.1:${ports.PORT}`;
  onTestFinished(async () => {
    stopping.abort(new Error('the test is over'));
    const service = await starting.catch(() => undefined);
    await service?.stop();
  });
  await expect.poll(() => statusOf(`${http}/healthz`)).toBe(200);
  return { starting, stopping, http };
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}

async function problemsOf(http: string): Promise<readonly string[]> {
  const { problems } = (await (await fetch(`${http}/readyz`)).json()) as { problems: readonly string[] };
  return problems;
}

function book(http: string): Promise<Response> {
  return fetch(`${http}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      session: { coach_hash_id: '123', client_hash_id: '456', start: '2022-12-01T14:30:00Z', duration: 60 },
    }),
  });
}

test.each([
  ['event store', (url: string) => ({ EVENT_STORE_URL: url, READ_MODEL_URL: database.url })],
  ['read model', (url: string) => ({ EVENT_STORE_URL: database.url, READ_MODEL_URL: url })],
])(
  'while the %s is unavailable at the start, the doors are open and say so; when it comes, the service works',
  async (what, env) => {
    const { url, arrive } = await unavailableUrl();
    const { starting, http } = await start(env(url));

    await expect
      .poll(async () => (await fetch(`${http}/readyz`)).json())
      .toEqual({
        status: 'not ready',
        problems: [expect.stringMatching(`^the service waits for the ${what}: connect ECONNREFUSED 127`)],
        zone_rules: '2026f',
      });
    const refused = await book(http);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ detail: `the service waits for the ${what}` });

    await arrive();
    await starting;
    expect((await book(http)).status).toBe(201);
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);
  },
);

test.each([
  ['the table of events is locked', 'lock table event_store.events in share mode'],
  ['the lock of the log is held', 'select pg_advisory_xact_lock(4100519002)'],
])(
  'while %s, the service is not ready once a booking has failed; then it is again, without a booking',
  async (_, lock) => {
    const { starting, http } = await start({ EVENT_STORE_URL: database.url });
    await starting;
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);
    const holder = new pg.Client({ connectionString: database.url });
    // The database may go before it.
    holder.on('error', () => {});
    await holder.connect();
    onTestFinished(() => holder.end());

    await holder.query(`begin; ${lock}`);
    expect((await book(http)).status).toBe(503);
    const answer = await fetch(`${http}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ problems: [expect.stringContaining('events cannot be appended')] });

    await holder.query('rollback');
    // It takes milliseconds, which a busy machine does not make 5 s of.
    await expect.poll(() => statusOf(`${http}/readyz`), { timeout: 5_000 }).toBe(200);
  },
);

/** A database whose owner is not a superuser, and a connection of a superuser to its server. */
async function ownedDatabase() {
  const name = new URL(database.url).pathname.slice(1);
  const role = `owner_${name}`.slice(0, 40);
  const operator = new pg.Client({ connectionString: database.url.replace(name, 'postgres') });
  await operator.connect();
  onTestFinished(() => operator.end());
  await operator.query(`create role ${role} login password 'owner'; grant create on database ${name} to ${role}`);
  const url = Object.assign(new URL(database.url), { username: role, password: 'owner' });
  const inDatabase = new pg.Client({ connectionString: database.url });
  // The database may go before it.
  inDatabase.on('error', () => {});
  await inDatabase.connect();
  onTestFinished(() => inDatabase.end());
  return { url: url.href, name, role, operator, inDatabase };
}

const list = (http: string) => statusOf(`${http}/api/v1/sessions?coach_hash_id=123`);

const TRIGGER = `
  create function event_store.fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
  create trigger fail before insert on event_store.events for each row execute function event_store.fail()`;

test.each([
  [
    'the right to append is revoked',
    'revoke insert on event_store.events from ROLE',
    'grant insert on event_store.events to ROLE',
  ],
  ['a trigger refuses events', TRIGGER, 'drop function event_store.fail cascade'],
  [
    'the table of events is renamed',
    'alter table event_store.events rename to e',
    'alter table event_store.e rename to events',
  ],
])(
  'while %s, bookings are unavailable, and so is the service; then it is ready, without a booking',
  async (_, change, undo) => {
    const { url, role, inDatabase } = await ownedDatabase();
    const { starting, http } = await start({ EVENT_STORE_URL: url });
    await starting;
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);

    await inDatabase.query(change.replace('ROLE', role));
    const refused = await book(http);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ detail: 'the event store is unavailable' });
    const answer = await fetch(`${http}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ problems: [expect.stringContaining('SQLSTATE')] });

    await inDatabase.query(undo.replace('ROLE', role));
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);
    expect((await book(http)).status).toBe(201);
  },
);

test.each([
  ['takes no connections', [], ['alter database NAME allow_connections true']],
  [
    'was renamed',
    ['alter database NAME rename to NAME_aside', 'alter database NAME_aside allow_connections true'],
    ['alter database NAME_aside rename to NAME'],
  ],
])(
  'while the database %s, bookings and reads are unavailable, and so is the service; then it is ready',
  async (_, change, undo) => {
    const { url, name, operator, inDatabase } = await ownedDatabase();
    const { starting, http } = await start({ EVENT_STORE_URL: url });
    await starting;
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);

    await inDatabase.end();
    const run = async (statements: readonly string[]) => {
      for (const statement of statements) await operator.query(statement.replaceAll('NAME', name));
    };
    // A database that somebody is connected to cannot be renamed.
    await run([
      'alter database NAME allow_connections false',
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'NAME'",
      ...change,
    ]);
    expect(await Promise.all([book(http).then(({ status }) => status), list(http)])).toEqual([503, 503]);
    expect(await statusOf(`${http}/readyz`)).toBe(503);

    await run(undo);
    await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);
    expect((await book(http)).status).toBe(201);
    expect(await list(http)).toBe(200);
  },
);

test('while a table of the read model is gone, reads of it are unavailable', async () => {
  const { url, inDatabase } = await ownedDatabase();
  const { starting, http } = await start({ EVENT_STORE_URL: url });
  await starting;
  await expect.poll(() => list(http)).toBe(200);
  await inDatabase.query('alter table read_model.sessions rename to aside');
  const refused = await fetch(`${http}/api/v1/sessions?coach_hash_id=123`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ detail: 'the read model is unavailable or lags behind' });
  await inDatabase.query('alter table read_model.aside rename to sessions');
  expect(await list(http)).toBe(200);
});

test('a service that waits for its event store ends when it is stopped, and its doors close', async () => {
  const { url } = await unavailableUrl();
  const { starting, stopping, http } = await start({ EVENT_STORE_URL: url });
  const reason = new Error('stop');
  stopping.abort(reason);
  await expect(starting).rejects.toBe(reason);
  await expect(statusOf(`${http}/healthz`)).rejects.toThrow();
});

test('KurrentDB that does not answer: the process lives, with its read model in the embedded PostgreSQL', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'scheduler-unavailable-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const url = `esdb://127.0.0.1:${await freePort()}?tls=false`;
  const { http } = await start({ EVENT_STORE_URL: url, DATA_DIR: dataDir });
  await expect.poll(() => statusOf(`${http}/readyz`)).toBe(503);
  await expect
    .poll(() => problemsOf(http))
    .toEqual([
      expect.stringMatching(/^the service waits for the event store: KurrentDB cannot be reached: .*ECONNREFUSED/),
    ]);
  expect((await book(http)).status).toBe(503);
  expect(await postmasterOf(dataDir)).toBeGreaterThan(0);
});

test('KurrentDB that refuses the password: /readyz says so', async () => {
  const standIn = await startKurrentdbStandIn();
  onTestFinished(() => standIn.stop());
  standIn.faults = { call: () => unauthenticated() };
  const { http, starting } = await start({ EVENT_STORE_URL: standIn.url, READ_MODEL_URL: database.url });
  await expect
    .poll(() => problemsOf(http))
    .toEqual(['the service waits for the event store: KurrentDB refuses the user name or the password']);
  standIn.faults = {};
  await starting;
});

test('a database that goes away: /readyz says so, and never keeps anybody waiting', async () => {
  const proxy = await startTcpProxy(database.url);
  onTestFinished(() => proxy.close());
  const { starting, http } = await start({ EVENT_STORE_URL: proxy.url });
  await starting;
  await expect.poll(() => statusOf(`${http}/readyz`)).toBe(200);
  proxy.silence();
  const waits: number[] = [];
  const ask = async () => {
    const asked = performance.now();
    const status = await statusOf(`${http}/readyz`);
    waits.push(performance.now() - asked);
    return status;
  };
  await expect.poll(ask).toBe(503);
  for (let nr = 0; nr < 5; nr++) expect(await ask()).toBe(503);
  // The databases have 2 s. A busy machine may hold up one answer or another.
  const [, , median] = waits.slice(-5).toSorted((one, other) => one - other);
  expect(median).toBeLessThan(1_000);
});
