import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewEvent, RecordedEvent, StreamFilter } from '../../src/event-store/event-store.js';
import { createTail } from '../../src/event-store/postgres/tail.js';
import { anEvent, asRead } from '../support/event-store-samples.js';

const ALL: StreamFilter = { prefixes: [''] };

/** A log that this process and others append to, and this process's tail of it. */
function openLog() {
  const log: RecordedEvent[] = [];
  const tail = createTail();
  let reads = 0;

  function write(stream: string, events: readonly NewEvent[]): void {
    for (const event of events) {
      const revision = BigInt(log.filter((other) => other.stream === stream).length);
      log.push({ ...asRead(event), stream, revision, position: BigInt(log.length + 1), recordedAt: 7 });
    }
  }

  return {
    log,
    tail,
    get reads() {
      return reads;
    },
    appendHere(...appends: [stream: string, events: readonly NewEvent[]][]) {
      const head = BigInt(log.length);
      const results = appends.map(([stream, events]) => {
        write(stream, events);
        const { revision, position } = log.at(-1)!;
        return { outcome: 'appended', revision, position } as const;
      });
      const sent = appends.map(([stream, events]) => ({ stream, expected: 'any' as const, events }));
      tail.add(sent, { results, head, recordedAt: 7 });
    },
    appendElsewhere: write,
    /** A subscription, which reads from the log in pages of a hundred. */
    follow(from = 0n, filter = ALL) {
      return tail.follow(from, filter, async (after) => {
        reads += 1;
        const page = log.slice(Number(after), Number(after) + 100);
        const position = after + BigInt(page.length);
        const events = page.filter(({ stream }) => filter.prefixes.some((prefix) => stream.startsWith(prefix)));
        return { events, position, head: BigInt(log.length) };
      });
    },
  };
}

/** With the accessors read, to be compared. */
const plain = (events: readonly RecordedEvent[]) =>
  events.map(({ id, type, data, metadata, stream, revision, position, recordedAt }) => {
    return { id, type, data, metadata, stream, revision, position, recordedAt };
  });

const someEvents = (count: number) => Array.from({ length: count }, (_, number) => anEvent({ number }));

test('what this process appends is not read from the log', async () => {
  const world = openLog();
  const { readPage } = world.follow();
  expect(await readPage(0n)).toEqual({ events: [], position: 0n, head: 0n });
  world.appendHere(['a', someEvents(2)], ['b', someEvents(1)]);
  world.appendHere(['a', someEvents(1)]);
  const page = await readPage(0n);
  expect(page).toMatchObject({ position: 4n, head: 4n });
  expect(plain(page.events)).toEqual(plain(world.log));
  expect(world.reads).toBe(1);
});

test('what another process appended in between is read from the log, and nothing passes it', async () => {
  const world = openLog();
  const { readPage } = world.follow();
  world.appendHere(['a', someEvents(1)]);
  world.appendElsewhere('b', someEvents(1));
  world.appendHere(['a', someEvents(1)]);
  expect(await readPage(0n)).toMatchObject({ events: [{ position: 1n }], position: 1n });
  expect(world.reads).toBe(0);
  expect(await readPage(1n)).toMatchObject({ events: [{ position: 2n }, { position: 3n }], position: 3n });
});

test('an append that was there already, or does not fit, is not delivered again', async () => {
  const world = openLog();
  const { readPage } = world.follow();
  world.appendElsewhere('b', someEvents(3));
  const events = someEvents(1);
  const sent = ['b', 'a', 'c'].map((stream) => ({ stream, expected: -1n, events }));
  world.log.push({ ...asRead(events[0]!), stream: 'c', revision: 0n, position: 4n, recordedAt: 7 });
  world.tail.add(sent, {
    results: [
      { outcome: 'appended', revision: 0n, position: 1n },
      { outcome: 'conflict', actual: 5n },
      { outcome: 'appended', revision: 0n, position: 4n },
    ],
    head: 3n,
    recordedAt: 7,
  });
  expect(plain((await readPage(3n)).events)).toEqual(plain(world.log.slice(3)));
  expect(world.reads).toBe(0);
});

