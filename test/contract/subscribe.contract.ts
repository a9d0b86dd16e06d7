import { expect, test } from 'vitest';
import { NO_STREAM, type RecordedEvent, START } from '../../src/event-store/event-store.js';
import { follow, readAll } from '../support/event-store-follow.js';
import { anEvent, aPrefix, aStream, asRead, events } from '../support/event-store-samples.js';
import type { Stores } from './event-store.contract.js';

/** What `subscribe` promises. */
export function subscribeContract(stores: Stores): void {
  test('from the start delivers what is there, then what comes', async () => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    const [first, second] = [anEvent({ number: 1 }), anEvent({ number: 2 })];
    await stores.store.append(stream, NO_STREAM, [first]);
    const follower = follow(stores.store, START, prefix);
    await follower.until(() => follower.events.length === 1);
    await stores.store.append(stream, 0n, [second]);
    await follower.until(() => follower.events.length === 2);
    await follower.stop();
    expect(follower.events).toMatchObject([
      { ...asRead(first), stream, revision: 0n },
      { ...asRead(second), stream, revision: 1n },
    ]);
  });

  test('from a position delivers what comes after it', async () => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    await stores.store.append(stream, NO_STREAM, events(1));
    const known = await stores.store.append(stream, 0n, events(2));
    await stores.store.append(stream, 2n, events(2));
    const follower = follow(stores.store, known.outcome === 'appended' ? known.position : START, prefix);
    await follower.until(() => follower.events.length >= 2);
    await follower.stop();
    expect(follower.events.map(({ revision }) => revision)).toEqual([3n, 4n]);
  });

  test('from the position of an event in the middle of an append delivers the rest of it', async () => {
    const prefix = aPrefix();
    await stores.store.append(aStream(prefix), NO_STREAM, events(3));
    const all = follow(stores.store, START, prefix);
    await all.until(() => all.events.length === 3);
    await all.stop();
    const rest = follow(stores.store, all.events[0]!.position, prefix);
    await rest.until(() => rest.events.length >= 2);
    await rest.stop();
    expect(rest.events.map(({ revision }) => revision)).toEqual([1n, 2n]);
  });

  test('from the head delivers nothing that was there', async () => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    await stores.store.append(stream, NO_STREAM, events(3));
    const follower = follow(stores.store, await stores.store.head(), prefix);
    await stores.store.append(stream, 2n, [anEvent()]);
    await follower.until(() => follower.events.length > 0);
    await follower.stop();
    expect(follower.events.map(({ revision }) => revision)).toEqual([3n]);
  });

  test('delivers only the streams that begin with one of the prefixes', async () => {
    const [one, two, three] = [aPrefix(), aPrefix(), aPrefix()];
    const wanted = [aStream(one), aStream(three)];
    for (const stream of [aStream(two), wanted[0]!, aStream(two), wanted[1]!, `x${one}`]) {
      await stores.store.append(stream, NO_STREAM, [anEvent()]);
    }
    const head = await stores.store.head();
    const follower = follow(stores.store, START, one, three);
    await follower.until(() => follower.position >= head);
    await follower.stop();
    expect(follower.events.map(({ stream }) => stream)).toEqual(wanted);
  });

  test('takes the prefix as it is, without patterns', async () => {
    const common = aPrefix();
    const prefix = `${common}_%`;
    await stores.store.append(`${common}abcd`, NO_STREAM, [anEvent()]);
    await stores.store.append(`${prefix}1`, NO_STREAM, [anEvent()]);
    const head = await stores.store.head();
    const follower = follow(stores.store, START, prefix);
    await follower.until(() => follower.position >= head);
    await follower.stop();
    expect(follower.events.map(({ stream }) => stream)).toEqual([`${prefix}1`]);
  });

  test('moves its position on while nothing matches', async () => {
    const follower = follow(stores.store, await stores.store.head(), aPrefix());
    const result = await stores.store.append(aStream(), NO_STREAM, events(2));
    const position = result.outcome === 'appended' ? result.position : START;
    await follower.until(() => follower.position >= position);
    await follower.stop();
    expect(follower.events).toEqual([]);
  });

  test('delivers a long log whole, in batches whose positions grow and cover their events', async () => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    for (let at = 0; at < 2_500; at += 500) await stores.store.append(stream, BigInt(at) - 1n, events(500));
    const follower = follow(stores.store, START, prefix);
    await follower.until(() => follower.events.length >= 2_500);
    await follower.stop();
    expectInOrder(follower.events);
    let covered = START;
    for (const batch of follower.batches) {
      for (const { position } of batch.events) {
        expect(position).toBeGreaterThan(covered);
        expect(position).toBeLessThanOrEqual(batch.position);
      }
      expect(batch.position).toBeGreaterThanOrEqual(covered);
      covered = batch.position;
    }
  });

  test('goes on from the position of any batch without a gap', async () => {
    const prefix = aPrefix();
    const stream = aStream(prefix);
    for (let at = 0; at < 2_500; at += 500) await stores.store.append(stream, BigInt(at) - 1n, events(500));
    const interrupted = follow(stores.store, START, prefix);
    await interrupted.until(() => interrupted.events.length > 0);
    await interrupted.stop();
    const resumed = follow(stores.store, interrupted.position, prefix);
    const seen = () => [...interrupted.events, ...resumed.events];
    await resumed.until(() => seen().length >= 2_500);
    await resumed.stop();
    expectInOrder(seen());
    expect(seen()).toHaveLength(2_500);
  });

  test('skips and doubles no event while writers race through two stores', async () => {
    const prefix = aPrefix();
    const { store, other } = stores;
    const streams = Array.from({ length: 15 }, () => aStream(prefix));
    const [writers, appends] = [10, 30];
    const early = follow(store, START, prefix);
    const writing = Array.from({ length: writers }, async (_, writer) => {
      for (let i = 0; i < appends; i++) {
        const stream = streams[(writer * 7 + i) % streams.length]!;
        await (writer % 2 ? store : other).append(stream, 'any', events(1 + (i % 3)));
      }
    });
    await early.until(() => early.events.length > 0);
    const late = follow(other, START, prefix);
    await Promise.all(writing);
    const total = writers * (appends / 3) * (1 + 2 + 3);
    for (const follower of [early, late]) {
      await follower.until(() => follower.events.length >= total);
      await follower.stop();
      expect(follower.events).toHaveLength(total);
      expectInOrder(follower.events);
    }
  });

  test('delivers what its own store and another one append as it is read, to subscriptions with their own filters', async () => {
    const prefix = aPrefix();
    const { store, other } = stores;
    const from = await store.head();
    const streams = Array.from({ length: 12 }, (_, nr) => aStream(`${prefix}${nr % 2 ? 'odd-' : 'even-'}`));
    const [all, odd] = [follow(store, from, prefix), follow(store, from, `${prefix}odd-`)];
    for (const [nr, stream] of streams.entries()) {
      const content = { number: nr, text: 'é "quoted"', nested: { list: [1.5, null, true] } };
      await (nr % 3 ? store : other).append(stream, NO_STREAM, [anEvent(content, { actor: `a-${nr}` }), anEvent()]);
      if (nr % 4 === 0) await all.until(() => all.events.length === 2 * (nr + 1));
    }
    const read = (await Promise.all(streams.map((stream) => readAll(store, stream)))).flat();
    for (const [follower, wanted] of [
      [all, read],
      [odd, read.filter(({ stream }) => stream.startsWith(`${prefix}odd-`))],
    ] as const) {
      await follower.until(() => follower.events.length >= wanted.length);
      await follower.stop();
      expect(follower.events.map(contentOf)).toEqual(wanted.map(contentOf));
    }
  });

  test('loses nothing to a consumer that is slow', async () => {
    const prefix = aPrefix();
    const { store, other } = stores;
    const running = new AbortController();
    const seen: RecordedEvent[] = [];
    const batches = store.subscribe(await store.head(), { prefixes: [prefix] }, running.signal)[Symbol.asyncIterator]();
    const stream = aStream(prefix);
    for (let at = 0; at < 6_000; at += 500) {
      await (at % 1_500 ? store : other).append(stream, BigInt(at) - 1n, events(500));
      if (at % 2_000 === 0) seen.push(...(await batches.next()).value!.events);
    }
    while (seen.length < 6_000) seen.push(...(await batches.next()).value!.events);
    running.abort();
    expectInOrder(seen);
    expect(seen.map(({ revision }) => revision)).toEqual(seen.map((_, nr) => BigInt(nr)));
  });

  test('wakes up for what another store appends', async () => {
    const prefix = aPrefix();
    const follower = follow(stores.store, await stores.store.head(), prefix);
    for (let i = 0; i < 5; i++) {
      await stores.other.append(aStream(prefix), NO_STREAM, [anEvent()]);
      await follower.until(() => follower.events.length === i + 1);
    }
    await follower.stop();
  });

  test('serves several subscriptions, each at its own pace', async () => {
    const prefix = aPrefix();
    const [one, two] = [follow(stores.store, START, prefix), follow(stores.store, START, prefix)];
    const stream = aStream(prefix);
    await stores.store.append(stream, NO_STREAM, events(2));
    await one.until(() => one.events.length === 2);
    await one.stop();
    await stores.store.append(stream, 1n, events(2));
    await two.until(() => two.events.length === 4);
    await two.stop();
    expect(one.events).toHaveLength(2);
  });

  test('ends without an error when aborted while it waits', async () => {
    const follower = follow(stores.store, START, aPrefix());
    const head = await stores.store.head();
    await follower.until(() => follower.position >= head);
    await expect(follower.stop()).resolves.toBeUndefined();
  });

  test('ends without an error when aborted while it reads', async () => {
    const follower = follow(stores.store, START, aPrefix());
    await expect(follower.stop()).resolves.toBeUndefined();
  });

  test('ends without a batch when aborted before it began', async () => {
    const batches = stores.store.subscribe(START, { prefixes: [''] }, AbortSignal.abort())[Symbol.asyncIterator]();
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  test('ends when its consumer stops', async () => {
    const prefix = aPrefix();
    await stores.store.append(aStream(prefix), NO_STREAM, [anEvent()]);
    for await (const batch of stores.store.subscribe(START, { prefixes: [prefix] }, new AbortController().signal)) {
      if (batch.events.length > 0) break;
    }
  });
}

/** Positions grow, and each stream's events come from its first one on without a gap. */
function expectInOrder(delivered: readonly RecordedEvent[]): void {
  const next = new Map<string, bigint>();
  let last = START;
  for (const { stream, revision, position } of delivered) {
    expect(position).toBeGreaterThan(last);
    last = position;
    expect(revision).toBe(next.get(stream) ?? 0n);
    next.set(stream, revision + 1n);
  }
}

/** Some members of an event may be accessors. */
function contentOf({ id, type, data, metadata, stream, revision, position, recordedAt }: RecordedEvent) {
  return { id, type, data, metadata, stream, revision, position, recordedAt };
}
