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

/** An append, and what its caller was told of it in the end. */
interface Told {
  readonly stream: string;
  readonly ids: readonly string[];
  /** `'unavailable'`: it may have happened or not. */
  readonly result: AppendResult | 'unavailable';
}

/**
 * Appends one to three events so many times, from 64 writers who race for the revisions of a few streams. Resolves when every
 * writer was told something each time; rejects when one was told anything but an outcome or `StoreUnavailable`.
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
      // With the same revision it may be asked again, and the answer holds for the first time too.
      if (result === 'unavailable' && expected !== 'any') result = await tell(stream, expected, sent);
      if (result !== 'unavailable') known.set(stream, result.outcome === 'appended' ? result.revision : result.actual);
      told.push({ stream, ids: sent.map(({ id }) => id), result });
    }
  }
  await Promise.all(Array.from({ length: 64 }, write));
  return told;
}

/**
 * Checks the streams against what the writers were told: what was acknowledged is there once, where it was acknowledged, what conflicted is
 * not there, and what nobody knew of is there once or not at all, whole. Resolves to the events in the order of the log.
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