test('after a hint of another process a page does not count as the end before the log was read', async () => {
  const world = openLog();
  const { readPage } = world.follow();
  await readPage(0n);
  world.appendHere(['a', someEvents(1)]);
  world.tail.noteOthers();
  expect(await readPage(0n)).toMatchObject({ position: 1n, head: 2n });
  expect(await readPage(1n)).toMatchObject({ position: 1n, head: 1n });
  world.appendHere(['a', someEvents(1)]);
  expect(await readPage(1n)).toMatchObject({ position: 2n, head: 2n });
});

test('a hint that comes while the log is read counts for the next page', async () => {
  const world = openLog();
  let finish = () => {};
  const { readPage } = world.tail.follow(0n, ALL, async (position) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return { events: [], position, head: position };
  });
  const reading = readPage(0n);
  world.tail.noteOthers();
  finish();
  await reading;
  world.appendHere(['a', someEvents(1)]);
  expect(await readPage(0n)).toMatchObject({ position: 1n, head: 2n });
});

test.each([
  ['events', () => someEvents(500)],
  ['characters', () => Array.from({ length: 10 }, () => anEvent({ text: 'x'.repeat(100_000) }))],
])('a subscription that is too many %s behind reads them from the log, and misses none', async (_, more) => {
  const world = openLog();
  const { readPage } = world.follow();
  for (let nr = 0; nr < 12; nr += 1) world.appendHere(['a', more()]);
  const seen: RecordedEvent[] = [];
  for (let position = 0n; position < BigInt(world.log.length); ) {
    const page = await readPage(position);
    seen.push(...page.events);
    position = page.position;
  }
  expect(world.reads).toBeGreaterThan(0);
  expect(plain(seen)).toEqual(plain(world.log));
});

test('nothing is kept without a subscription, nor once all have had it', async () => {
  const world = openLog();
  world.appendHere(['a', someEvents(1)]);
  const { readPage, stop } = world.follow();
  await readPage(0n);
  expect(world.reads).toBe(1);

  world.appendHere(['a', someEvents(1)]);
  await readPage(2n);
  await readPage(1n);
  expect(world.reads).toBe(3);

  world.appendHere(['a', someEvents(1)]);
  stop();
  await world.follow(2n).readPage(2n);
  expect(world.reads).toBe(4);
});

/** What happens to a log, and which of two subscriptions reads. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('here' as const),
        sizes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('elsewhere' as const), size: fc.integer({ min: 1, max: 150 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('hint' as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), by: fc.nat({ max: 1 }) }) },
  ),
  { maxLength: 60 },
);

test('property: two subscriptions with filters of their own miss nothing, double nothing and keep the order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat({ max: 20 }), async (taken, start) => {
      const world = openLog();
      world.appendElsewhere('a0', someEvents(20));
      const filters = [{ prefixes: ['a'] }, { prefixes: ['b', 'a1'] }];
      const followers = filters.map((filter, nr) => {
        const from = BigInt(nr === 0 ? 0 : start);
        return { ...world.follow(from, filter), filter, from, position: from, seen: [] as RecordedEvent[] };
      });
      const read = async (by: number) => {
        const follower = followers[by]!;
        const page = await follower.readPage(follower.position);
        expect(page.position).toBeGreaterThanOrEqual(follower.position);
        follower.position = page.position;
        follower.seen.push(...page.events);
      };
      for (const step of taken) {
        if (step.kind === 'here') {
          world.appendHere(
            ...step.sizes.map((size, nr) => [`${'ab'[nr % 2]}${nr}`, someEvents(size)] as [string, NewEvent[]]),
          );
        } else if (step.kind === 'elsewhere') world.appendElsewhere('a1', someEvents(step.size));
        else if (step.kind === 'hint') world.tail.noteOthers();
        else await read(step.by);
      }
      for (const [by, follower] of followers.entries()) {
        while (follower.position < BigInt(world.log.length)) await read(by);
        const wanted = world.log.filter(({ position, stream }) => {
          return position > follower.from && follower.filter.prefixes.some((prefix) => stream.startsWith(prefix));
        });
        expect(plain(follower.seen)).toEqual(plain(wanted));
      }
    }),
  );
});
