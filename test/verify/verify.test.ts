import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { buildService, runService, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

async function aDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  return database.url;
}

/** Starts the service and lets the whole life of sessions, holds and series happen. */
async function live(env: Record<string, string>) {
  const service = await startServiceProcess(env);
  let requests = 0;

  /** Answers the id of what the answer shows. */
  async function ask(path: string, body: object): Promise<string> {
    requests += 1;
    const answer = await fetch(`${service.httpUrl}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `request-${requests}`, 'x-actor': 'eve' },
      body: JSON.stringify(body),
    });
    expect([path, answer.ok]).toEqual([path, true]);
    const { session, hold, series } = (await answer.json()) as Record<string, { id: string }>;
    return (session ?? hold ?? series)?.id ?? '';
  }
  const parties = { coach_hash_id: 'ann', client_hash_id: 'bob' };
  const book = (start: string, duration = 60) => ask('sessions', { session: { ...parties, start, duration } });
  const keep = (start: string) => ask('holds', { hold: { ...parties, start, duration: 30 }, ttl_seconds: 600 });

  const past = await book('2022-01-03T09:00:00Z');
  await ask(`sessions/${past}:complete`, {});
  await ask(`sessions/${past}:correctOutcome`, {
    outcome: 'SESSION_STATE_NO_SHOW',
    absent: 'PARTY_CLIENT',
    reason: 'ill',
  });
  const moved = await book('2030-01-03T09:00:00Z');
  await ask(`sessions/${moved}:reschedule`, { start: '2030-01-03T09:30:00Z', reason: 'a late train' });
  await ask(`sessions/${moved}:cancel`, { cancelled_by: 'PARTY_CLIENT' });
  await ask(`holds/${await keep('2030-01-03T09:00:00Z')}:confirm`, {});
  await ask(`holds/${await keep('2030-01-03T09:30:00Z')}:release`, {});
  await keep('2030-01-03T10:00:00Z');
  const rule = { local_start: '2030-03-29T09:30', time_zone: 'Europe/Zurich', recurrence: 'FREQ=DAILY;COUNT=5' };
  const series = await ask('sessions:scheduleSeries', { series: { ...parties, ...rule, duration: 60 } });
  await ask(`series/${series}:reschedule`, { from_occurrence: 1, local_start: '2030-03-30T09:30' });
  await ask(`series/${series}:cancel`, { from_occurrence: 4, cancelled_by: 'PARTY_COACH' });
  return service;
}

const verify = (env: Record<string, string>) => runService({ LOG_LEVEL: 'warn', ...env }, 'verify');

const SOUND = new RegExp(
  [
    'log: \\d+ events in 2 streams up to position \\d+; 8 sessions of 1 coaches',
    'read model: \\d+ rows up to position \\d+',
    'sound: no faults\n$',
  ].join('\n'),
);

test('after the whole life of sessions all is sound, also while the service runs on the embedded PostgreSQL', async () => {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'scheduler-verify-'));
  onTestFinished(() => rm(DATA_DIR, { recursive: true, force: true }));
  const service = await live({ DATA_DIR });
  const { code, output } = await verify({ DATA_DIR });
  await service.end('SIGTERM');
  expect(output).toMatch(SOUND);
  expect(code).toBe(0);
});

test('with the events in KurrentDB, too', async () => {
  const standIn = await startKurrentdbStandIn();
  onTestFinished(standIn.stop);
  const env = { EVENT_STORE_URL: standIn.url, READ_MODEL_URL: await aDatabase() };
  const service = await live(env);
  const { code, output } = await verify(env);
  await service.end('SIGTERM');
  expect(output).toMatch(SOUND);
  expect(code).toBe(0);
});

test('faults are named, with exit code 1', async () => {
  const url = await aDatabase();
  await (await live({ EVENT_STORE_URL: url })).end('SIGTERM');
  const sql = new pg.Client(url);
  await sql.connect();
  onTestFinished(() => sql.end());

  await sql.query(`delete from event_store.events where position = 2`);
  await sql.query(`update read_model.sessions set duration = duration + 1`);
  const found = await verify({ EVENT_STORE_URL: url });
  expect(found.code).toBe(1);
  expect(found.output).toMatch(/^\d+ faults:$/m);
  expect(found.output).toMatch(/^position 3, .*: 1 events are missing before it: the position before is 1$/m);
  expect(found.output).toMatch(/^read_model.sessions, id .*: duration is 61, by the log 60$/m);

  await sql.query('update read_model.checkpoints set version_position = 0');
  expect((await verify({ EVENT_STORE_URL: url })).output).toContain(
    'read model: not compared, since an older version of the service wrote rows',
  );

  await sql.query('update read_model.checkpoints set position = 1000000');
  expect((await verify({ EVENT_STORE_URL: url })).output).toMatch(
    /^the read model is at position 1000000, but the log/m,
  );

  // More faults than anybody reads.
  await sql.query(`update event_store.events set type = 'unknown' where stream = 'coach-ann'`);
  expect((await verify({ EVENT_STORE_URL: url })).output).toMatch(/^and \d+ more$/m);
});

test('a log without a read model is checked by itself', async () => {
  const { code, output } = await verify({ EVENT_STORE_URL: await aDatabase() });
  expect(output).toContain('read model: there is none, so only the log was checked');
  expect(code).toBe(0);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a store that is away', { EVENT_STORE_URL: 'postgres://127.0.0.1:1/x' }, /^Cannot verify: Postgres does not answer/],
  ['settings with a mistake', { EVENT_STORE_URL: 'mysql://db' }, /^EVENT_STORE_URL must be/],
])('%s: exit code 2, and one line', async (_, env, sentence) => {
  const { code, output } = await runService({ LOG_LEVEL: 'warn', ...env }, 'verify');
  expect(output).toMatch(sentence);
  expect(output.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(2);
});

test('an argument is refused: there is nothing to choose', async () => {
  const { code, output } = await runService({}, 'verify', '--fix');
  expect(output).toMatch(/^verify takes no arguments, but got --fix\.\n/);
  expect(code).toBe(2);
});
