import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import {
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  type Revision,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import { readAll } from '../support/event-store-follow.js';
import { aStream, events } from '../support/event-store-samples.js';

/** An append, and the last answer that its caller got. */
interface Told {
  readonly stream: string;
  readonly ids: readonly string[];
  /** `'unavailable'`: the events may have been written or not. */
  readonly result: AppendResult | 'unavailable';
}

/**
 * Makes as many appends as `times` says, of one to three events each, from 64 writers who race for the revisions of a
 * few streams. Resolves when every append was answered. Rejects when an answer is neither an outcome nor
 * `StoreUnavailable`.
 * @param prefix of the streams
 */
export async function appendManyTimes(store: EventStore, times: number, prefix: string): Promise<Told[]> {
  const streams = Array.from({ length: 40 }, () => aStream(prefix));
  const known = new Map<string, Revision>();
  const told: Told[] = [];
  let left = times;

  async function tell(stream: string, expected: ExpectedRevision, sent: readonly NewEvent[]): Promise<Told['result']> {
    try {
      return await store.append(stream, expected, sent);
    } catch (error) {
      if (error instanceof StoreUnavailable) return 'unavailable';
      throw error;
    }
  }

  async function write(): Promise<void> {
    while (left-- > 0) {
      const stream = streams[randomInt(streams.length)]!;
      const expected = randomInt(10) === 0 ? 'any' : (known.get(stream) ?? NO_STREAM);
      const sent = events(1 + randomInt(3));
      let result = await tell(stream, expected, sent);
      // An append at an exact revision may be repeated, and the answer holds for the first attempt too.
      if (result === 'unavailable' && expected !== 'any') result = await tell(stream, expected, sent);
      if (result !== 'unavailable') known.set(stream, result.outcome === 'appended' ? result.revision : result.actual);
      told.push({ stream, ids: sent.map(({ id }) => id), result });
    }
  }
  await Promise.all(Array.from({ length: 64 }, write));
  return told;
}

/**
 * The store, with a fault after every `answersPerFault` answers to appends. The faults follow the work and not the
 * clock, so that a slow machine sees as many.
 * @param fault called with the number of the fault, from 0
 */
export function withFaults(store: EventStore, answersPerFault: number, fault: (nr: number) => unknown): EventStore {
  let answers = 0;
  return {
    ...store,
    append: (...append) =>
      store.append(...append).finally(() => {
        answers += 1;
        if (answers % answersPerFault === 0) fault(answers / answersPerFault - 1);
      }),
  };
}

/**
 * Checks the streams against the answers: acknowledged events are there once, at the acknowledged place; events in
 * conflict are not there; events without an answer are there once, whole, or not at all. Resolves to the events in the
 * order of the log.
 */
export async function expectWhatWasTold(store: EventStore, told: readonly Told[]): Promise<RecordedEvent[]> {
  const names = [...new Set(told.map(({ stream }) => stream))];
  const streams = await Promise.all(names.map((name) => readWhenItAnswers(store, name)));
  for (const stream of streams) expect(stream.map(({ revision }) => revision)).toEqual(stream.map((_, i) => BigInt(i)));
  const log = streams.flat().toSorted((a, b) => (a.position < b.position ? -1 : 1));
  const places = new Map(log.map((event) => [event.id, event]));
  expect(places.size).toBe(log.length);

  const wrong = told.filter(({ ids, result }) => {
    const found = ids.flatMap((id) => places.get(id) ?? []);
    const isThere =
      found.length === ids.length && found.every((event, i) => event.revision === found[0]!.revision + BigInt(i));
    if (result === 'unavailable') return !isThere && found.length > 0;
    if (result.outcome === 'conflict') return found.length > 0;
    const { revision, position } = found.at(-1) ?? {};
    return !isThere || revision !== result.revision || position !== result.position;
  });
  expect(wrong).toEqual([]);
  const sent = new Set(told.flatMap(({ ids }) => ids));
  expect(log.filter(({ id }) => !sent.has(id))).toEqual([]);
  return log;
}

/** The store may still be recovering. */
async function readWhenItAnswers(store: EventStore, stream: string): Promise<RecordedEvent[]> {
  for (;;) {
    try {
      return await readAll(store, stream);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
