import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type EventStore, NO_STREAM, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import type { PostgresEventStoreOptions } from '../../src/event-store/postgres/postgres-event-store.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { eventually, openViewedEventStore } from '../support/event-store-postgres.js';
import { anEvent, aPrefix, aStream, events } from '../support/event-store-samples.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const database = await openViewedEventStore();
const { store, sql, count } = database;
afterAll(database.close);

async function startProxy(): Promise<TcpProxy> {
  const proxy = await startTcpProxy(database.url);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function open(proxy: TcpProxy, options?: Partial<PostgresEventStoreOptions>): Promise<EventStore> {
  const opened = await database.openAnother(options, proxy.url);
  onTestFinished(() => opened.close());
  return opened;
}

/** The connections of all stores of this file, for a `from` clause. */
const connections = `pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

describe('when a connection is lost', () => {
  test.each([
    ['an exact revision', NO_STREAM],
    ['any revision', 'any'],
  ] as const)('an append at %s that was just committed is a success, written once', async (_, expected) => {
    const proxy = await startProxy();
    const remote = await open(proxy);
    const marker = randomUUID();
    const sent = [anEvent({ marker }), anEvent()];
    const lost = proxy.loseAnswerTo(marker);
    const stream = aStream();
    const result = await remote.append(stream, expected, sent);
    await lost;
    const read = await readAll(store, stream);
    expect(read.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(result).toEqual({ outcome: 'appended', revision: 1n, position: read[1]!.position });
  });

  test('appends under way are each written once', async () => {
    const proxy = await startProxy();
    const remote = await open(proxy);
    const prefix = aPrefix();
    const marker = randomUUID();
    const sent = Array.from({ length: 1_000 }, (_, number) => anEvent({ marker: `${marker}-${number};` }));
    const losses = (async () => {
      for (const number of [0, 300, 600, 900]) await proxy.loseAnswerTo(`${marker}-${number};`);
    })();
    const results = await Promise.all(sent.map((event) => remote.append(aStream(prefix), NO_STREAM, [event])));
    await losses;
    expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1_000);
    expect(await count('event_store.events where starts_with(stream, $1)', prefix)).toBe(1_000);
  });

  test('a subscription continues where it was', async () => {
    const follower = follow(store, await store.head(), '');
    const sent = events(20);
    for (const event of sent) {
      await store.append(aStream(), NO_STREAM, [event]);
      await sql.query(`select pg_terminate_backend(pid) from ${connections}`);
    }
    await follower.until(() => follower.events.length >= sent.length);
    await follower.stop();
    expect(follower.events.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  test('notifications come again, and what was missed is caught up with', async () => {
    const proxy = await startProxy();
    const remote = await open(proxy, { pollInterval: 60_000 });
    const prefix = aPrefix();
    const follower = follow(remote, START, prefix);
    await follower.until(() => follower.batches.length > 0);
    const idle = () => eventually(async () => (await count(`${connections} and state = 'active'`)) === 0);
    await idle();
    // The first event comes while the connection is lost, the others after it was opened again.
    proxy.cut();
    for (let i = 1; i <= 3; i++) {
      await store.append(aStream(prefix), NO_STREAM, [anEvent()]);
      await follower.until(() => follower.events.length === i);
      await idle();
    }
    await follower.stop();
  });
});

describe('while Postgres is unavailable', () => {
  test.each<[string, (proxy: TcpProxy) => unknown]>([
    ['refuses connections', (proxy) => proxy.close()],
    ['accepts connections and says nothing', (proxy) => proxy.silence()],
  ])('calls fail in time when it %s', async (_, interrupt) => {
    const proxy = await startProxy();
    const remote = await open(proxy, { timeLimit: 1_000 });
    await remote.head();
    await interrupt(proxy);
    await expect(remote.append(aStream(), NO_STREAM, [anEvent()])).rejects.toThrow(StoreUnavailable);
    await expect(remote.head()).rejects.toThrow(StoreUnavailable);
    await expect(readAll(remote, aStream())).rejects.toThrow(StoreUnavailable);
  });

  test('a store cannot be opened', async () => {
    const proxy = await startProxy();
    await proxy.close();
    await expect(database.openAnother({}, proxy.url)).rejects.toThrow(new StoreUnavailable('Postgres does not answer'));
  });
});
