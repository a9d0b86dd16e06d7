import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type EventStore, NO_STREAM, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { openKurrentdbEventStore } from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { KurrentdbUrlError } from '../../src/event-store/store-url.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { openTestEventStore, type TestEventStore } from '../support/event-store-kurrentdb.js';
import { anEvent, aPrefix, aStream, events } from '../support/event-store-samples.js';
import { eventStoreContract } from './event-store.contract.js';

/** The bytes of an event of which many are too large for the server together. */
const EVENT_BYTES = 800_000;

eventStoreContract('the KurrentDB event store', openTestEventStore);

describe('the KurrentDB event store, beyond the contract', () => {
  let server: TestEventStore;
  let store: EventStore;

  beforeAll(async () => {
    server = await openTestEventStore();
    store = server.store;
  });

  afterAll(() => server?.close());

  test.each([
    ['text that is no URL', 'localhost:2113'],
    ['another scheme', 'http://localhost:2113'],
    ['no host', 'esdb://?tls=false'],
    ['a wrong port', 'esdb://localhost:x'],
    ['an option that nobody knows', 'esdb://localhost:2113?colour=blue'],
    ['an option that the store sets itself', 'esdb://localhost:2113?throwOnAppendFailure=false'],
    ['an option with a wrong value', 'esdb://user:secret@localhost:2113?tls=perhaps'],
    ['a certificate that is not there', 'esdb://user:secret@localhost:2113?tlsCAFile=/nowhere'],
  ])('a URL is refused in a sentence that keeps its password: %s', async (_, url) => {
    const refusal = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }) }).catch((error) => error);
    expect(refusal).toBeInstanceOf(KurrentdbUrlError);
    expect(refusal.message).toMatch(/^the KurrentDB URL /);
    expect(refusal.message).not.toContain('secret');
  });

  describe('an append', () => {
    test.each([
      ['an id that is no UUID', { ...anEvent(), id: 'no-uuid' }],
      ['no type', { ...anEvent(), type: '' }],
    ])('is refused for %s', async (_, poison) => {
      await expect(store.append(aStream(), NO_STREAM, [anEvent(), poison])).rejects.toThrow(RangeError);
    });

    test('is refused for a stream without a name', async () => {
      await expect(store.append('', NO_STREAM, [anEvent()])).rejects.toThrow(RangeError);
    });

    test.each([
      ['many large events', 30],
      ['events larger than a stream of appends carries', 80],
    ])('of %s comes back whole', async (_, count) => {
      const stream = aStream();
      const sent = Array.from({ length: count }, () => anEvent({ text: 'x'.repeat(10_000) }));
      expect(await store.append(stream, NO_STREAM, sent)).toMatchObject({ outcome: 'appended' });
      expect((await readAll(store, stream)).map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    });

    /** Appends ever more, until that is too much for the server: 1 MiB by default, at least until version 26. */
    async function refusedForSize(): Promise<{ readonly error: Error; readonly bytes: number }> {
      for (let bytes = EVENT_BYTES; bytes <= 64 * EVENT_BYTES; bytes *= 2) {
        const large = Array.from({ length: bytes / EVENT_BYTES }, () => anEvent({ text: 'x'.repeat(EVENT_BYTES) }));
        try {
          await store.append(aStream(), NO_STREAM, large);
        } catch (error) {
          return { error: error as Error, bytes };
        }
      }
      throw new Error('the server takes any append');
    }

    test('that is too large for the server is refused with its limit, and its neighbours are not', async () => {
      const refused = refusedForSize();
      const neighbours = Array.from({ length: 20 }, () => store.append(aStream(), NO_STREAM, [anEvent()]));
      const { error, bytes } = await refused;
      const [, limit] = /Maximum Append Size of (\d+) Exceeded/.exec(error.message) ?? [];
      expect(Number(limit)).toBeLessThan(bytes);
      expect(error).not.toBeInstanceOf(StoreUnavailable);
      for (const result of await Promise.all(neighbours)) expect(result).toMatchObject({ outcome: 'appended' });
    });

    test('waits for its turn when many are under way', async () => {
      const narrow = await server.openAnother({ maxAppends: 1 });
      const stream = aStream();
      const sent = events(20);
      const results = await Promise.all(sent.map((event, i) => narrow.append(stream, BigInt(i) - 1n, [event])));
      expect(results.map((result) => result.outcome === 'appended' && result.revision)).toEqual(
        sent.map((_, i) => BigInt(i)),
      );
    });
  });

  describe('a subscription', () => {
    test('from the start of a fresh log finds its position', async () => {
      const { store, close } = await openTestEventStore();
      onTestFinished(close);
      const prefix = aPrefix();
      const head = await store.head();
      const follower = follow(store, START, prefix);
      await follower.until(() => follower.position >= head);
      expect(follower.position).toBe(head);
      await store.append(aStream(prefix), NO_STREAM, [anEvent()]);
      await follower.until(() => follower.events.length === 1);
      await follower.stop();
    });

    test('reaches the head again and again though nothing matches', async () => {
      const follower = follow(store, await store.head(), aPrefix());
      for (let i = 0; i < 5; i++) {
        await store.append(aStream(), NO_STREAM, events(2));
        const head = await store.head();
        await follower.until(() => follower.position >= head);
      }
      await follower.stop();
    });

    test('fails from a position at which no event begins', async () => {
      const result = await store.append(aStream(), NO_STREAM, events(2));
      const position = result.outcome === 'appended' ? result.position : START;
      const follower = follow(store, position - 1n, '');
      await expect(follower.until(() => false)).rejects.toThrow(`the log has no position ${position - 1n}`);
    });
  });
});
