import pino from 'pino';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Copy, type CopyParts, copyLog } from '../../src/copy-events/copy-log.js';
import { type EventStore, type RecordedEvent, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { follow } from '../support/event-store-follow.js';
import { openTestEventStore } from '../support/event-store-postgres.js';
import { anEvent, aPrefix, events } from '../support/event-store-samples.js';

const log = pino({ level: 'silent' });

async function openPostgres(): Promise<EventStore> {
  const { store, close } = await openTestEventStore();
  onTestFinished(close);
  return store;
}

async function openKurrentdb(): Promise<EventStore> {
  const store = await openEventStore(process.env['KURRENTDB_URL']!, log);
  onTestFinished(store.close);
  return store;
}

const pairs = [{ name: 'Postgres to Postgres', openFrom: openPostgres, openTo: openPostgres }];
if (process.env['KURRENTDB_URL']) {
  pairs.push({ name: 'Postgres to KurrentDB', openFrom: openPostgres, openTo: openKurrentdb });
  pairs.push({ name: 'KurrentDB to Postgres', openFrom: openKurrentdb, openTo: openPostgres });
}

describe.each(pairs)('from $name', ({ openFrom, openTo }) => {
  let from: EventStore;
  let to: EventStore;
  /** The prefix of this test's streams: other tests may use the same KurrentDB. */
  let prefix: string;

  beforeEach(async () => {
    [from, to, prefix] = [await openFrom(), await openTo(), aPrefix()];
  });

  function copy(parts: Partial<CopyParts> = {}): Promise<Copy> {
    const signal = new AbortController().signal;
    return copyLog({ from, to, streams: { prefixes: [prefix] }, log, signal, ...parts });
  }

  /** Appends 60 events, one to three at a time, to one stream after the other. */
  async function fill(store: EventStore): Promise<void> {
    for (let nr = 0; nr < 30; nr += 1) await store.append(`${prefix}${nr % 7}`, 'any', events(1 + (nr % 3)));
  }

  /** The target, as one that takes one append at a time. */
  const oneAtATime = (): EventStore => ({ ...to, appendAll: undefined });

  /** All events in the order of the log, without the position and time that each store gives. */
  async function contentOf(store: EventStore): Promise<Omit<RecordedEvent, 'position' | 'recordedAt'>[]> {
    const head = await store.head();
    if (head === START) return [];
    const follower = follow(store, START, prefix);
    await follower.until(() => follower.position >= head);
    await follower.stop();
    return follower.events.map(({ position: _, recordedAt: __, ...content }) => content);
  }

  test('all events arrive with their ids, content and revisions, in the order of the whole log', async () => {
    await fill(from);
    expect(await copy()).toEqual({ found: 0, copied: 60, streams: 7 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('whatever JSON can carry arrives and is verified, however the store orders its members', async () => {
    const data = {
      z: 1,
      a: { y: [null, true, 1.5e-7, { c: '🙂', b: '"\\' }], x: -0.1 },
      '': 'ö',
      10: 'ten',
      9: 'nine',
    };
    await from.append(`${prefix}a`, 'any', [anEvent(data, { 'b c': [], a: {} })]);
    await copy();
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('more than one append may carry arrives whole', async () => {
    await from.append(`${prefix}many`, 'any', events(700));
    for (let nr = 0; nr < 3; nr += 1)
      await from.append(`${prefix}large`, 'any', [anEvent({ text: 'x'.repeat(300_000) })]);
    expect(await copy()).toMatchObject({ copied: 703 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('a copy continues where it was stopped', async () => {
    await fill(from);
    // More than one append takes.
    for (let nr = 0; nr < 2; nr += 1)
      await from.append(`${prefix}large`, 'any', [anEvent({ text: 'x'.repeat(300_000) })]);
    const stopping = new AbortController();
    const reason = new Error('enough');
    const stopped = copy({
      signal: stopping.signal,
      onProgress: ({ events: passed }) => {
        if (passed >= 20) stopping.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    const { length: there } = await contentOf(to);
    expect(there).toBeGreaterThanOrEqual(20);
    expect(there).toBeLessThan(62);

    expect(await copy()).toEqual({ found: there, copied: 62 - there, streams: 8 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('a second run copies the events added since the first', async () => {
    await fill(from);
    await copy();
    expect(await copy()).toMatchObject({ found: 60, copied: 0 });
    await from.append(`${prefix}0`, 'any', events(2));
    expect(await copy()).toMatchObject({ found: 60, copied: 2 });
  });

  test('a source without events copies nothing', async () => {
    expect(await copy()).toEqual({ found: 0, copied: 0, streams: 0 });
  });

  test('other streams are not copied', async () => {
    const other = aPrefix();
    await from.append(`${other}a`, 'any', events(3));
    await to.append(`${other}b`, 'any', events(3));
    await fill(from);
    expect(await copy()).toMatchObject({ found: 0, copied: 60 });
  });

  test('a target with other events is refused, and nothing is copied', async () => {
    await fill(from);
    await to.append(`${prefix}other`, 'any', events(1));
    await expect(copy()).rejects.toThrow(
      /^The target's events differ from the source's: event number 1 is .*Nothing was copied/,
    );
    expect(await contentOf(to)).toHaveLength(1);
  });

  test('a target with more events than the source is refused', async () => {
    await fill(from);
    await copy();
    await to.append(`${prefix}other`, 'any', events(1));
    await expect(copy()).rejects.toThrow(/^The target has more events than the source/);
  });

  test('an append whose answer is lost is made once', async () => {
    await fill(from);
    let answers = 0;
    const forgetful: EventStore = {
      ...oneAtATime(),
      append: async (...args) => {
        const result = await to.append(...args);
        answers += 1;
        if (answers === 5) throw new StoreUnavailable('the answer is lost');
        return result;
      },
    };
    await copy({ to: forgetful });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('events that the target refuses are named', async () => {
    await fill(from);
    const refuse = () => Promise.reject(new Error('too large'));
    const strict: EventStore = { ...to, append: refuse, appendAll: to.appendAll && refuse };
    await expect(copy({ to: strict })).rejects.toThrow(
      `The target refuses the events of stream ${prefix}0 from revision 0 on: too large`,
    );
  });

  describe('a target that another process writes to meanwhile', () => {
    function disturbed(intruder: string): EventStore {
      let appends = 0;
      return {
        ...oneAtATime(),
        append: async (...args) => {
          appends += 1;
          if (appends === 5) await to.append(intruder, 'any', events(1));
          return to.append(...args);
        },
      };
    }

    test('is noticed at the next event of that stream', async () => {
      await fill(from);
      await expect(copy({ to: disturbed(`${prefix}0`) })).rejects.toThrow('Nobody may write to the target');
    });

    test('is noticed at the end in another stream, and the error names the stream', async () => {
      await fill(from);
      const copied = copy({ to: disturbed(`${prefix}intruder`) });
      await expect(copied).rejects.toThrow(`The copy differs from the source in these streams: ${prefix}intruder.`);
    });
  });

  describe('verifying', () => {
    test('notices an event that was changed on the way, and names its stream', async () => {
      await fill(from);
      let appends = 0;
      const careless: EventStore = {
        ...oneAtATime(),
        append: (stream, expected, [first, ...rest]) => {
          appends += 1;
          return to.append(stream, expected, [appends === 10 ? { ...first!, data: '{"number":-1}' } : first!, ...rest]);
        },
      };
      await expect(copy({ to: careless })).rejects.toThrow(`in these streams: ${prefix}2.`);
    });

    test('notices a log in another order although every stream is the same', async () => {
      for (const name of ['a', 'b']) await from.append(`${prefix}${name}`, 'any', events(1));
      let first: Parameters<EventStore['append']> | undefined;
      const swapping: EventStore = {
        ...oneAtATime(),
        append: async (...args) => {
          const result = first
            ? await to.append(...args)
            : ({ outcome: 'appended', revision: 0n, position: 1n } as const);
          if (first) await to.append(...first);
          first ??= args;
          return result;
        },
      };
      await expect(copy({ to: swapping })).rejects.toThrow(/the order of the whole log is not/);
    });
  });
});
