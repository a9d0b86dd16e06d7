import { randomUUID } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { rebuild } from '../../src/rebuild-projection.js';
import { calendar, event } from '../calendars/samples.js';
import { answer, calendarWith, SECRET, startCalendarServer } from '../support/calendar-server.js';
import { startTestService, type TestService } from '../support/service.js';
import { buildService, runService } from '../support/service-process.js';

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
const busy = calendar(event('UID:1', 'DTSTART:20300401T090000Z', 'DTEND:20300401T100000Z'));

let service: TestService;
let database: pg.Client;

beforeAll(async () => {
  await buildService();
  service = await startTestService(undefined, { CALENDAR_ALLOW_PRIVATE: 'true' }, log);
  database = new pg.Client({ connectionString: service.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await service?.stop();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answered = await fetch(`${service.httpUrl}${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answered.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  const json: any = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status: answered.status, etag: answered.headers.get('etag'), text, json };
}

const pathOf = (coach: string, source = 'google') => `/api/v1/coaches/${coach}/calendarSources/${source}`;
const stateOf = async (coach: string) => (await ask('GET', pathOf(coach))).json.calendar_source.state.slice(22);

/** Sets a calendar source of a new coach, and waits for its first fetch. */
async function fetched(url: string, state = 'OK'): Promise<string> {
  const coach = randomUUID();
  await ask('PUT', pathOf(coach), { calendar_source: { url } });
  await expect.poll(() => stateOf(coach)).toBe(state);
  return coach;
}

/** What the projection for analysts has of a coach. */
async function projected(coach: string) {
  const { rows } = await database.query('select * from read_model.calendar_sources where coach_hash_id = $1', [coach]);
  return rows;
}

test('REST sets a calendar source under preconditions, and answers unchanged ones by 304', async () => {
  const path = pathOf(randomUUID());
  const body = { calendar_source: { url: 'https://calendar.example/basic.ics' } };
  expect((await ask('PUT', path, body, { 'if-match': '*' })).status).toBe(412);
  const created = await ask('PUT', path, body, { 'if-none-match': '*' });
  expect(created.status).toBe(200);
  expect(await ask('PUT', path, body, { 'if-none-match': '*' })).toMatchObject({
    status: 412,
    json: { reason: 'STALE_ETAG' },
  });
  const etag = `"${created.json.calendar_source.etag}"`;
  expect((await ask('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304);
  expect((await ask('PUT', path, body, { 'if-match': '"another"' })).status).toBe(412);
  expect((await ask('PUT', path, body, { 'if-match': etag })).status).toBe(200);
  expect((await ask('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
  expect((await ask('DELETE', path)).status).toBe(200);
});

test('the URL is in no log, no metric, and nowhere but in its table', async () => {
  const server = await startCalendarServer();
  server.serve(calendarWith(busy));
  await fetched(server.url);
  server.serve(answer(302, { location: `${server.origin}/elsewhere-${SECRET}` }));
  const failing = await fetched(server.url, 'FAILING');
  // Refused ones also have secrets.
  const refusals = [
    { calendar_source: { url: `ftp://x.example/${SECRET}` } },
    { calendar_source: { url: `https://user:${SECRET}@x.example/` } },
    { calendar_source: { link: `https://x.example/${SECRET}` } },
    { calendar_source: { url: [`https://x.example/${SECRET}`] } },
    { calendar_source: { url: `https://x.example/${SECRET}\n` } },
    { calendar_source: { url: `https://x.example/${SECRET}${'x'.repeat(2_000)}` } },
  ];
  for (const body of refusals) {
    const refused = await ask('PUT', pathOf(failing), body);
    expect([refused.status, refused.text.includes(SECRET)]).toEqual([400, false]);
  }
  expect((await ask('GET', '/metrics')).text).not.toContain(SECRET);
  expect(lines.join('')).not.toContain(SECRET);

  const { rows: relations } = await database.query<{ relation: string }>(
    `select format('%I.%I', table_schema, table_name) as relation from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { relation } of relations) {
    const { rows } = await database.query(`select from ${relation} as one where one::text like $1`, [`%${SECRET}%`]);
    if (rows.length > 0) found.push(relation);
  }
  expect(found).toEqual(['calendars.sources']);
});

test('metrics count calendar sources by state', async () => {
  const server = await startCalendarServer();
  server.serve(calendarWith(busy));
  await fetched(server.url);
  const { text } = await ask('GET', '/metrics');
  expect(text).toMatch(/^scheduler_calendar_sources\{state="ok"\} [1-9]/m);
  expect(text).toMatch(/^scheduler_calendar_sources_overdue_seconds \d/m);
});

test('a rebuild of the read model leaves the projection for analysts, and what is fetched', async () => {
  const server = await startCalendarServer();
  server.serve(calendarWith(busy));
  const coach = await fetched(server.url);
  const before = await projected(coach);
  expect(before).toMatchObject([
    { source: 'google', host: '127.0.0.1', state: 'ok', total: 1, left_out_own: 0, interval_minutes: 60 },
  ]);
  const config = readConfig({ EVENT_STORE_URL: service.databaseUrl });
  await rebuild('sessions', config, log, new AbortController().signal);
  expect(await projected(coach)).toEqual(before);
  await ask('PUT', pathOf(coach), { calendar_source: { url: server.url, interval: 30 } });
  expect(await projected(coach)).toMatchObject([{ interval_minutes: 30 }]);
});

test('every column of the projection is commented', async () => {
  const { rows } = await database.query(`
    select table_name, column_name from information_schema.columns
    where (table_schema, table_name) in (('calendars', 'sources'), ('read_model', 'calendar_sources'))
      and col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) is null`);
  expect(rows).toEqual([]);
});

test('the command lists calendar sources, without URLs', async () => {
  const server = await startCalendarServer();
  server.serve(answer(404));
  const coach = await fetched(server.url, 'FAILING');
  const env = { EVENT_STORE_URL: service.databaseUrl };
  const table = await runService(env, 'calendars', '--list');
  expect([table.code, table.output.includes(SECRET)]).toEqual([0, false]);
  expect(table.output).toMatch(new RegExp(`^${coach} .* failing .* the server answered 404 `, 'm'));
  const listed = await runService({ ...env, LOG_LEVEL: 'silent' }, 'calendars', '--list', '--json');
  expect(JSON.parse(listed.output)).toContainEqual(expect.objectContaining({ coach_hash_id: coach, state: 'failing' }));
  expect((await runService(env, 'calendars', '--json')).errors).toMatch(/calendars takes --list and --list --json/);
});
