import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openFeed, paced } from '../../projections/feed.js';
import type { Projection } from '../../projections/projection.js';
import type { Batch, EventStore, RecordedEvent } from '../../src/event-store/event-store.js';
import { asRead } from '../support/event-store-samples.js';
import { journal, journalTable, scheduled, stored } from './support.js';

function event(position: bigint): RecordedEvent {
  return { ...asRead(stored(scheduled())), stream: 'coach-ann', revision: 0n, position, recordedAt: Date.now() };
}

/** A feed from a subscription that delivers one batch of one event after another, up to a position. */
function feedOf({
  upTo,
  limit = 100,
  projection = journal,
}: {
  upTo: bigint;
  limit?: number;
  projection?: Projection;
}) {
  const running = new AbortController();
  onTestFinished(() => running.abort());
  let subscribed = 0n;
  async function* subscribe(from: bigint, _: unknown, signal: AbortSignal): AsyncGenerator<Batch> {
    for (subscribed = from + 1n; subscribed <= upTo; subscribed += 1n) {
      yield { events: [event(subscribed)], position: subscribed };
    }
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }
  const store = { subscribe } as Partial<EventStore> as EventStore;
  const feed = openFeed(store, projection, 0n, limit, running.signal);
  return { feed, running, delivering: () => subscribed };
}

test('what arrives while the projection is busy comes at once', async () => {
  const { feed, delivering } = feedOf({ upTo: 5n });
  await expect.poll(delivering).toBe(6n);
  const arrived = await feed.next();
  expect(arrived?.position).toBe(5n);
  expect(arrived?.changes.get(journalTable)).toHaveLength(5);
});

test('the subscription waits while enough has arrived', async () => {
  const { feed, delivering } = feedOf({ upTo: 5n, limit: 2 });
  await expect.poll(delivering).toBe(2n);
  for (const position of [2n, 4n, 5n]) {
    await nextTurn();
    expect((await feed.next())?.position).toBe(position);
  }
});

test('nothing comes when nothing has arrived in the time given', async () => {
  const { feed } = feedOf({ upTo: 1n });
  await feed.next();
  expect(await feed.next(1)).toBeUndefined();
});

test('ends with the reason of its signal, also while someone waits', async () => {
  const { feed, running } = feedOf({ upTo: 0n });
  const waiting = feed.next();
  running.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(feed.next()).rejects.toThrow('enough');
});

test('delivers what comes before an event that cannot be read, then fails for ever', async () => {
  const projection: Projection = {
    ...journal,
    changesOf(recorded) {
      if (recorded.position === 3n) throw new Error('what is this?');
      return journal.changesOf(recorded);
    },
  };
  const { feed } = feedOf({ upTo: 5n, projection });
  await nextTurn();
  const arrived = await feed.next();
  expect(arrived?.position).toBe(2n);
  expect(arrived?.changes.get(journalTable)).toHaveLength(2);
  await expect(feed.next()).rejects.toThrow('cannot read event');
  await expect(feed.next()).rejects.toThrow('cannot read event');
});

/** What happens, in order, when batches of these sizes are taken from a log with rests. */
async function courseOf(sizes: readonly number[]): Promise<string[]> {
  const course: string[] = [];
  const log = {
    async *subscribe(): AsyncGenerator<Batch> {
      for (const size of sizes) yield { events: Array(size).fill(event(1n)), position: 1n };
    },
  };
  const rest = async () => void course.push('rest');
  const batches = paced(log, rest).subscribe(0n, { prefixes: ['coach-'] }, new AbortController().signal);
  for await (const { events } of batches) course.push(`${events.length} events`);
  return course;
}

test('rests after a small batch, once it has been taken', async () => {
  expect(await courseOf([3, 0])).toEqual(['3 events', 'rest', '0 events', 'rest']);
});

test('does not rest while the log comes in large batches', async () => {
  expect(await courseOf([1_000, 1_000, 7])).toEqual(['1000 events', '1000 events', '7 events', 'rest']);
});
