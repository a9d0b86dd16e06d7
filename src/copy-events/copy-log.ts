import type { Logger } from 'pino';
import { whenReachable } from '../databases.js';
import {
  type EventStore,
  type Position,
  type RecordedEvent,
  START,
  type StreamFilter,
} from '../event-store/event-store.js';
import { appendPack, packsOf } from './append-pack.js';
import { CannotCopy } from './cannot-copy.js';
import { differingStreams, digestEvent, emptyDigest, type LogDigest } from './log-digest.js';

/** What to copy, and where to report progress. */
export interface CopyParts {
  readonly from: EventStore;
  readonly to: EventStore;
  /** The streams to copy. Other streams of the target are ignored. */
  readonly streams: StreamFilter;
  readonly log: Logger;
  /** Stops the copying. The next call continues where this one stopped. */
  readonly signal: AbortSignal;
  /** Called after every step forward. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far the copying has come. */
export interface Progress {
  readonly step: 'comparing what is there' | 'copying' | 'verifying';
  /** Events processed in this step and the steps before it; while verifying, in this step alone. */
  readonly events: number;
  /** The part of the log that was processed, 0 to 1. */
  readonly part: number;
}

/** A finished copy: both logs have the same events in the same order. */
export interface Copy {
  /** Events that the target had before. */
  readonly found: number;
  readonly copied: number;
  readonly streams: number;
}

/** The most stream names in one message. */
const MOST_NAMES = 20;

/**
 * Copies a log, as it is at the call, into a store that has none of its streams, or the beginning of the same log. Ids,
 * types, data, metadata, revisions and the order of the whole log stay; positions and times of recording are the
 * target's own. At the end it reads the whole target and compares it with the source.
 *
 * Throws `CannotCopy` when the target has other events, when another process writes to it, or when the copy differs;
 * the signal's reason; and `StoreUnavailable` when a store is unavailable at the start, or while heads are read. While
 * it copies, it waits for a store that becomes unavailable.
 */
export async function copyLog(parts: CopyParts): Promise<Copy> {
  const { from, to, streams, log, signal, onProgress } = parts;
  const end = await from.head();
  const source = eventsUpTo(from, streams, end, signal);
  const original = emptyDigest();
  let events = 0;
  let found = 0;

  function passed(step: Progress['step'], ...run: RecordedEvent[]): void {
    for (const event of run) digestEvent(original, event);
    events += run.length;
    onProgress?.({ step, events, part: partOf(run.at(-1)!.position, end) });
  }

  try {
    for await (const there of eventsUpTo(to, streams, await to.head(), signal)) {
      const { value: expected } = await source.next();
      if (!expected) {
        throw new CannotCopy(
          `The target has more events than the source: ${there.id} in stream ${there.stream} is the first.`,
        );
      }
      if (!isSame(expected, there)) {
        throw new CannotCopy(
          `The target's events differ from the source's: event number ${events + 1} is ${there.id} in stream ${there.stream}, ` +
            `where the source has ${expected.id} in stream ${expected.stream}. Nothing was copied. Copy to an empty store.`,
        );
      }
      passed('comparing what is there', expected);
    }
    found = events;

    for await (const pack of packsOf(source)) {
      signal.throwIfAborted();
      // One after the other, so that the order of the whole log stays.
      await whenReachable('target', () => appendPack(to, pack), { log, signal });
      passed('copying', ...pack);
    }
  } finally {
    await source.return(undefined);
  }

  verify(original, await digestOf(parts));
  return { found, copied: events - found, streams: original.streams.size };
}

/** The events of the streams at or before a position, in order. */
async function* eventsUpTo(
  store: EventStore,
  streams: StreamFilter,
  end: Position,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent, undefined> {
  if (end === START) return;
  for await (const { events, position } of store.subscribe(START, streams, signal)) {
    for (const event of events) {
      signal.throwIfAborted();
      if (event.position > end) return;
      yield event;
    }
    if (position >= end) return;
  }
  signal.throwIfAborted();
}

function isSame(a: RecordedEvent, b: RecordedEvent): boolean {
  return a.id === b.id && a.stream === b.stream && a.revision === b.revision;
}

async function digestOf({ to, streams, signal, onProgress }: CopyParts): Promise<LogDigest> {
  const digest = emptyDigest();
  const end = await to.head();
  let events = 0;
  for await (const event of eventsUpTo(to, streams, end, signal)) {
    digestEvent(digest, event);
    events += 1;
    onProgress?.({ step: 'verifying', events, part: partOf(event.position, end) });
  }
  return digest;
}

function verify(original: LogDigest, copy: LogDigest): void {
  const differing = differingStreams(original, copy);
  if (differing.length > 0) {
    const more = differing.length > MOST_NAMES ? ` and ${differing.length - MOST_NAMES} more` : '';
    const names = differing.slice(0, MOST_NAMES).join(', ');
    throw new CannotCopy(`The copy differs from the source in these streams: ${names}${more}.`);
  }
  if (!original.whole.equals(copy.whole)) {
    throw new CannotCopy('Every stream is the same in both stores, but the order of the whole log is not.');
  }
}

function partOf(position: Position, end: Position): number {
  return Number(position) / Number(end);
}
