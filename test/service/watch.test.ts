import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { book, WATCHES, type Watching } from '../doors/watch/watching.js';
import { createTestDatabase } from '../support/database.js';
import {
  buildService,
  endAll,
  postmasterOf,
  runService,
  type ServiceProcess,
  startServiceProcess,
} from '../support/service-process.js';

beforeAll(buildService);

const running: ServiceProcess[] = [];
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'watch-'));
});
afterEach(async () => {
  await endAll(running, 'SIGTERM');
  await rm(dataDir, { recursive: true });
});

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startServiceProcess(env);
  running.push(service);
  return service;
}

async function watch(service: ServiceProcess, request: JsonObject, door = 0): Promise<Watching> {
  const watching = await WATCHES[door]![1](service)(request);
  onTestFinished(watching.stop);
  await watching.next();
  return watching;
}

/** Books until it succeeds: what becomes of an attempt meanwhile is not known. */
async function bookAtLast(service: ServiceProcess, coach: string): Promise<void> {
  await expect
    .poll(
      () =>
        book(service.httpUrl, coach).then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
}

/** The next changes, which must have the coach's revisions one by one, and be what any process reads. */
async function expectRevisions(watching: Watching, from: number, to: number, readers: readonly ServiceProcess[] = []) {
  for (let revision = from; revision <= to; revision += 1) {
    const change = await watching.nextChange();
    expect(change['revision']).toBe(String(revision));
    const { id } = change['session'] as JsonObject;
    for (const { httpUrl } of readers) {
      const answer = await fetch(`${httpUrl}/api/v1/sessions/${id}`);
      expect(((await answer.json()) as JsonObject)['session']).toEqual(change['session']);
    }
  }
}

/** How many bookings of a coach there are, as any process reads them. */
async function sessionsOf({ httpUrl }: ServiceProcess, coach: string): Promise<number> {
  const answer = await fetch(`${httpUrl}/api/v1/sessions?coach_hash_id=${coach}&page_size=1000`);
  return ((await answer.json()) as { sessions: unknown[] }).sessions.length;
}

test('watchers of two processes are told what both book, in order, as every process reads it', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const services = [await start({ EVENT_STORE_URL: database.url }), await start({ EVENT_STORE_URL: database.url })];
  const watchers = await Promise.all(services.map((service) => watch(service, { coach_hash_id: 'ann' })));
  const bookings = services.map(async ({ httpUrl }) => {
    for (let count = 0; count < 20; count += 1) await book(httpUrl, 'ann');
  });
  await Promise.all([...bookings, ...watchers.map((watching) => expectRevisions(watching, 0, 39, services))]);
});

test('while the process with the projection is frozen nothing is told, and soon all of it', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const first = await start({ EVENT_STORE_URL: database.url });
  await expect.poll(first.output).toContain('the projection is running');
  const second = await start({ EVENT_STORE_URL: database.url });
  const watching = await watch(second, { coach_hash_id: 'ann' });
  await book(second.httpUrl, 'ann');
  await expectRevisions(watching, 0, 0, [first, second]);

  first.signal('SIGSTOP');
  for (const _ of [1, 2, 3]) await book(second.httpUrl, 'ann');
  await expectRevisions(watching, 1, 3, [second]);
});

test.each([
  ['killed', async () => process.kill(await postmasterOf(dataDir), 'SIGKILL')],
  ['rebuilt', () => runService({ DATA_DIR: dataDir }, 'rebuild', 'sessions')],
])('a stream goes on when the database was %s, or the projection', async (_, disturb) => {
  const service = await start({ DATA_DIR: dataDir });
  const live = await watch(service, { coach_hash_id: 'ann' });
  for (const _ of [0, 1, 2]) await book(service.httpUrl, 'ann');
  const disturbed = disturb();
  await bookAtLast(service, 'ann');
  await disturbed;
  await bookAtLast(service, 'ann');
  await expect.poll(() => sessionsOf(service, 'ann').catch(() => 0)).toBeGreaterThanOrEqual(5);
  const last = (await sessionsOf(service, 'ann')) - 1;
  await expectRevisions(live, 0, last, [service]);
  await expectRevisions(await watch(service, { coach_hash_id: 'ann', after_position: '0' }, 3), 0, last);
});
