import { createClient } from '@redis/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Change } from '../../../src/application/change-feed.js';
import { cloudEvents } from '../../../src/feeds/cloud-event.js';
import { openStream, type RedisSinkSettings } from '../../../src/feeds/sinks/redis/redis-sink.js';
import type { OpenSink, Sink } from '../../../src/feeds/sinks/sink.js';
import { changeJson } from '../../../src/handlers/answer/change-message.js';
import { startFeeding } from '../../support/filled-sink.js';
import { NO_REDIS, type Redis, startRedis } from '../../support/redis.js';

const STREAM = 'changes';

function redisSink(url: string, settings: Partial<RedisSinkSettings> = {}): Sink {
  const all = { url, stream: STREAM, maxLength: undefined, maxAge: undefined, ...settings };
  const cloudEvent = cloudEvents('urn:test', changeJson);
  return { name: 'redis', open: (parts) => openStream(all, cloudEvent, parts) };
}

async function clientOf({ url }: Redis) {
  const client = createClient({ url, RESP: 2 });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  return client;
}

type Client = Awaited<ReturnType<typeof clientOf>>;

const entries = async (client: Client) => (await client.xRange(STREAM, '-', '+')) ?? [];

/** The ids of the events in the stream, in order. */
const told = async (client: Client) => (await entries(client)).map(({ message }) => message['id']);

async function startAll(...options: string[]) {
  const redis = await startRedis(...options);
  return { redis, client: await clientOf(redis), feeding: await startFeeding() };
}

describe.skipIf(NO_REDIS)('a stream of Redis', () => {
  test('has every change once, in order, under its position, as a CloudEvent', async () => {
    const { redis, client, feeding } = await startAll();
    const before = await feeding.book('carol', 'dora');
    feeding.fill(redisSink(redis.url));
    const ids = [...before, ...(await feeding.book('carol'))];
    await expect.poll(() => told(client)).toEqual(ids);
    const [first, ...rest] = await entries(client);
    expect([first?.id, ...rest.map(({ id }) => id)]).toEqual(['1-0', '2-0', '3-0']);
    const { data, ...attributes } = first!.message;
    expect(attributes).toEqual({
      specversion: '1.0',
      id: ids[0],
      source: 'urn:test',
      type: 'aceup.scheduler.v1.SessionScheduled',
      subject: ids[0],
      time: '2030-01-01T00:00:00Z',
      datacontenttype: 'application/json',
      partitionkey: 'carol',
      sequence: '0000000000000000001',
    });
    expect(JSON.parse(data!)).toMatchObject({
      id: ids[0],
      position: '1',
      revision: '0',
      session: { coach_hash_id: 'carol' },
    });
  });

  test('goes on where it ends, without the cursor', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol');
    const first = feeding.fill(redisSink(redis.url));
    await expect.poll(() => told(client)).toEqual(ids);
    await first.stop();
    ids.push(...(await feeding.book('carol', 'dora')));
    feeding.fill({
      ...redisSink(redis.url),
      open: (parts) => redisSink(redis.url).open({ ...parts, saved: undefined }),
    });
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('is filled again at once when a Redis comes back empty', async () => {
    const { redis, feeding } = await startAll();
    const ids = await feeding.book('carol', 'dora', 'carol');
    feeding.fill(redisSink(redis.url));
    await expect.poll(async () => (await feeding.cursor('redis'))?.place?.id).toBe(ids.at(-1));
    await redis.signal('SIGKILL');
    await redis.restart();
    const client = await clientOf(redis);
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('gets its tail again when a Redis comes back without it', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol', 'dora', 'carol', 'dora');
    const first = feeding.fill(redisSink(redis.url));
    await expect.poll(async () => (await feeding.cursor('redis'))?.place?.id).toBe(ids.at(-1));
    await first.stop();
    const kept = (await entries(client)).slice(0, 2);
    await client.del(STREAM);
    for (const { id, message } of kept) await client.xAdd(STREAM, id, message);
    feeding.fill(redisSink(redis.url));
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('goes on after entries that somebody removed from its end', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol', 'dora');
    const first = feeding.fill(redisSink(redis.url));
    await expect.poll(async () => (await feeding.cursor('redis'))?.place?.id).toBe(ids.at(-1));
    await first.stop();
    await client.xTrim(STREAM, 'MAXLEN', 0);
    feeding.fill(redisSink(redis.url));
    const [next] = await feeding.book('carol');
    await expect.poll(() => told(client)).toEqual([next]);
  });

  test('is trimmed by length', async () => {
    const { redis, client, feeding } = await startAll('--stream-node-max-entries', '10');
    const ids = await feeding.book(...Array.from({ length: 50 }, () => 'carol'));
    feeding.fill(redisSink(redis.url, { maxLength: 20 }));
    await expect.poll(async () => (await told(client)).at(-1)).toBe(ids.at(-1));
    expect(await client.xLen(STREAM)).toBeLessThan(31);
    expect(await client.xLen(STREAM)).toBeGreaterThanOrEqual(20);
  });

  test('is trimmed by age, but for its last entry', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol', 'dora', 'erin');
    // The samples were decided in 2030.
    feeding.fill(redisSink(redis.url, { maxAge: Date.now() - Date.parse('2031-01-01T00:00:00Z') }));
    await expect.poll(() => told(client)).toEqual([ids.at(-1)]);
  });

  const FOREIGN: readonly [string, (client: Client) => Promise<unknown>, RegExp][] = [
    [
      'an entry of somebody else',
      (client) => client.xAdd(STREAM, '*', { hello: 'world' }),
      /an entry \d+-\d+ that this service did not write/,
    ],
    [
      'the id of somebody else',
      (client) => client.xAdd(STREAM, '5-1', { hello: 'world' }),
      /an entry 5-1 that this service/,
    ],
    [
      'removed entries of somebody else',
      async (client) => {
        await client.xAdd(STREAM, '*', { hello: 'world' });
        await client.xTrim(STREAM, 'MAXLEN', 0);
      },
      /the last entries of the stream changes, up to .*, were removed/,
    ],
    [
      'something else',
      (client) => client.set(STREAM, 'x'),
      /the key that SINK_REDIS_STREAM names holds something else than a stream/,
    ],
  ];

  test.each(FOREIGN)('that has %s stays as it is, and the feed says why', async (_, write, message) => {
    const { redis, client, feeding } = await startAll();
    await write(client);
    const was = await client.sendCommand(['DUMP', STREAM]);
    await feeding.book('carol');
    feeding.fill(redisSink(redis.url));
    await expect.poll(async () => (await feeding.cursor('redis'))?.lastError).toMatch(message);
    expect(await client.sendCommand(['DUMP', STREAM])).toEqual(was);
  });

  test('that was filled from another log stays as it is, and the feed says so', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol', 'dora');
    const first = feeding.fill(redisSink(redis.url));
    await expect.poll(() => told(client)).toEqual(ids);
    await first.stop();
    const other = await startFeeding();
    await other.book('carol', 'dora', 'erin');
    other.fill(redisSink(redis.url));
    await expect.poll(async () => (await other.cursor('redis'))?.lastError).toMatch(/another log/);
    expect(await told(client)).toEqual(ids);
  });

  test('is not touched by a process that goes on after another one has filled it', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol');
    const sink = redisSink(redis.url);
    let frozen: OpenSink | undefined;
    let last: Change | undefined;
    const first = feeding.fill({
      name: 'redis',
      async open(parts) {
        frozen = await sink.open({ ...parts, signal: new AbortController().signal });
        const deliver = (changes: readonly Change[]) => {
          last = changes.at(-1);
          return frozen!.deliver(changes);
        };
        return { ...frozen, deliver, close: async () => {} };
      },
    });
    await expect.poll(() => told(client)).toEqual(ids);
    await first.stop();
    feeding.fill(sink);
    ids.push(...(await feeding.book('carol', 'dora')));
    await expect.poll(() => told(client)).toEqual(ids);
    await expect(frozen!.deliver([{ ...last!, position: 4n }])).rejects.toThrow(
      'the stream ends at 3-0 and not at 1-0',
    );
    expect(await told(client)).toEqual(ids);
    await frozen!.close();
  });
});

