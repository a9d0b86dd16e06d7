import {
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  StoreOutOfOrder,
  StoreUnavailable,
  type StreamAppend,
} from '../event-store/event-store.js';
import { CannotCopy } from './cannot-copy.js';

/** The bounds of one append. KurrentDB accepts a megabyte by default. */
const MOST_EVENTS = 500;
const MOST_BYTES = 500_000;

/** Joins events, up to the bounds of an append. */
export async function* packsOf(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent[]> {
  let pack: RecordedEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    const size = Buffer.byteLength(JSON.stringify([event.data, event.metadata]));
    if (pack.length > 0 && (pack.length >= MOST_EVENTS || bytes + size > MOST_BYTES)) {
      yield pack;
      pack = [];
      bytes = 0;
    }
    pack.push(event);
    bytes += size;
  }
  if (pack.length > 0) yield pack;
}

/**
 * Appends the events in their order, at once if the target can, so that one commit is enough. What is there already
 * counts as appended. Throws `CannotCopy` when another process writes to the target, or the target refuses an event, and
 * `StoreUnavailable`.
 */
export async function appendPack(to: EventStore, pack: readonly RecordedEvent[]): Promise<void> {
  const appends = appendsOf(pack);
  if (appends.length > 1 && (await appendAll(to, appends))) return;
  // In a target that takes one append at a time, or to find the one that the target refuses.
  for (const append of appends) await appendOne(to, append);
}

async function appendAll(to: EventStore, appends: readonly StreamAppend[]): Promise<boolean> {
  try {
    return (await to.appendAll?.(appends)) ?? false;
  } catch (error) {
    if (isToTryAgain(error)) throw error;
    return false;
  }
}

/** An append for each run of events of one stream, in order. */
function appendsOf(pack: readonly RecordedEvent[]): readonly StreamAppend[] {
  const appends: (StreamAppend & { readonly events: NewEvent[] })[] = [];
  for (const { stream, revision, id, type, data, metadata } of pack) {
    if (appends.at(-1)?.stream !== stream) appends.push({ stream, expected: revision - 1n, events: [] });
    appends.at(-1)!.events.push({ id, type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) });
  }
  return appends;
}

async function appendOne(to: EventStore, { stream, expected, events }: StreamAppend): Promise<void> {
  const revision = expected + 1n;
  const result = await to.append(stream, expected, events).catch((error: unknown) => {
    if (isToTryAgain(error)) throw error;
    const { message } =
      error instanceof StoreOutOfOrder && error.cause instanceof Error ? error.cause : (error as Error);
    const sentence = `The target refuses the events of stream ${stream} from revision ${revision} on: ${message}`;
    throw new CannotCopy(sentence, { cause: error });
  });
  if (result.outcome === 'appended') return;
  throw new CannotCopy(
    `Stream ${stream} of the target is at revision ${result.actual}, but the source's next event has revision ${revision}. ` +
      'Nobody may write to the target during the copy.',
  );
}

/** A target that refuses what is right does so until somebody mends it: nothing to wait for. */
function isToTryAgain(error: unknown): boolean {
  return error instanceof StoreUnavailable && !(error instanceof StoreOutOfOrder);
}
