import { expect, test } from 'vitest';
import { type JsonObject, NO_STREAM } from '../../src/event-store/event-store.js';
import { readAll } from '../support/event-store-follow.js';
import { anEvent, aStream, asRead, events } from '../support/event-store-samples.js';
import type { Stores } from './event-store.contract.js';

/** What `read` and `head` promise. */
export function readContract(stores: Stores): void {
  test('an event is read as it was appended, with its place', async () => {
    const stream = aStream();
    const sent = anEvent({ who: 'casey' }, { actor: 'sam' });
    const before = Date.now();
    const result = await stores.store.append(stream, NO_STREAM, [sent]);
    const [read] = await readAll(stores.store, stream);
    const position = result.outcome === 'appended' ? result.position : undefined;
    expect(read).toEqual({ ...asRead(sent), stream, revision: 0n, position, recordedAt: expect.any(Number) });
    // Another machine's clock may be a little off.
    expect(Math.abs(read!.recordedAt - before)).toBeLessThan(60_000);
  });

  test.each<[string, JsonObject]>([
    ['nothing', {}],
    [
      'text of every kind',
      { text: 'é 日本語 🙂 "quotes" \\ / \n\t\u0001 {}[],:\u2028', '': 'an empty name', 'a"b': "it's" },
    ],
    [
      'numbers',
      { numbers: [0, -1, 1.5, 9007199254740991, -9007199254740991, 1e21, 1e-7, 5e-324, 1.7976931348623157e308] },
    ],
    ['truth and nothing', { yes: true, no: false, none: null }],
    ['nesting', { a: { b: [{ c: [[], {}, [1, ['x']]] }] } }],
    ['a large text', { text: 'large'.repeat(20_000) }],
  ])('data and metadata come back unchanged: %s', async (_, content) => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, [anEvent(content, content)]);
    const [read] = await readAll(stores.store, stream);
    expect(read).toMatchObject({ data: content, metadata: content });
    expect(read!.data).toEqual(content);
  });

  test('a stream that does not exist has no events', async () => {
    const pages: unknown[] = [];
    for await (const page of stores.store.read(aStream())) pages.push(page);
    expect(pages).toEqual([]);
  });

  test('a stream is read from any revision on, to its end', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, events(5));
    const from = async (revision?: bigint) =>
      (await readAll(stores.store, stream, revision)).map((event) => event.revision);
    expect(await from()).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(await from(0n)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(await from(3n)).toEqual([3n, 4n]);
    expect(await from(4n)).toEqual([4n]);
    expect(await from(5n)).toEqual([]);
    expect(await from(50n)).toEqual([]);
  });

  test('a long stream comes whole and in order', async () => {
    const stream = aStream();
    const sent = events(2_500);
    for (let at = 0; at < sent.length; at += 500) {
      await stores.store.append(stream, BigInt(at) - 1n, sent.slice(at, at + 500));
    }
    const read = await readAll(stores.store, stream);
    expect(read.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(read.map(({ revision }) => revision)).toEqual(sent.map((_, i) => BigInt(i)));
  });

  test('a reader may stop before the end', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, events(3));
    for await (const [first] of stores.store.read(stream)) {
      expect(first!.revision).toBe(0n);
      break;
    }
  });

  test('another store reads what was acknowledged', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, events(2));
    expect(await readAll(stores.other, stream)).toHaveLength(2);
  });

  test('the head is at or after everything acknowledged, in any store', async () => {
    const { store, other } = stores;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const result = await store.append(aStream(), NO_STREAM, [anEvent()]);
        const position = result.outcome === 'appended' ? result.position : undefined;
        expect(await store.head()).toBeGreaterThanOrEqual(position!);
        expect(await other.head()).toBeGreaterThanOrEqual(position!);
      }),
    );
  });
}
