import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { NO_REDIS, startRedis } from '../support/redis.js';
import { buildService, runService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  await buildService();
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

/** A process of the service, behind a proxy on this machine. */
async function startLimited(settings: Record<string, string>): Promise<ServiceProcess> {
  const service = await startServiceProcess({ EVENT_STORE_URL: database.url, TRUST_PROXY: 'loopback', ...settings });
  onTestFinished(async () => void (await service.end('SIGTERM')));
  return service;
}

/** The statuses that a caller at an address gets, one after the other. */
async function statuses({ httpUrl }: ServiceProcess, times: number, address: string): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const answer = await fetch(`${httpUrl}/api/v1/sessions`, { headers: { 'x-forwarded-for': address } });
    all.push(answer.status);
  }
  return all;
}

test('the settings limit reads, writes and addresses by themselves', async () => {
  const service = await startLimited({ RATE_LIMIT_READS: '2', RATE_LIMIT_WRITES: '1' });
  expect(await statuses(service, 3, '198.51.100.7')).toEqual([200, 200, 429]);
  expect(await statuses(service, 3, '198.51.100.8')).toEqual([200, 200, 429]);
  const book = () =>
    fetch(`${service.httpUrl}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' },
      body: JSON.stringify({
        session: { coach_hash_id: 'carol', client_hash_id: 'dave', start: '2030-04-01T08:00:00Z', duration: 60 },
      }),
    });
  expect([(await book()).status, (await book()).status]).toEqual([201, 429]);
  await expect.poll(service.output).toContain('at most 1 writes a minute for a caller');
});

test('a token that is none is answered 401, too often 429, and valid ones from the same address are served', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-limits-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const env = { AUTH_TOKENS_FILE: join(directory, 'tokens.json'), EVENT_STORE_URL: database.url };
  const { output: token } = await runService(env, 'token', 'create', '--subject', 'booking-page', '--role', 'service');
  const { httpUrl } = await startLimited({ ...env, RATE_LIMIT_FAILED_AUTH: '3' });
  const statusWith = async (authorization: string) =>
    (await fetch(`${httpUrl}/api/v1/sessions`, { headers: { authorization } })).status;
  const wrong: number[] = [];
  for (let n = 0; n < 5; n += 1) wrong.push(await statusWith('Bearer wrong'));
  expect(wrong).toEqual([401, 401, 401, 429, 429]);
  expect(await statusWith(`Bearer ${/scheduler_\S+/.exec(token)?.[0]}`)).toBe(200);
});

describe.skipIf(NO_REDIS)('with Redis', () => {
  test('two processes share a limit, go on by themselves when Redis is killed, and share again when it is back', async () => {
    const redis = await startRedis();
    const settings = { RATE_LIMIT_READS: '4', RATE_LIMIT_REDIS_URL: redis.url };
    const [one, other] = await Promise.all([startLimited(settings), startLimited(settings)]);
    // On a busy machine Redis may answer too late for a call or another: then an address that is new.
    let address = 0;
    const shared = async () => {
      address += 1;
      const ofAddress = (service: ServiceProcess) => statuses(service, 3, `198.51.100.${address}`);
      return [await ofAddress(one), await ofAddress(other)];
    };
    const fourOfSix = [
      [200, 200, 200],
      [200, 429, 429],
    ];
    const times = (service: ServiceProcess, what: RegExp) => (service.output().match(what) ?? []).length;
    const away = (service: ServiceProcess) => times(service, /Redis does not count calls/g);
    const back = (service: ServiceProcess) => times(service, /Redis counts calls again/g);
    await expect.poll(shared).toEqual(fourOfSix);
    const before = [one, other].map(away);

    await redis.signal('SIGKILL');
    for (const service of [one, other]) {
      expect(await statuses(service, 6, '203.0.113.8')).toEqual([200, 200, 200, 200, 429, 429]);
    }
    await expect.poll(() => [one, other].map(away)).toEqual(before.map((count) => count + 1));

    await redis.restart();
    await expect.poll(() => [one, other].map(back)).toEqual([one, other].map(away));
    await expect.poll(shared).toEqual(fourOfSix);
  });
});
