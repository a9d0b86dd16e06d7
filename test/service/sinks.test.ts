import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { NO_REDIS, type Redis, startRedis } from '../support/redis.js';
import { buildService, runService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

async function start(databaseUrl: string, settings: Record<string, string>): Promise<ServiceProcess> {
  const service = await startServiceProcess({ EVENT_STORE_URL: databaseUrl, ...settings });
  onTestFinished(async () => {
    service.signal('SIGCONT');
    if (!service.hasEnded()) await service.end('SIGTERM');
  });
  return service;
}

async function ownDatabase(): Promise<string> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  return url;
}

let booked = 0;

/** Books a session for a coach at an hour of its own, and answers the id of the session. */
async function book({ httpUrl }: ServiceProcess, coach: string): Promise<string> {
  booked += 1;
  const start = new Date(Date.UTC(2030, 0, 1, booked)).toISOString();
  const session = { coach_hash_id: coach, client_hash_id: `client-${booked}`, start, duration: 60 };
  const answer = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session }),
  });
  expect(answer.status).toBe(201);
  const { session: made } = (await answer.json()) as { session: { id: string } };
  return made.id;
}

/** The subjects of the stream's entries, in order, as redis-cli reads them. */
async function subjects({ url }: Redis): Promise<string[]> {
  const { stdout } = await promisify(execFile)('redis-cli', [
    '-u',
    url,
    '--json',
    'XRANGE',
    'session-changes',
    '-',
    '+',
  ]);
  const entries = JSON.parse(stdout) as [string, string[]][];
  return entries.map(([, fields]) => fields[fields.indexOf('subject') + 1]!);
}

describe.skipIf(NO_REDIS)('a stream of Redis', () => {
  test('has every change; the command, the metrics and readiness say how it does', async () => {
    const [database, redis] = [await ownDatabase(), await startRedis()];
    const settings = { SINK_REDIS_URL: redis.url };
    const service = await start(database, settings);
    const ids = [await book(service, 'carol'), await book(service, 'dora')];
    await expect.poll(() => subjects(redis)).toEqual(ids);

    const list = async () => {
      const { output } = await runService(
        { EVENT_STORE_URL: database, LOG_LEVEL: 'error', ...settings },
        'feeds',
        '--json',
      );
      return JSON.parse(output) as Record<string, string>[];
    };
    const metrics = async () => (await fetch(`${service.httpUrl}/metrics`)).text();
    const isReady = async () => (await fetch(`${service.httpUrl}/readyz`)).status;
    await expect.poll(list).toMatchObject([{ feed: 'redis', state: 'running', lag_positions: '0', lag_seconds: 0 }]);
    expect(await metrics()).toMatch(/^scheduler_feed_running\{feed="redis"\} 1$/m);

    await redis.signal('SIGKILL');
    ids.push(await book(service, 'carol'));
    await expect
      .poll(list)
      .toMatchObject([{ feed: 'redis', state: 'failing', last_error: 'the connection to Redis failed: ECONNREFUSED' }]);
    expect(Number((await list())[0]!['lag_seconds'])).toBeGreaterThan(0);
    const failing = await metrics();
    expect(failing).toMatch(/^scheduler_feed_running\{feed="redis"\} 0$/m);
    expect(failing).toMatch(/^scheduler_feed_lag_seconds\{feed="redis"\} [\d.]*[1-9]/m);
    expect(failing).toMatch(/^scheduler_ready 1$/m);
    expect(await isReady()).toBe(200);

    await redis.restart();
    await expect.poll(() => subjects(redis)).toEqual(ids);
    await expect.poll(metrics).toMatch(/^scheduler_feed_lag_seconds\{feed="redis"\} 0$/m);
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)('is filled by another process within 5 s after %s', async (signal) => {
    const [database, redis] = [await ownDatabase(), await startRedis()];
    const settings = { SINK_REDIS_URL: redis.url };
    const first = await start(database, settings);
    const second = await start(database, settings);
    const ids = [await book(first, 'carol')];
    await expect.poll(() => subjects(redis)).toEqual(ids);
    first.signal(signal);
    const stopped = performance.now();
    ids.push(await book(second, 'carol'));
    await expect.poll(() => subjects(redis)).toEqual(ids);
    expect(performance.now() - stopped).toBeLessThan(5_500);
    first.signal('SIGCONT');
    ids.push(await book(second, 'dora'));
    await expect.poll(() => subjects(redis)).toEqual(ids);
  });
});

test('without sinks, the command says that there is no feed', async () => {
  const { code, output } = await runService({ EVENT_STORE_URL: await ownDatabase(), LOG_LEVEL: 'error' }, 'feeds');
  expect([code, output]).toEqual([0, 'There is no feed: the settings name no sink, and there is no webhook.\n']);
});

test('an argument that the command does not take is refused', async () => {
  const { code, output } = await runService({ EVENT_STORE_URL: await ownDatabase() }, 'feeds', '--xml');
  expect([code, output]).toEqual([1, expect.stringContaining('feeds takes --json, but got --xml.')]);
});
