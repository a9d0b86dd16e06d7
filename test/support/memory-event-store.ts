import {
  type AppendResult,
  type Batch,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type RecordedEvent,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import { createBell } from '../../src/waiting.js';
import { asRead } from './event-store-samples.js';

/** A log in memory. What is appended through one of its stores is there for all of them. */
export interface MemoryLog {
  /** Opens a store over the log, as a process would. */
  open(): EventStore;
}

/** An empty log. @param pageSize how many events come at a time, of a stream or of the log */
export function createMemoryLog(pageSize = 500): MemoryLog {
  const log: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const changed = createBell();

  function append(stream: string, expected: ExpectedRevision, sent: readonly NewEvent[]): AppendResult {
    if (sent.length === 0) throw new RangeError('an append needs an event');
    const there = streams.get(stream) ?? [];
    const at = expected === 'any' ? there.findIndex(({ id }) => id === sent[0]!.id) : Number(expected) + 1;
    const known = at === -1 ? [] : there.slice(at, at + sent.length);
    if (known.length === sent.length && known.every(({ id }, index) => id === sent[index]!.id)) {
      return { outcome: 'appended', revision: known.at(-1)!.revision, position: known.at(-1)!.position };
    }
    if (expected !== 'any' && at !== there.length) return { outcome: 'conflict', actual: BigInt(there.length - 1) };

    for (const event of sent) {
      const place = {
        stream,
        revision: BigInt(there.length),
        position: BigInt(log.length + 1),
        recordedAt: Date.now(),
      };
      const recorded = { ...asRead(event), ...place };
      there.push(recorded);
      log.push(recorded);
    }
    streams.set(stream, there);
    changed.ring();
    return { outcome: 'appended', revision: BigInt(there.length - 1), position: BigInt(log.length) };
  }

  /** Resolves when there is more in the log than up to the position, or something else may have changed. */
  function more(position: Position, signal: AbortSignal): Promise<void> {
    return BigInt(log.length) > position ? Promise.resolve() : changed.wait(undefined, signal);
  }

  function open(): EventStore {
    let closed = false;

    async function opened(): Promise<void> {
      if (closed) throw new StoreUnavailable('the store is closed');
    }

    return {
      async append(...args) {
        await opened();
        return append(...args);
      },

      tryAppend: opened,

      async *read(stream, from = 0n) {
        await opened();
        const events = streams.get(stream)?.slice(Number(from)) ?? [];
        for (let at = 0; at < events.length; at += pageSize) yield events.slice(at, at + pageSize);
      },

      async head() {
        await opened();
        return BigInt(log.length);
      },

      async *subscribe(from, { prefixes }, signal): AsyncGenerator<Batch, void> {
        for (let position = from; !signal.aborted; await more(position, signal)) {
          await opened();
          const page = log.slice(Number(position), Number(position) + pageSize);
          position += BigInt(page.length);
          const events = page.filter(({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix)));
          if (page.length > 0 || position === from) yield { events, position };
        }
      },

      async close() {
        closed = true;
        changed.ring();
      },
    };
  }

  return { open };
}
