import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FeedEnded, type Follower, type FollowerParts } from '../../src/application/change-feed.js';
import type { Batch, EventStore } from '../../src/event-store/event-store.js';
import { book, scheduled } from '../projections/support.js';
import { collectGarbage } from '../support/heap.js';
import { createMemoryLog } from '../support/memory-event-store.js';
import { createScreen, EVERYTHING, feedOf, readAll, SMALL } from './support.js';

let store: EventStore;
let ending: AbortController;

beforeEach(() => {
  store = createMemoryLog().open();
  ending = new AbortController();
  setMaxListeners(0, ending.signal);
  onTestFinished(() => ending.abort());
});

const feed = (limits = {}) => feedOf(store, ending.signal, { limits: { ...SMALL, ...limits } });
const parts = (given: Partial<FollowerParts> = {}): FollowerParts => ({
  after: 0n,
  filter: EVERYTHING,
  signal: ending.signal,
  ...given,
});
const ofAnn = (count: number) => Array.from({ length: count }, () => scheduled({ coachHashId: 'ann' }));

/** Everything that comes until the follower has come up to a position, and right after that. */
async function take(follower: Follower, upTo: bigint): Promise<bigint[]> {
  const positions: bigint[] = [];
  for (;;) {
    const arrival = await follower.next(10);
    positions.push(...(arrival?.changes ?? []).map(({ position }) => position));
    if (!arrival && follower.position() >= upTo) return positions;
  }
}

describe('a follower', () => {
  test('gets nothing when nothing comes in time, and its position moves on with the log', async () => {
    const follower = await feed().follow(parts({ filter: { coachHashId: 'eve' } }));
    await book(store, ...ofAnn(2));
    await expect.poll(() => follower.position()).toBe(2n);
    expect(await follower.next(10)).toBeUndefined();
  });

  test('gets nothing in time while the log does not answer, and misses nothing', async () => {
    await book(store, ...ofAnn(9));
    const later = feed();
    // The recent changes begin at the end of the log, so that who was away has to read it.
    await expect.poll(() => later.position(ending.signal)).toBe(9n);
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { subscribe } = store;
    store.subscribe = async function* (...args): AsyncGenerator<Batch> {
      await answered;
      yield* subscribe(...args);
    };
    const follower = await later.follow(parts({ after: 1n }));
    expect(await follower.next(10)).toBeUndefined();
    expect(follower.position()).toBe(1n);
    answer();
    expect(await take(follower, 9n)).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
  });

  test('reads only the streams of the coach whom it follows', async () => {
    await book(store, ...ofAnn(9));
    const subscribe = vi.spyOn(store, 'subscribe');
    const all = feed();
    await expect.poll(() => all.position(ending.signal)).toBe(9n);
    await take(await all.follow(parts({ filter: { coachHashId: 'ann' } })), 9n);
    expect(subscribe.mock.calls.map(([, { prefixes }]) => prefixes)).toEqual([['coach-'], ['coach-ann']]);
  });

  test('that comes from where this process has not come yet is not told again', async () => {
    const shown = createScreen();
    const behind = feedOf(store, ending.signal, { shown });
    await book(store, ...ofAnn(3));
    const follower = await behind.follow(parts({ after: 2n }));
    expect(follower.position()).toBe(2n);
    shown.show(3n);
    expect(await take(follower, 3n)).toEqual([3n]);
  });
});

describe('a reader', () => {
  test('for whom too much waits has ended, and others go on', async () => {
    const all = feed();
    const onTooSlow = vi.fn();
    const slow = await all.follow(parts({ onTooSlow }));
    const other = readAll(await all.follow(parts()));
    for (const one of ofAnn(SMALL.queue + 1)) await book(store, one);
    await expect.poll(() => other.changes.length).toBe(SMALL.queue + 1);
    expect(onTooSlow).toHaveBeenCalledTimes(1);
    await expect(slow.next()).rejects.toThrow('the reader was too slow');
  });

  test('that does not come back for more has ended', async () => {
    const onTooSlow = vi.fn();
    const slow = await feed({ pause: 20 }).follow(parts({ onTooSlow }));
    expect(await slow.next(1)).toBeUndefined();
    await expect.poll(() => onTooSlow.mock.calls).toHaveLength(1);
    await expect(slow.next()).rejects.toThrow('the reader was too slow');
  });

  test('that waits is not slow', async () => {
    const onTooSlow = vi.fn();
    const reader = await feed({ pause: 20 }).follow(parts({ onTooSlow }));
    expect(await reader.next(100)).toBeUndefined();
    expect(onTooSlow).not.toHaveBeenCalled();
  });

  test('that has gone leaves nothing behind, whether it was live or read the log', async () => {
    await book(store, ...ofAnn(9));
    const all = feed();
    await expect.poll(() => all.position(ending.signal)).toBe(9n);
    const gone: WeakRef<object>[] = [];
    // In a function of its own: a variable of this one would keep the last filter.
    const leave = async (after: bigint) => {
      const leaving = new AbortController();
      const filter = { coachHashId: 'ann' };
      gone.push(new WeakRef(filter));
      const follower = await all.follow(parts({ after, filter, signal: leaving.signal, onTooSlow: () => {} }));
      await follower.next();
      await book(store, ...ofAnn(1));
      leaving.abort(new Error('gone'));
      await expect(follower.next()).rejects.toThrow('gone');
    };
    for (const after of [0n, 1n, 8n, 9n, 9n]) await leave(after);
    await expect
      .poll(async () => {
        await turn();
        collectGarbage();
        return gone.filter((one) => one.deref()).length;
      })
      .toBe(0);
  });
});

describe('the feed', () => {
  test('reads the log once for all', async () => {
    const subscribe = vi.spyOn(store, 'subscribe');
    const all = feed();
    const readers = await Promise.all(Array.from({ length: 100 }, async () => readAll(await all.follow(parts()))));
    await book(store, ...ofAnn(4));
    for (const { changes } of readers) await expect.poll(() => changes.length).toBe(4);
    expect(subscribe).toHaveBeenCalledTimes(1);
  });

  test('reads no log that nobody follows', async () => {
    const subscribe = vi.spyOn(store, 'subscribe');
    feed();
    await turn();
    expect(subscribe).not.toHaveBeenCalled();
  });

  test('goes on where it was when the log could not be read', async () => {
    const { subscribe } = store;
    let failures = 0;
    store.subscribe = async function* (...args): AsyncGenerator<Batch> {
      for await (const batch of subscribe(...args)) {
        yield batch;
        if (batch.events.length === 0 || failures > 2) continue;
        failures += 1;
        throw new Error('the log cannot be read');
      }
    };
    const reader = readAll(await feed().follow(parts()));
    for (let count = 0; count < 5; count += 1) {
      await book(store, ...ofAnn(1));
      await expect.poll(() => reader.changes.length).toBe(count + 1);
    }
    expect(failures).toBe(3);
    expect(reader.changes.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  test('ends with the service, for those who wait and for those who come', async () => {
    const all = feed();
    const follower = await all.follow(parts({ signal: new AbortController().signal }));
    const waiting = follower.next();
    ending.abort();
    await expect(waiting).rejects.toThrow(FeedEnded);
    await expect(follower.next()).rejects.toThrow(FeedEnded);
    const { signal } = new AbortController();
    await expect(all.follow(parts({ signal }))).rejects.toThrow(FeedEnded);
    await expect(all.position(signal)).rejects.toThrow(FeedEnded);
  });
});
