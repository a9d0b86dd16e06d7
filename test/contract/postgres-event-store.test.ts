import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type EventStore,
  type NewEvent,
  NO_STREAM,
  START,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import {
  openPostgresEventStore,
  type PostgresEventStoreOptions,
} from '../../src/event-store/postgres/postgres-event-store.js';
import { createStreamReader } from '../../src/event-store/postgres/read-events.js';
import { createPool } from '../../src/postgres/pool.js';
import { createTestDatabase } from '../support/database.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { eventually, openTestEventStore, openViewedEventStore } from '../support/event-store-postgres.js';
import { anEvent, aPrefix, aStream, asRead, events } from '../support/event-store-samples.js';
import { eventStoreContract } from './event-store.contract.js';

/** Events of 100 kB each, of text that hardly compresses. */
function largeEvents(count: number) {
  return Array.from({ length: count }, () => anEvent({ text: randomBytes(50_000).toString('hex') }));
}

/** Events of 100 kB each, of text that compresses as the hours of a coach do. */
function repetitiveEvents(count: number) {
  const hours = Array.from({ length: 4_000 }, (_, day) => `day ${day}: 08:00 to 09:00; `).join('');
  return Array.from({ length: count }, () => anEvent({ text: hours }));
}

eventStoreContract('the Postgres event store', openTestEventStore);

const database = await openViewedEventStore();
const { store, sql, count } = database;
afterAll(database.close);

