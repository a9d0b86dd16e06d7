import pg from 'pg';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { calendar, event } from '../calendars/samples.js';
import { type CalendarServer, calendarWith, startCalendarServer } from '../support/calendar-server.js';
import { createTestDatabase } from '../support/database.js';
import {
  beginServiceProcess,
  buildService,
  endAll,
  type ServiceProcess,
  type StartingProcess,
  startServiceProcess,
} from '../support/service-process.js';

beforeAll(buildService);

const FETCHES = 'this process fetches calendars';
const hourAt = (hour: number) => `2030-04-01T${String(hour).padStart(2, '0')}:00:00Z`;
const busyAt = (hour: number) =>
  calendar(event('UID:1', `DTSTART:${hourAt(hour).replaceAll(/[-:]/g, '')}`, 'DURATION:PT1H'));

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let server: CalendarServer;
const running: StartingProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startCalendarServer();
  server.serve(calendarWith(busyAt(9)));
});

afterEach(async () => {
  await endAll(running, 'SIGKILL');
  await database.drop();
});

const settings = () => ({ EVENT_STORE_URL: database.url, CALENDAR_ALLOW_PRIVATE: 'true' });

async function start(more: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await startServiceProcess({ ...settings(), ...more });
  running.push(service);
  return service;
}

async function ask({ httpUrl }: ServiceProcess, method: string, path: string, body?: unknown) {
  const answered = await fetch(`${httpUrl}/api/v1/coaches/ann/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  return (await answered.json()) as any;
}

const set = (service: ServiceProcess, url = server.url) =>
  ask(service, 'PUT', 'calendarSources/google', { calendar_source: { url } });
const takenIn = async (service: ServiceProcess): Promise<string[]> =>
  (await ask(service, 'GET', 'timeOff')).time_off.map(({ start }: { start: string }) => start);

/** Holds requests back until they are let go. */
function heldBack(text: string) {
  const waiting: (() => void)[] = [];
  const serve = calendarWith(text);
  server.serve((request, response) => void waiting.push(() => serve(request, response)));
  return {
    count: () => waiting.length,
    letGo: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

test('one process of two fetches, and tells both of what is set at either', async () => {
  const first = await start();
  await expect.poll(first.output).toContain(FETCHES);
  const second = await start();
  await set(second);
  await expect.poll(() => takenIn(second)).toEqual([hourAt(9)]);
  expect(second.output()).not.toContain(FETCHES);
  expect(server.asked.length).toBe(1);
});

test('a process that is killed while it fetches is replaced, and its fetch is made again', async () => {
  const { count } = heldBack(busyAt(9));
  const first = await start();
  await expect.poll(first.output).toContain(FETCHES);
  const second = await start();
  await set(second);
  await expect.poll(count).toBe(1);
  await first.end('SIGKILL');
  server.serve(calendarWith(busyAt(9)));
  await expect.poll(() => takenIn(second)).toEqual([hourAt(9)]);
});

test('all processes are killed while they fetch: the next one fetches', async () => {
  const { count } = heldBack(busyAt(9));
  const first = await start();
  await set(first);
  await expect.poll(count).toBe(1);
  await first.end('SIGKILL');
  server.serve(calendarWith(busyAt(9)));
  const second = await start();
  await expect.poll(() => takenIn(second)).toEqual([hourAt(9)]);
});

test('a process that is frozen while it fetches is replaced, and writes nothing when it goes on', async () => {
  const { count, letGo } = heldBack(busyAt(9));
  const first = await start();
  await expect.poll(first.output).toContain(FETCHES);
  const second = await start();
  await set(second);
  await expect.poll(count).toBe(1);
  first.signal('SIGSTOP');
  const later = await startCalendarServer();
  later.serve(calendarWith(busyAt(15)));
  await set(second, later.url);
  await expect.poll(() => takenIn(second)).toEqual([hourAt(15)]);

  // The first one gets the old document, and finds that the source has changed.
  letGo();
  first.signal('SIGCONT');
  await expect.poll(first.output).toContain('will be taken again');
  await first.end('SIGTERM');
  expect(await takenIn(second)).toEqual([hourAt(15)]);
});

test('a process that is not to fetch leaves it to the command, which ends at SIGTERM', async () => {
  const service = await start({ CALENDAR_FETCHING: 'off' });
  await set(service);
  const command = beginServiceProcess(settings(), 'calendars');
  running.push(command);
  await expect.poll(() => takenIn(service)).toEqual([hourAt(9)]);
  expect(service.output()).not.toContain(FETCHES);
  expect(await command.end('SIGTERM')).toMatchObject({ code: 0 });
});

test('a service ends within its grace time while a calendar server says nothing', async () => {
  const { count } = heldBack(busyAt(9));
  const service = await start();
  await set(service);
  await expect.poll(count).toBe(1);
  const { code, ms } = await service.end('SIGTERM');
  expect(code).toBe(0);
  expect(ms).toBeLessThan(8_000);
});

test('a read model that is dropped, to be made anew, leaves calendar sources as they are', async () => {
  const first = await start();
  await set(first);
  await expect.poll(() => takenIn(first)).toEqual([hourAt(9)]);
  await first.end('SIGTERM');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('drop schema read_model cascade');
  await client.end();
  const second = await start();
  const { calendar_source } = await ask(second, 'GET', 'calendarSources/google');
  expect(calendar_source).toMatchObject({ state: 'CALENDAR_SOURCE_STATE_OK', total: 1 });
  server.serve(calendarWith(busyAt(11)));
  await set(second);
  await expect.poll(() => takenIn(second)).toEqual([hourAt(11)]);
});
