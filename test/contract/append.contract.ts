import { expect, test } from 'vitest';
import { NO_STREAM, type Position } from '../../src/event-store/event-store.js';
import { readAll } from '../support/event-store-follow.js';
import { anEvent, aStream, events } from '../support/event-store-samples.js';
import type { Stores } from './event-store.contract.js';

/** What `append` promises. */
export function appendContract(stores: Stores): void {
  const numbers = async (stream: string) =>
    (await readAll(stores.store, stream)).map(({ data }) => data['number'] as number);

  test('to a new stream starts it at revision 0', async () => {
    const stream = aStream();
    const result = await stores.store.append(stream, NO_STREAM, [anEvent()]);
    expect(result).toEqual({ outcome: 'appended', revision: 0n, position: expect.any(BigInt) });
  });

  test('at the exact revision follows it', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, [anEvent()]);
    const result = await stores.store.append(stream, 0n, [anEvent()]);
    expect(result).toMatchObject({ outcome: 'appended', revision: 1n });
  });

  test('at any revision follows what is there', async () => {
    const stream = aStream();
    await stores.store.append(stream, 'any', [anEvent()]);
    const result = await stores.store.append(stream, 'any', [anEvent()]);
    expect(result).toMatchObject({ outcome: 'appended', revision: 1n });
  });

  test('of several events keeps them adjacent and in order, and answers for the last', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, [anEvent()]);
    const result = await stores.store.append(stream, 0n, events(3));
    const read = await readAll(stores.store, stream, 1n);
    expect(read.map(({ data, revision }) => [data['number'], revision])).toEqual([
      [0, 1n],
      [1, 2n],
      [2, 3n],
    ]);
    expect(result).toEqual({ outcome: 'appended', revision: 3n, position: read.at(-1)!.position });
  });

  test('keeps events from the writers of a stream apart, whole append after whole append', async () => {
    const stream = aStream();
    const { store, other } = stores;
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? store : other).append(stream, 'any', events(3))));
    expect(await numbers(stream)).toEqual(Array.from({ length: 10 }, () => [0, 1, 2]).flat());
  });

  test('can be tried, and leaves no event', async () => {
    const { store } = stores;
    const stream = aStream();
    const { position } = (await store.append(stream, NO_STREAM, [anEvent()])) as { position: Position };
    await store.tryAppend();
    expect(await store.head()).toBe(position);
    expect(await store.append(stream, 0n, [anEvent()])).toMatchObject({ outcome: 'appended', revision: 1n });
  });

  test('expecting no stream conflicts with a stream that exists', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, events(2));
    const result = await stores.store.append(stream, NO_STREAM, [anEvent()]);
    expect(result).toEqual({ outcome: 'conflict', actual: 1n });
  });

  test('expecting an earlier revision conflicts', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, events(3));
    const result = await stores.store.append(stream, 1n, [anEvent()]);
    expect(result).toEqual({ outcome: 'conflict', actual: 2n });
  });

  test('expecting a later revision conflicts', async () => {
    const stream = aStream();
    await stores.store.append(stream, NO_STREAM, [anEvent()]);
    const result = await stores.store.append(stream, 5n, [anEvent()]);
    expect(result).toEqual({ outcome: 'conflict', actual: 0n });
  });

  test('expecting a revision of a stream that does not exist conflicts', async () => {
    const result = await stores.store.append(aStream(), 0n, [anEvent()]);
    expect(result).toEqual({ outcome: 'conflict', actual: NO_STREAM });
  });

  test('in conflict writes nothing', async () => {
    const stream = aStream();
    const [first, ...rest] = events(3);
    await stores.store.append(stream, NO_STREAM, [first!]);
    await stores.store.append(stream, NO_STREAM, rest);
    expect(await numbers(stream)).toEqual([0]);
  });

  test('without events is refused', async () => {
    await expect(stores.store.append(aStream(), 'any', [])).rejects.toThrow(RangeError);
  });

  test('sent again at the same exact revision gives the first answer and writes nothing', async () => {
    const stream = aStream();
    const sent = events(3);
    const first = await stores.store.append(stream, NO_STREAM, sent);
    expect(await stores.store.append(stream, NO_STREAM, sent)).toEqual(first);
    expect(await numbers(stream)).toEqual([0, 1, 2]);
  });

  test('sent again at the same exact revision gives the first answer also after further appends', async () => {
    const stream = aStream();
    const sent = events(2);
    const first = await stores.store.append(stream, NO_STREAM, sent);
    await stores.store.append(stream, 1n, events(2));
    expect(await stores.store.append(stream, NO_STREAM, sent)).toEqual(first);
    expect(await numbers(stream)).toEqual([0, 1, 0, 1]);
  });

  test('sent again through another store gives the first answer', async () => {
    const stream = aStream();
    const sent = events(2);
    const first = await stores.store.append(stream, NO_STREAM, sent);
    expect(await stores.other.append(stream, NO_STREAM, sent)).toEqual(first);
  });

  test('sent many times at once is written once, with one answer for all', async () => {
    const stream = aStream();
    const sent = events(2);
    const { store, other } = stores;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).append(stream, NO_STREAM, sent)),
    );
    expect(new Set(results.map((result) => result.outcome === 'appended' && result.position)).size).toBe(1);
    expect(await numbers(stream)).toEqual([0, 1]);
  });

  test('sent again at any revision gives the first answer and writes nothing', async () => {
    const stream = aStream();
    await stores.store.append(stream, 'any', [anEvent()]);
    const sent = [anEvent({ number: 1 })];
    const first = await stores.store.append(stream, 'any', sent);
    expect(await stores.store.append(stream, 'any', sent)).toEqual(first);
    expect(await readAll(stores.store, stream)).toHaveLength(2);
  });

  test('conflicts when only the first of its events is there already', async () => {
    const stream = aStream();
    const [known, unknown] = [anEvent(), anEvent()];
    await stores.store.append(stream, NO_STREAM, [known]);
    const result = await stores.store.append(stream, NO_STREAM, [known, unknown]);
    expect(result).toEqual({ outcome: 'conflict', actual: 0n });
    expect(await readAll(stores.store, stream)).toHaveLength(1);
  });

  test('conflicts when other events follow those that are there already', async () => {
    const stream = aStream();
    const [known, unknown] = [anEvent(), anEvent()];
    await stores.store.append(stream, NO_STREAM, [known, anEvent()]);
    const result = await stores.store.append(stream, NO_STREAM, [known, unknown]);
    expect(result).toEqual({ outcome: 'conflict', actual: 1n });
  });

  test('of events with the ids of another stream is an append like any other', async () => {
    const sent = events(2);
    await stores.store.append(aStream(), NO_STREAM, [anEvent(), ...sent]);
    for (const expected of [NO_STREAM, 'any'] as const) {
      const result = await stores.store.append(aStream(), expected, sent);
      expect(result).toMatchObject({ outcome: 'appended', revision: 1n });
    }
  });

  test('has one winner when many race for one revision, and the winners add up to the events', async () => {
    const stream = aStream();
    const { store, other } = stores;
    const rounds = 10;
    for (let round = 0; round < rounds; round++) {
      const expected = BigInt(round) - 1n;
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).append(stream, expected, [anEvent()])),
      );
      expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(19);
    }
    expect(await readAll(store, stream)).toHaveLength(rounds);
  });

  test('to many streams at once gives each its own answer', async () => {
    const streams = Array.from({ length: 300 }, () => aStream());
    const results = await Promise.all(
      streams.map((stream, i) => stores.store.append(stream, i % 3 ? NO_STREAM : 7n, events(1 + (i % 2)))),
    );
    for (const [i, result] of results.entries()) {
      if (i % 3) expect(result).toMatchObject({ outcome: 'appended', revision: BigInt(i % 2) });
      else expect(result).toEqual({ outcome: 'conflict', actual: NO_STREAM });
    }
  });
}
