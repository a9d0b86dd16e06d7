/**
 * Guards what the benchmark measures, by counting work instead of time: statements sent to Postgres, and bytes kept. A
 * number here may go down; when it goes up, run the benchmark to see what that costs.
 */
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Door, doorsOf, scheduleSession } from './support/doors.js';
import { startTestService, type TestService } from './support/service.js';

const COACHES = 50;

/** Whether the read model has every event. */
const CAUGHT_UP = {
  name: 'caught up',
  text: `
    select bool_and(position = (select max(position) from event_store.events)) as yes
    from read_model.checkpoints`,
};

/** Statements that the service runs without any booking, and those of the tests: no booking causes them. */
const NOT_COUNTED = ['head', 'heartbeat', 'read checkpoint', 'read-log', CAUGHT_UP.name];

let service: TestService;
let grpc: Door;
let doors: readonly Door[];
let statements: string[];
let database: pg.Client;

beforeEach(async () => {
  // A thousand bookings at once take a busy machine its time.
  service = await startTestService(undefined, { REQUEST_TIMEOUT_MS: '100000' });
  doors = doorsOf(service);
  grpc = doors.find(({ name }) => name === 'gRPC')!;
  database = new pg.Client({ connectionString: service.databaseUrl });
  await database.connect();
  statements = [];
  const { query } = pg.Client.prototype;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [given] = args as [string | pg.QueryConfig];
    const text = typeof given === 'string' ? given : (given.name ?? given.text);
    if (!NOT_COUNTED.includes(text)) statements.push(text);
    return Reflect.apply(query, this, args);
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const door of doors) door.close();
  await database.end();
  await service.stop();
});

async function book(nr: number): Promise<void> {
  const start = new Date(Date.UTC(2030, 0, 1) + Math.floor(nr / COACHES) * 3_600_000).toISOString();
  const session = {
    coach_hash_id: `coach-${nr % COACHES}`,
    client_hash_id: `client-${nr % COACHES}`,
    start,
    duration: 60,
  };
  expect((await grpc.call(scheduleSession, { session })).code).toBe('OK');
}

/** Waits until everything that follows a booking has been sent: notifications, and the rows of the read model. */
async function settled(): Promise<void> {
  const last = (name: string) => statements.findLastIndex((text) => text.includes(name));
  await expect.poll(() => last('pg_notify') >= last('append'), { interval: 5 }).toBe(true);
  const caughtUp = async () => (await database.query<{ yes: boolean }>(CAUGHT_UP)).rows[0]?.yes;
  await expect.poll(caughtUp, { interval: 5 }).toBe(true);
}

function counts(): string {
  const byText = new Map<string, number>();
  for (const text of statements) byText.set(text, (byText.get(text) ?? 0) + 1);
  return [...byText].map(([text, count]) => `${count} × ${text.trim().slice(0, 60)}`).join('\n');
}

test('a booking alone takes two appends, and four statements at most for notifications and the read model', async () => {
  await book(0);
  await settled();
  statements = [];

  await book(COACHES);
  await settled();

  expect(statements.filter((text) => text === 'append')).toHaveLength(2);
  expect(statements.length, counts()).toBeLessThanOrEqual(6);
});

test('1,000 bookings that arrive together take a small part of 1,000 statements', async () => {
  await Promise.all(Array.from({ length: COACHES }, (_, nr) => book(nr)));
  await settled();
  statements = [];

  await Promise.all(Array.from({ length: 1_000 }, (_, nr) => book(COACHES + nr)));
  await settled();

  expect(statements.length, counts()).toBeLessThan(150);
});

test('bookings for 50 coaches that are not in memory read all of them in a few statements, and no new clients', async () => {
  const query = vi.mocked(pg.Client.prototype.query);
  await Promise.all(Array.from({ length: COACHES }, (_, nr) => book(nr)));
  const reads = statements.filter((text) => text.startsWith('read-stream') || text === 'find snapshots');
  expect(reads.length, counts()).toBeLessThanOrEqual(12);

  const asked = query.mock.calls.map(([given]) => given as unknown as pg.QueryConfig);
  const streams = asked.filter(({ name }) => name === 'read-streams').flatMap(({ values }) => values![0] as string[]);
  expect(streams.filter((stream) => stream.startsWith('client-'))).toEqual([]);
});

test('a refused booking for a coach in memory takes one statement, which reads what others may have added', async () => {
  await book(0);
  await settled();
  statements = [];

  const session = { coach_hash_id: 'coach-0', client_hash_id: 'client', start: '2030-01-01T00:00:00Z', duration: 60 };
  expect((await grpc.call(scheduleSession, { session })).code).toBe('AlreadyExists');
  await settled();

  expect(statements, counts()).toEqual(['read-streams']);
});

test('an event takes less than 350 bytes of data and metadata, and less than 650 with its indices', async () => {
  for (let nr = 0; nr < 2_000; nr += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => book(nr + index)));
  }
  await settled();

  const { rows } = await database.query<{ content: number; total: number }>(`
    select avg(pg_column_size(data) + pg_column_size(metadata))::float8 as content,
      (pg_total_relation_size('event_store.events') / count(*))::float8 as total
    from event_store.events`);

  expect(rows[0]!.content).toBeLessThan(350);
  expect(rows[0]!.total).toBeLessThan(650);
});
