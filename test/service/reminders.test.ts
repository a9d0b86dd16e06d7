import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { startService } from '../../src/main.js';
import { verify } from '../../src/verify/verify.js';
import { silent } from '../projections/support.js';
import { createTestDatabase } from '../support/database.js';
import { startKurrentdbService } from '../support/kurrentdb-service.js';
import { startTestService, type TestService } from '../support/service.js';

const MINUTE = 60_000;

type Start = (settings: Readonly<Record<string, string>>) => Promise<TestService>;

const STORES: [string, Start][] = [
  ['PostgreSQL', (settings) => startTestService(undefined, settings)],
  ['KurrentDB', startKurrentdbService],
];

interface Session {
  readonly id: string;
  readonly etag: string;
  readonly updated_at: string;
}

interface Change {
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly revision: string;
  readonly offset_minutes: number;
  readonly session: Session;
}

async function get<Answer>({ httpUrl }: TestService, path: string): Promise<Answer> {
  return (await (await fetch(`${httpUrl}/api/v1/${path}`)).json()) as Answer;
}

async function book({ httpUrl }: TestService, start: number): Promise<Session> {
  const session = { coach_hash_id: 'ann', client_hash_id: 'bob', start: new Date(start).toISOString(), duration: 30 };
  const headers = { 'content-type': 'application/json' };
  const answered = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ session }),
  });
  return ((await answered.json()) as { session: Session }).session;
}

test.each(STORES)('a reminder is in the history, on time, and the session stays as it is: %s', async (_, start) => {
  const service = await start({ REMINDER_OFFSETS: '1d,1m' });
  onTestFinished(service.stop);
  const begins = Date.now() + MINUTE + 2_500;
  const booked = await book(service, begins);
  const history = () => get<{ changes: Change[] }>(service, `sessions/${booked.id}/history`);
  await expect.poll(async () => (await history()).changes, { timeout: 10_000 }).toHaveLength(2);

  const [first, reminder] = (await history()).changes as [Change, Change];
  const now = (await get<{ session: Session }>(service, `sessions/${booked.id}`)).session;
  expect(now).toEqual(first.session);
  expect(reminder).toMatchObject({
    type: 'SessionReminderDue',
    actor: 'reminders',
    revision: '1',
    offset_minutes: 1,
    session: now,
  });
  const late = Date.parse(reminder.at) - (begins - MINUTE);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(5_000);

  for (const past of ['as_of_revision=1', `as_of=${reminder.at}`]) {
    expect(await get(service, `sessions/${booked.id}?${past}`)).toMatchObject({ session: now });
  }
  const cancelled = await fetch(`${service.httpUrl}/api/v1/sessions/${booked.id}:cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': `"${now.etag}"` },
    body: JSON.stringify({ cancelled_by: 'PARTY_CLIENT' }),
  });
  expect(cancelled.status).toBe(200);
});

test('a log with reminders is sound, and so is the read model', async () => {
  const service = await startTestService(undefined, { REMINDER_OFFSETS: '1m' });
  onTestFinished(service.stop);
  const booked = await book(service, Date.now() + MINUTE + 2_500);
  const history = () => get<{ changes: Change[] }>(service, `sessions/${booked.id}/history`);
  await expect.poll(async () => (await history()).changes, { timeout: 10_000 }).toHaveLength(2);

  const lines: string[] = [];
  const config = readConfig({ EVENT_STORE_URL: service.databaseUrl });
  await verify(config, silent, (line) => lines.push(line), new AbortController().signal);
  expect(lines.at(-1)).toBe('sound: no faults');
});

test('without the setting no process makes reminders, and the offsets of before are forgotten', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const start = (settings: Readonly<Record<string, string>>) => {
    const config = readConfig({ PORT: '0', GRPC_PORT: '0', SHUTDOWN_DRAIN_MS: '0', EVENT_STORE_URL: url, ...settings });
    return startService(config, silent, new AbortController().signal);
  };
  const rows = async () => (await sql.query('select from read_model.reminder_offsets')).rowCount;

  const before = await start({ REMINDER_OFFSETS: '24h,1h' });
  const sql = new pg.Client(url);
  await sql.connect();
  onTestFinished(() => sql.end());
  await expect.poll(rows).toBe(2);
  await before.stop();
  const service = await start({});
  onTestFinished(service.stop);
  await expect.poll(rows).toBe(0);
  const connected =
    "select from pg_stat_activity where datname = current_database() and application_name = 'reminders'";
  expect((await sql.query(connected)).rowCount).toBe(0);
});
