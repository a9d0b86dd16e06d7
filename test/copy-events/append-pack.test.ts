import { Readable } from 'node:stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { appendPack, packsOf } from '../../src/copy-events/append-pack.js';
import { CannotCopy } from '../../src/copy-events/cannot-copy.js';
import {
  type EventStore,
  type RecordedEvent,
  START,
  StoreOutOfOrder,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import { follow } from '../support/event-store-follow.js';
import { openTestEventStore } from '../support/event-store-postgres.js';
import { anEvent, asRead } from '../support/event-store-samples.js';
import { createMemoryLog } from '../support/memory-event-store.js';

let to: EventStore;
beforeEach(async () => {
  const { store, close } = await openTestEventStore();
  onTestFinished(close);
  to = store;
});

/** A log with an event of each stream, in order. */
function logWith(...streams: string[]): RecordedEvent[] {
  const next = new Map<string, bigint>();
  return streams.map((stream, nr) => {
    const revision = next.get(stream) ?? 0n;
    next.set(stream, revision + 1n);
    return { ...asRead(anEvent()), stream, revision, position: BigInt(nr + 1), recordedAt: 0 };
  });
}

/** The store, and the names of the calls that append. */
function watched(store: EventStore) {
  const calls: string[] = [];
  const append: EventStore['append'] = (...args) => {
    calls.push('append');
    return store.append(...args);
  };
  const appendAll: EventStore['appendAll'] =
    store.appendAll &&
    ((...args) => {
      calls.push('appendAll');
      return store.appendAll!(...args);
    });
  return { calls, store: { ...store, append, appendAll } };
}

/** The ids of all events, in the order of the log. */
async function idsIn(store: EventStore): Promise<string[]> {
  const head = await store.head();
  const follower = follow(store, START, '');
  await follower.until(() => follower.position >= head);
  await follower.stop();
  return follower.events.map(({ id }) => id);
}
const idsOf = (events: readonly RecordedEvent[]) => events.map(({ id }) => id);

test('events of many streams, which come again and again, are appended by one call and in order', async () => {
  const log = logWith('a', 'b', 'a', 'a', 'c', 'b', 'a');
  const { calls, store } = watched(to);
  await appendPack(store, log);
  expect(calls).toEqual(['appendAll']);
  expect(await idsIn(to)).toEqual(idsOf(log));
});

test('a store that takes one append at a time gets one for each run of a stream, in order', async () => {
  const log = logWith('a', 'b', 'a', 'a', 'c');
  const memory = createMemoryLog().open();
  const { calls, store } = watched(memory);
  await appendPack(store, log);
  expect(calls).toEqual(['append', 'append', 'append', 'append']);
  expect(await idsIn(memory)).toEqual(idsOf(log));
});

test('when the answer is lost, the pack can be appended again, and is there once', async () => {
  const log = logWith('a', 'b', 'a');
  const forgetful: EventStore = {
    ...to,
    appendAll: async (appends) => {
      await to.appendAll!(appends);
      throw new StoreUnavailable('the answer is lost');
    },
  };
  await expect(appendPack(forgetful, log)).rejects.toThrow(StoreUnavailable);
  await appendPack(to, log);
  expect(await idsIn(to)).toEqual(idsOf(log));
});

test('a pack of which the beginning is there is completed', async () => {
  const log = logWith('a', 'b', 'a', 'c');
  await appendPack(to, log.slice(0, 2));
  await appendPack(to, log);
  expect(await idsIn(to)).toEqual(idsOf(log));
});

test('the stream whose event is refused is named, and what comes before it is appended', async () => {
  const log = logWith('a', 'b', 'c');
  log[1] = { ...log[1]!, id: 'no-uuid' };
  await expect(appendPack(to, log)).rejects.toThrow(/^The target refuses the events of stream b from revision 0 on: /);
  expect(await idsIn(to)).toEqual([log[0]!.id]);
});

test('a target that refuses what is right is no target to wait for', async () => {
  const refuse = async () => {
    throw new StoreOutOfOrder('Postgres answers with SQLSTATE 23514', { cause: new Error('a constraint') });
  };
  await expect(appendPack({ ...to, append: refuse, appendAll: refuse }, logWith('a', 'b'))).rejects.toThrow(
    new CannotCopy('The target refuses the events of stream a from revision 0 on: a constraint'),
  );
});

test('another writer in a stream is noticed', async () => {
  await to.append('b', 'any', [anEvent()]);
  const error = await appendPack(to, logWith('a', 'b')).catch((reason) => reason);
  expect(error).toBeInstanceOf(CannotCopy);
  expect(error.message).toMatch(/^Stream b of the target is at revision 0, .*Nobody may write to the target/);
});

test('packs end after 500 events, or before they have more than 500,000 bytes', async () => {
  const sizes = async (log: RecordedEvent[]) => {
    const found: number[] = [];
    for await (const { length } of packsOf(Readable.from(log))) found.push(length);
    return found;
  };
  expect(await sizes(logWith(...Array(1_001).fill('a')))).toEqual([500, 500, 1]);
  const large = logWith('a', 'b', 'c').map((event) => ({ ...event, data: { text: 'x'.repeat(240_000) } }));
  expect(await sizes(large)).toEqual([2, 1]);
  expect(await sizes([])).toEqual([]);
});
