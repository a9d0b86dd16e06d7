import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { type Service, startService } from '../../src/main.js';
import { verify } from '../../src/verify/verify.js';
import { createTestDatabase } from '../support/database.js';

// Takes a reason and an actor out of the log by the commands of docs/security.md.

const [, COMMANDS = ''] = /^```sql\n(.*?)^```$/ms.exec(await readFile('docs/security.md', 'utf8')) ?? [];
const REASON = 'Anna is ill';
const ACTOR = 'anna@example.com';

const log = pino({ level: 'silent' });
const signal = new AbortController().signal;

/** A service on a database that outlives it, and what can be asked of both. */
async function onOneDatabase() {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const config = readConfig({ PORT: '0', GRPC_PORT: '0', SHUTDOWN_DRAIN_MS: '0', EVENT_STORE_URL: url });
  const database = new pg.Pool({ connectionString: url });
  onTestFinished(() => database.end());
  const whole = async (table: string) =>
    (await database.query(`select coalesce(string_agg(t::text, ' '), '') as text from ${table} t`)).rows[0].text;
  return {
    start: () => startService(config, log, signal),
    verified: () => verify(config, log, () => {}, signal),
    query: (text: string) => database.query(text),
    /** Everything that the database has of events and the read model. */
    async content(): Promise<string> {
      const { rows } = await database.query(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
         where schemaname in ('event_store', 'read_model')`,
      );
      return (await Promise.all(rows.map(({ name }) => whole(name)))).join(' ');
    },
  };
}

/** Asks over REST, and answers what comes. */
async function ask({ httpUrl }: Service, path: string, body?: object): Promise<Record<string, unknown>> {
  const sent = body && { method: 'POST', body: JSON.stringify(body) };
  const headers = { 'content-type': 'application/json', 'x-actor': ACTOR };
  const answer = await fetch(`${httpUrl}/api/v1/${path}`, { ...sent, headers });
  expect(answer.ok, path).toBe(true);
  return (await answer.json()) as Record<string, unknown>;
}

test('a reason and an actor can be taken out of the log, and the log is sound', async () => {
  const { start, verified, query, content } = await onOneDatabase();
  let service = await start();
  const people = { coach_hash_id: '123', client_hash_id: '456' };
  const { session } = await ask(service, 'sessions', {
    session: { ...people, start: '2030-12-01T14:30:00Z', duration: 60 },
  });
  const { id } = session as { id: string };
  await ask(service, `sessions/${id}:reschedule`, { start: '2030-12-01T15:00:00Z', reason: REASON });
  const timeOff = { first_date: '2030-07-15', last_date: '2030-07-26', reason: REASON };
  await ask(service, 'coaches/123/timeOff', { time_off: timeOff });
  await service.stop();
  expect([REASON, ACTOR].map((text) => [text, COMMANDS.includes(text)])).toEqual([
    [REASON, true],
    [ACTOR, true],
  ]);

  await query(COMMANDS);

  service = await start();
  onTestFinished(service.stop);
  const { changes } = await ask(service, `sessions/${id}/history`);
  expect(changes).toMatchObject([
    { actor: '', reason: '' },
    { actor: '', reason: '(erased)' },
  ]);
  expect(await ask(service, 'coaches/123/timeOff')).toMatchObject({ time_off: [{ reason: '(erased)' }] });
  expect(await verified()).toBe(true);
  const left = await content();
  expect([REASON, ACTOR].filter((text) => left.includes(text))).toEqual([]);
});