describe.skipIf(NO_REDIS)('what a Redis refuses is told in a sentence, and delivered when it is over', () => {
  test('a full Redis', async () => {
    const { redis, client, feeding } = await startAll('--maxmemory-policy', 'noeviction');
    await client.configSet('maxmemory', '1');
    const ids = await feeding.book('carol');
    feeding.fill(redisSink(redis.url));
    await expect.poll(async () => (await feeding.cursor('redis'))?.lastError).toMatch(/^Redis is full/);
    await client.configSet('maxmemory', '0');
    await expect.poll(() => told(client)).toEqual(ids);
    await expect.poll(() => feeding.cursor('redis')).toMatchObject({ lastError: undefined, failingSince: undefined });
  });

  test('a replica', async () => {
    const primary = await startRedis();
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol');
    await client.sendCommand(['REPLICAOF', '127.0.0.1', new URL(primary.url).port]);
    feeding.fill(redisSink(redis.url));
    await expect
      .poll(async () => (await feeding.cursor('redis'))?.lastError)
      .toMatch(/^Redis is a read-only replica: SINK_REDIS_URL has to name the primary/);
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('a wrong password', async () => {
    const { redis, client, feeding } = await startProtected();
    const ids = await feeding.book('carol');
    const url = (password: string) => redis.url.replace('://', `://:${password}@`);
    const wrong = feeding.fill(redisSink(url('wr0ng')));
    await expect
      .poll(async () => (await feeding.cursor('redis'))?.lastError)
      .toMatch(/^Redis refuses the user name or the password in SINK_REDIS_URL(?!.*wr0ng)/);
    await wrong.stop();
    feeding.fill(redisSink(url('right')));
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('a user who may not write', async () => {
    const { redis, client, feeding } = await startAll();
    const ids = await feeding.book('carol');
    // As docs/feeds-sinks.md has it, but for one.
    const rights = '+evalsha +script|load +exists +xinfo|stream +xrevrange +xrange +xtrim'.split(' ');
    await client.sendCommand(['ACL', 'SETUSER', 'feeds', 'on', '>secret', `~${STREAM}`, ...rights]);
    feeding.fill(redisSink(redis.url.replace('://', '://feeds:secret@'), { maxAge: 1e12 }));
    await expect
      .poll(async () => (await feeding.cursor('redis'))?.lastError)
      .toMatch(/^Redis does not let the user in SINK_REDIS_URL do what the feed needs/);
    await client.sendCommand(['ACL', 'SETUSER', 'feeds', '+xadd']);
    await expect.poll(() => told(client)).toEqual(ids);
  });

  test('a Redis that is not there', async () => {
    const { redis, client, feeding } = await startAll();
    client.destroy();
    await redis.signal('SIGKILL');
    const ids = await feeding.book('carol');
    feeding.fill(redisSink(redis.url));
    await expect
      .poll(async () => (await feeding.cursor('redis'))?.lastError)
      .toBe('the connection to Redis failed: ECONNREFUSED');
    await redis.restart();
    const again = await clientOf(redis);
    await expect.poll(() => told(again)).toEqual(ids);
  });
});

async function startProtected() {
  const redis = await startRedis();
  const client = await clientOf(redis);
  await client.configSet('requirepass', 'right');
  return { redis, client, feeding: await startFeeding() };
}
