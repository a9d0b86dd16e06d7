import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { buildService, endAll, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const running: ServiceProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await endAll(running, 'SIGTERM');
  await database.drop();
});

async function start(): Promise<ServiceProcess> {
  const service = await startServiceProcess({ EVENT_STORE_URL: database.url });
  running.push(service);
  return service;
}

async function book({ httpUrl }: ServiceProcess, hour: number): Promise<number> {
  const start = new Date(Date.UTC(2030, 0, 1, hour)).toISOString();
  const session = { coach_hash_id: 'carol', client_hash_id: 'chris', start, duration: 60 };
  const { status } = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session }),
  });
  return status;
}

async function list({ httpUrl }: ServiceProcess): Promise<{ status: number; sessions: number }> {
  const answer = await fetch(`${httpUrl}/api/v1/sessions?coach_hash_id=carol`);
  const { sessions = [] } = (await answer.json()) as { sessions?: unknown[] };
  return { status: answer.status, sessions: sessions.length };
}

/** What a process logs that does not wait for the end of one that is frozen. */
const TAKING_OVER = 'the process that ran the projection has stopped; taking over';

test('when the process that runs the projection is killed, another runs it, and reads are answered again', async () => {
  const first = await start();
  await expect.poll(first.output).toContain('the projection is running');
  const second = await start();
  expect(await book(first, 9)).toBe(201);

  await first.end('SIGKILL');
  expect(await book(second, 10)).toBe(201);
  await expect.poll(() => list(second)).toEqual({ status: 200, sessions: 2 });
  // The lease was free with the end of the first: nobody waited until it was taken for frozen.
  expect(second.output()).not.toContain(TAKING_OVER);
});

test('while the process that runs the projection is frozen, reads of another are answered again', async () => {
  const first = await start();
  await expect.poll(first.output).toContain('the projection is running');
  const second = await start();
  expect(await book(first, 9)).toBe(201);

  first.signal('SIGSTOP');
  expect(await book(second, 10)).toBe(201);
  // How soon, test/postgres/lease.test.ts shows: here it depends on what else the machine does.
  await expect.poll(() => list(second)).toEqual({ status: 200, sessions: 2 });
  expect(second.output()).toContain(TAKING_OVER);

  first.signal('SIGCONT');
  expect(await book(second, 11)).toBe(201);
  await expect.poll(() => list(first)).toEqual({ status: 200, sessions: 3 });
  expect(await book(first, 12)).toBe(201);
  expect(await list(second)).toEqual({ status: 200, sessions: 4 });
});
