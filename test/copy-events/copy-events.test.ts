import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sessions } from '../../projections/sessions-projection.js';
import { SERVICE_STREAMS } from '../../src/domain/streams.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { STORE_URLS } from '../../src/event-store/store-url.js';
import { readAll } from '../support/event-store-follow.js';
import { openTestEventStore, type TestEventStore } from '../support/event-store-postgres.js';
import { events } from '../support/event-store-samples.js';
import { buildService, runService, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

let source: TestEventStore;
let target: TestEventStore;
beforeEach(async () => {
  [source, target] = [await openTestEventStore(), await openTestEventStore()];
  onTestFinished(source.close);
  onTestFinished(target.close);
});

async function numbersOf(store: EventStore, stream: string): Promise<unknown[]> {
  return (await readAll(store, stream)).map(({ data }) => data['number']);
}

test('copies from store to store, and says what it did', async () => {
  await source.store.append('coach-ann', 'any', events(3));
  const { code, output } = await runService({}, 'copy-events', '--from', source.url, '--to', target.url);
  expect(output.trim()).toBe(
    '3 events copied; 0 were already there. Both stores have the same events in the same order. Streams: 1.',
  );
  expect(code).toBe(0);
  expect(await numbersOf(target.store, 'coach-ann')).toEqual([0, 1, 2]);
});

test('without --from copies from the store that the settings name', async () => {
  await source.store.append('coach-ann', 'any', events(3));
  const { code } = await runService({ EVENT_STORE_URL: source.url }, 'copy-events', '--to', target.url);
  expect(code).toBe(0);
  expect(await numbersOf(target.store, 'coach-ann')).toEqual([0, 1, 2]);
});

test('without --from and without settings copies from the embedded PostgreSQL, also while the service runs on it', async () => {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'scheduler-copy-'));
  onTestFinished(() => rm(DATA_DIR, { recursive: true, force: true }));
  const service = await startServiceProcess({ DATA_DIR });
  const booked = await fetch(`${service.httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      session: { coach_hash_id: 'ann', client_hash_id: 'bob', start: '2022-12-01T14:30:00Z', duration: 60 },
    }),
  });
  expect(booked.status).toBe(201);
  const { code } = await runService({ DATA_DIR }, 'copy-events', '--to', target.url);
  await service.end('SIGTERM');
  expect(code).toBe(0);
  expect(await readAll(target.store, 'coach-ann')).toHaveLength(1);
});

test('a target with other events ends with exit code 1 and a sentence', async () => {
  await source.store.append('coach-ann', 'any', events(3));
  await target.store.append('coach-bob', 'any', events(3));
  const { code, output } = await runService({}, 'copy-events', '--from', source.url, '--to', target.url);
  expect(code).toBe(1);
  expect(output).toMatch(/^The target's events differ from the source's: .*\n$/);
});

test.each([
  [['--from', 'postgres://db'], 'Name the store to copy to: copy-events --from URL --to URL'],
  [['--to', 'mysql://secret@db'], `--to must be ${STORE_URLS}.`],
  [['--from', 'db', '--to', 'postgres://db'], `--from must be ${STORE_URLS}.`],
  [['--too', 'postgres://db'], "Unknown option '--too'"],
  [
    ['--from', 'postgres://127.0.0.1:1/x', '--to', 'postgres://db'],
    'The source does not answer: Postgres does not answer.',
  ],
])('copy-events %s: exit code 1, and a sentence', async (args, sentence) => {
  const { code, output } = await runService({}, 'copy-events', ...args);
  expect(code).toBe(1);
  expect(output.split('\n')[0]).toContain(sentence);
  expect(output).not.toMatch(/secret| at .*:\d+:\d+/);
});

test('copies every stream that a projection reads', () => {
  for (const prefix of sessions.streams.prefixes) expect(SERVICE_STREAMS.prefixes).toContain(prefix);
});