describe('the Postgres event store, beyond the contract', () => {
  async function open(options?: Partial<PostgresEventStoreOptions>): Promise<EventStore> {
    const opened = await database.openAnother(options);
    onTestFinished(() => opened.close());
    return opened;
  }

  const waitingForLock = `pg_locks join pg_database on database = pg_database.oid
    where datname = current_database() and locktype = 'advisory' and not granted`;

  describe('many appends at once', () => {
    test('are made in their order, whichever streams come again, and reach subscriptions', async () => {
      const prefix = aPrefix();
      const [a, b] = [aStream(prefix), aStream(prefix)];
      const [a0, a1, b0, a2] = events(4) as [NewEvent, NewEvent, NewEvent, NewEvent];
      const followers = [store, await open()].map((one) => follow(one, START, prefix));
      const appends = [
        { stream: a, expected: NO_STREAM, events: [a0, a1] },
        { stream: b, expected: NO_STREAM, events: [b0] },
        { stream: a, expected: 1n, events: [a2] },
      ];
      expect(await store.appendAll!(appends)).toBe(true);
      for (const follower of followers) {
        await follower.until(() => follower.events.length === 4);
        await follower.stop();
        expect(follower.events.map(({ id }) => id)).toEqual([a0, a1, b0, a2].map(({ id }) => id));
        expect(follower.events.map(({ revision }) => revision)).toEqual([0n, 1n, 0n, 2n]);
      }
    });

    test.each<[string, bigint, bigint]>([
      ['one is behind its stream', -1n, -1n],
      ['one is ahead of its stream', 1n, -1n],
      ['two of a stream leave a gap', 0n, 2n],
      ['two of a stream overlap', 0n, 0n],
    ])('are not made, none of them, when %s', async (_, first, second) => {
      const [a, b] = [aStream(), aStream()];
      await store.append(a, NO_STREAM, [anEvent()]);
      const before = await store.head();
      const appends = [
        { stream: b, expected: NO_STREAM, events: [anEvent()] },
        { stream: a, expected: first, events: [anEvent()] },
        { stream: second < 0n ? aStream() : a, expected: second, events: [anEvent()] },
      ];
      expect(await store.appendAll!(appends)).toBe(false);
      expect(await store.head()).toBe(before);
    });

    test('follow the appends that they race with, without a gap', async () => {
      const streams = Array.from({ length: 4 }, () => aStream());
      const other = await open();
      await Promise.all([
        ...streams.map((stream) => store.append(stream, NO_STREAM, events(3))),
        ...Array.from({ length: 5 }, () =>
          other.appendAll!([
            { stream: aStream(), expected: NO_STREAM, events: events(2) },
            { stream: aStream(), expected: NO_STREAM, events: events(2) },
          ]),
        ),
      ]);
      expect(await count('event_store.events')).toBe(Number(await store.head()));
    });
  });

  describe('positions', () => {
    test('have no gaps, whatever races and conflicts', async () => {
      const other = await open();
      const streams = Array.from({ length: 5 }, () => aStream());
      await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          (i % 2 ? store : other).append(streams[i % 5]!, i % 3 ? 'any' : BigInt(i % 7), events(1 + (i % 3))),
        ),
      );
      const head = await store.head();
      expect(await count('event_store.events')).toBe(Number(head));
      expect(await count('event_store.events where position between 1 and $1', head)).toBe(Number(head));
    });

    test('are in the order of commits: nothing passes a slow transaction, and subscriptions skip nothing', async () => {
      const prefix = aPrefix();
      const follower = follow(store, await store.head(), prefix);
      const slow = aStream(prefix);
      await sql.query('begin');
      await sql.query('select event_store.append($1, $2)', [
        JSON.stringify([{ stream: slow, expected: -1, size: 1 }]),
        JSON.stringify([{ append: 1, nr: 1, ...asRead(anEvent()) }]),
      ]);
      const quick = aStream(prefix);
      const appended = store.append(quick, NO_STREAM, [anEvent()]);
      await eventually(async () => (await count(waitingForLock)) > 0);
      expect(follower.events).toEqual([]);
      await sql.query('commit');
      expect(await appended).toMatchObject({ outcome: 'appended' });
      await follower.until(() => follower.events.length === 2);
      await follower.stop();
      expect(follower.events.map(({ stream }) => stream)).toEqual([slow, quick]);
    });
  });

  describe('appends that arrive together', () => {
    test('share calls: a thousand take few transactions', async () => {
      const prefix = aPrefix();
      await Promise.all(Array.from({ length: 1_000 }, () => store.append(aStream(prefix), NO_STREAM, [anEvent()])));
      const { rows } = await sql.query(
        'select count(distinct xmin::text)::int as n from event_store.events where starts_with(stream, $1)',
        [prefix],
      );
      expect(rows[0].n).toBeLessThanOrEqual(20);
    });

    test('to one stream happen in the order of the calls', async () => {
      const stream = aStream();
      const sent = events(20);
      const results = await Promise.all(sent.map((event, i) => store.append(stream, BigInt(i) - 1n, [event])));
      expect(results.map((result) => result.outcome === 'appended' && result.revision)).toEqual(
        sent.map((_, i) => BigInt(i)),
      );
    });

    test.each([
      ['text with U+0000', { ...anEvent({ text: 'a\u0000b' }) }],
      ['half a surrogate pair', { ...anEvent({ text: '\ud83d' }) }],
      ['what is not JSON', { ...anEvent(), data: '{' }],
      ['an id that is no UUID', { ...anEvent(), id: 'no-uuid' }],
    ])('do not suffer from one that cannot be stored: %s', async (_, poison) => {
      const neighbour = () => store.append(aStream(), NO_STREAM, events(2));
      const before = Array.from({ length: 20 }, neighbour);
      const refused = store.append(aStream(), NO_STREAM, [anEvent(), poison]).catch((error: unknown) => error);
      const after = Array.from({ length: 20 }, neighbour);
      for (const result of await Promise.all([...before, ...after])) {
        expect(result).toMatchObject({ outcome: 'appended', revision: 1n });
      }
      expect(await refused).toBeInstanceOf(Error);
      expect(await refused).not.toBeInstanceOf(StoreUnavailable);
    });
  });

  describe('a subscription', () => {
    test('is woken by appends of its own store, without polling', async () => {
      const quiet = await open({ pollInterval: 60_000 });
      const prefix = aPrefix();
      const follower = follow(quiet, await quiet.head(), prefix);
      await quiet.append(aStream(prefix), NO_STREAM, [anEvent()]);
      await follower.until(() => follower.events.length === 1);
      await follower.stop();
    });

    test('does not read back what its own store appended', async () => {
      const quiet = await open({ pollInterval: 60_000 });
      const prefix = aPrefix();
      const follower = follow(quiet, await quiet.head(), prefix);
      const query = vi.spyOn(pg.Client.prototype, 'query');
      onTestFinished(() => query.mockRestore());
      for (let i = 1; i <= 30; i++) {
        await quiet.append(aStream(prefix), NO_STREAM, [anEvent()]);
        await follower.until(() => follower.events.length === i);
      }
      await follower.stop();
      const reads = query.mock.calls.filter(([asked]) => (asked as { name?: string }).name === 'read-log');
      // At the start, and when the connection for hints opens; twice then, if that happens while a page is read.
      expect(reads.length).toBeLessThanOrEqual(3);
    });

    test('is woken by notifications of other stores, without polling', async () => {
      const quiet = await open({ pollInterval: 60_000 });
      const prefix = aPrefix();
      const follower = follow(quiet, await quiet.head(), prefix);
      for (let i = 1; i <= 3; i++) {
        await store.append(aStream(prefix), NO_STREAM, [anEvent()]);
        await follower.until(() => follower.events.length === i);
      }
      await follower.stop();
    });

    test('finds by polling what was appended without a notification', async () => {
      const prefix = aPrefix();
      const follower = follow(store, await store.head(), prefix);
      await sql.query('select event_store.append($1, $2)', [
        JSON.stringify([{ stream: aStream(prefix), expected: null, size: 1 }]),
        JSON.stringify([{ append: 1, nr: 1, ...asRead(anEvent()) }]),
      ]);
      await follower.until(() => follower.events.length === 1);
      await follower.stop();
    });

    test('holds no connection while it waits', async () => {
      const small = await open({ maxConnections: 1 });
      const head = await small.head();
      const followers = Array.from({ length: 20 }, () => follow(small, head, aPrefix()));
      const result = await small.append(aStream(), NO_STREAM, [anEvent()]);
      const position = result.outcome === 'appended' ? result.position : undefined;
      await Promise.all(followers.map((follower) => follower.until(() => follower.position >= position!)));
      await Promise.all(followers.map((follower) => follower.stop()));
    });
  });

  test('streams that are read together come whole, each from its own revision', async () => {
    const lengths = [0, 1, 99, 100, 101, 1_200];
    const streams = lengths.map((length) => ({ stream: aStream(), sent: events(length) }));
    for (const { stream, sent } of streams) if (sent.length > 0) await store.append(stream, NO_STREAM, sent);
    const reads = streams.flatMap(({ stream, sent }) =>
      [0, 1, 100, 5_000].map(async (from) => {
        const read = await readAll(store, stream, BigInt(from));
        expect(read.map(({ id }) => id)).toEqual(sent.slice(from).map(({ id }) => id));
        expect(read.every((event) => event.stream === stream)).toBe(true);
      }),
    );
    await Promise.all(reads);
  });

  test('short streams that are read together share one statement, a long one has more', async () => {
    const pool = createPool(database.url, { max: 4, applicationName: 'test', log: pino({ level: 'silent' }) });
    onTestFinished(() => pool.end());
    const statements: string[] = [];
    const counting = {
      query(statement: pg.QueryConfig) {
        statements.push(statement.name ?? '');
        return pool.query(statement);
      },
    } as unknown as pg.Pool;
    const streams = [aStream(), aStream(), aStream()];
    for (const stream of streams) await store.append(stream, NO_STREAM, events(100));
    const read = createStreamReader(counting);
    const readWhole = async (stream: string) => {
      let count = 0;
      for await (const page of read(stream, 0n)) count += page.length;
      return count;
    };
    expect(await Promise.all(streams.map(readWhole))).toEqual([100, 100, 100]);
    expect(statements).toEqual(['read-streams']);
    await store.append(streams[0]!, 99n, [anEvent()]);
    expect(await readWhole(streams[0]!)).toBe(101);
    expect(statements).toEqual(['read-streams', 'read-streams', 'read-stream']);
  });

  test('streams of large events that are read together come whole', async () => {
    const streams = Array.from({ length: 6 }, () => ({ stream: aStream(), sent: largeEvents(16) }));
    for (const { stream, sent } of streams) await store.append(stream, NO_STREAM, sent);
    const reads = streams.map(async ({ stream, sent }) => {
      const read = await readAll(store, stream);
      expect(read.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    });
    await Promise.all(reads);
  });

  test.each([
    { which: 'large', eventsOf: largeEvents },
    { which: 'large, and small as stored', eventsOf: repetitiveEvents },
  ])('pages stay small when events are $which', async ({ eventsOf }) => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    const sent = eventsOf(60);
    const from = await store.head();
    await store.append(stream, NO_STREAM, sent);
    const pages: number[] = [];
    for await (const page of store.read(stream)) pages.push(page.length);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.reduce((sum, length) => sum + length)).toBe(60);
    const follower = follow(store, from, prefix);
    await follower.until(() => follower.events.length >= 60);
    await follower.stop();
    expect(follower.batches.map(({ events }) => events.length)).toEqual(pages);
    expect(follower.events.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  test('in turns, batches are small', async () => {
    const from = await store.head();
    const prefix = aPrefix();
    await store.append(aStream(prefix), NO_STREAM, events(600));
    const another = await open();
    const enough = new AbortController();
    const lengths: number[] = [];
    for await (const batch of another.subscribe(from, { prefixes: [prefix] }, enough.signal, 'in turns')) {
      lengths.push(batch.events.length);
      if (lengths.length === 3) enough.abort();
    }
    expect(lengths).toEqual([250, 250, 100]);
  });

  test('stores that open an empty database together both open', async () => {
    const empty = await createTestDatabase();
    onTestFinished(empty.drop);
    const opened = await Promise.all(
      [1, 2, 3].map(() => openPostgresEventStore(empty.url, { log: pino({ level: 'silent' }) })),
    );
    const heads = await Promise.all(opened.map((each) => each.head()));
    await Promise.all(opened.map((each) => each.close()));
    expect(heads).toEqual([START, START, START]);
  });
});
