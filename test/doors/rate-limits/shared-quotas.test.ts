import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createQuota } from '../../../src/doors/rate-limits/quota.js';
import { openSharedQuotas } from '../../../src/doors/rate-limits/shared-quotas.js';
import { freePort } from '../../../src/embedded-postgres/port.js';
import { NO_REDIS, startRedis } from '../../support/redis.js';

/**
 * A quota of a process that shares it, as another process would open it, and what the process logs.
 * @param patienceMs as of `openSharedQuotas`; long, unless a test is about it: Redis on a busy machine takes its time
 */
async function openQuota(url: string, points: number, patienceMs: number | 'the default' = 10_000) {
  const logged: { readonly level: number; readonly msg: string; readonly why?: string }[] = [];
  const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) });
  const shared = await openSharedQuotas(url, log, patienceMs === 'the default' ? undefined : patienceMs);
  onTestFinished(shared.close);
  const quota = shared.quota('reads', points, createQuota(points));
  /** How many of so many may go on. */
  async function allowed(times: number, key = 'carol'): Promise<number> {
    const waits = await Promise.all(Array.from({ length: times }, () => quota(key)));
    return waits.filter((wait) => wait === 0).length;
  }
  const messages = () => logged.map(({ msg }) => msg);
  return { quota, allowed, logged, messages };
}

const AWAY = 'Redis does not count calls: this process limits them by itself';
const BACK = 'Redis counts calls again: all processes share their limits';

/** Milliseconds that something takes. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

describe.skipIf(NO_REDIS)('with Redis', () => {
  test('two processes share a quota', async () => {
    const { url } = await startRedis();
    const [one, other] = [await openQuota(url, 10), await openQuota(url, 10)];
    expect(await one.allowed(7)).toBe(7);
    expect(await other.allowed(7)).toBe(3);
    expect(await other.allowed(7, 'dave')).toBe(7);
    expect(one.logged).toEqual([]);
  });

  test('a refusal says how long the minute still is', async () => {
    const { url } = await startRedis();
    const { quota } = await openQuota(url, 1);
    await quota('carol');
    const wait = await quota('carol');
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  test('when it is killed, each process goes on by itself and says so once; when it is back they share again', async () => {
    const redis = await startRedis();
    const [one, other] = [await openQuota(redis.url, 10), await openQuota(redis.url, 10)];
    await one.allowed(10);

    await redis.signal('SIGKILL');
    expect([await one.allowed(15), await other.allowed(15)]).toEqual([10, 10]);
    await one.allowed(15);
    await expect.poll(one.messages).toEqual([AWAY]);
    expect(one.quota('erin')).toBe(0);
    await expect.poll(other.messages).toEqual([AWAY]);
    expect(one.logged[0]?.why).toBe('Socket closed unexpectedly');

    await redis.restart();
    await expect.poll(one.messages).toEqual([AWAY, BACK]);
    await expect.poll(other.messages).toEqual([AWAY, BACK]);
    expect(await one.allowed(7)).toBe(7);
    expect(await other.allowed(7)).toBe(3);
  });

  test('when it is frozen, calls wait for 100 ms, and only the first ones', async () => {
    const redis = await startRedis();
    const { quota, allowed, messages, logged } = await openQuota(redis.url, 10, 'the default');
    await redis.signal('SIGSTOP');
    const first = await timeOf(() => allowed(5));
    expect(first).toBeGreaterThan(90);
    await expect.poll(messages).toEqual([AWAY]);
    expect(quota('erin')).toBe(0);
    expect(logged[0]?.why).toBe('no answer within 100 ms');

    await redis.signal('SIGCONT');
    await expect.poll(messages).toEqual([AWAY, BACK]);
    expect(await allowed(5)).toBe(5);
  });

  test('that answers while the event loop is held counts', async () => {
    const { url } = await startRedis();
    const { quota, messages } = await openQuota(url, 10, 500);
    const counted = quota('carol');
    // The question is on its way.
    await new Promise(setImmediate);
    const until = performance.now() + 1_000;
    while (performance.now() < until);
    expect(await counted).toBe(0);
    await quota('carol');
    expect(messages()).toEqual([]);
  });

  test.each([
    ['and gets it counts', 'redis://:s3cret@', []],
    ['and gets another does not count', 'redis://:wr0ng@', [expect.stringMatching(/^WRONGPASS/)]],
    ['and gets none does not count', 'redis://', [expect.stringMatching(/^NOAUTH/)]],
  ])('that wants a password %s', async (_, start, reasons) => {
    const redis = await startRedis('--requirepass', 's3cret');
    const opened = await openQuota(redis.url.replace('redis://', start), 10);
    expect(opened.logged.map(({ why }) => why)).toEqual(reasons);
    expect(await opened.allowed(15)).toBe(10);
    expect(JSON.stringify(opened.logged)).not.toMatch(/s3cret|wr0ng/);
  });
});

test('a process starts without Redis, counts by itself, and says why', async () => {
  const { allowed, logged } = await openQuota(`redis://:s3cret@127.0.0.1:${await freePort()}`, 10);
  expect(await allowed(15)).toBe(10);
  expect(logged).toEqual([expect.objectContaining({ level: 40, msg: AWAY, why: 'ECONNREFUSED' })]);
});

test('a process tries again about once a second, and says once that it does', async () => {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const began = performance.now();
  const { messages } = await openQuota(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, 10);
  await expect.poll(() => attempts).toBeGreaterThanOrEqual(3);
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(messages()).toEqual([AWAY]);
});

test('a quota without Redis needs no promise', async () => {
  const { quota } = await openQuota(`redis://127.0.0.1:${await freePort()}`, 10);
  expect(quota('carol')).toBe(0);
});
