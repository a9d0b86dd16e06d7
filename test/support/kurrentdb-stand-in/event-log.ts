import { createBell } from '../../../src/waiting.js';

/**
 * An event as the log keeps it. Its position is commit and prepare position at once, as for all events that came by
 * gRPC.
 */
export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly created: Date;
}

/** An event to write. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** The revision that a stream must have, -1 for none, or that it only must exist. */
export type Expected = bigint | 'any' | 'exists';

/** What the log says to a write. */
export type WriteOutcome =
  /**
   * Written, now or before: an answer may be given once the log is committed. Revision and position are those of the
   * last event.
   */
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  /** The same events are being written. A node that is asked at this moment waits for a commit that it never sees. */
  | { readonly kind: 'beingWritten' }
  | { readonly kind: 'wrongVersion'; readonly current: bigint }
  | { readonly kind: 'deleted' };

/** The log of a node. What is written is readable, in order and for everyone, once it is committed. */
export interface EventLog {
  write(stream: string, expected: Expected, events: readonly ProposedEvent[]): WriteOutcome;
  /** Hides the events that the stream has; the next one follows them. */
  hide(stream: string, expected: Expected): WriteOutcome;
  /** Ends the stream for ever. */
  tombstone(stream: string, expected: Expected): WriteOutcome;
  commit(): void;
  /** Loses what is not committed, and what is only kept in memory. */
  crash(): void;
  /** Starts again, as on an empty disk. */
  erase(): void;
  /** Resolves at the next commit, or when the signal aborts. */
  nextCommit(signal: AbortSignal): Promise<void>;

  /** The number of readable events. */
  readonly length: number;
  /** The readable event with this number, from 0. */
  at(index: number): StoredEvent | undefined;
  /**
   * The number of the first readable event at or after a position; `undefined` when there is one after it, but no event
   * begins at it.
   */
  indexOf(position: bigint): number | undefined;
  /** The readable events of a stream, also none; `undefined` when it does not exist. */
  stream(name: string): readonly StoredEvent[] | undefined;
  isTombstoned(stream: string): boolean;
}

/** Bytes that a record takes besides its content. */
const OVERHEAD = 100;

export function createEventLog(): EventLog {
  const all: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const hidden = new Map<string, number>();
  const tombstoned = new Set<string>();
  const committed = createBell();
  let recent = new Map<string, StoredEvent>();
  let length = 0;
  // A record that is no event comes first.
  let nextPosition = BigInt(OVERHEAD);

  const written = (event: StoredEvent): WriteOutcome =>
    isCommitted(event)
      ? { kind: 'written', revision: event.revision, position: event.position }
      : { kind: 'beingWritten' };

  const isCommitted = ({ position }: StoredEvent) => position <= (all[length - 1]?.position ?? -1n);

  function put(stream: string, events: readonly ProposedEvent[]): WriteOutcome {
    const before = streams.get(stream) ?? [];
    streams.set(stream, before);
    for (const event of events) {
      const stored = { ...event, stream, revision: BigInt(before.length), position: nextPosition, created: new Date() };
      nextPosition += BigInt(OVERHEAD + stream.length + event.data.length + event.metadata.length);
      before.push(stored);
      all.push(stored);
      recent.set(event.id, stored);
    }
    const { revision, position } = before.at(-1)!;
    return { kind: 'written', revision, position };
  }

  /** What stands in the way of a write, or shows that it has happened. */
  function check(stream: string, expected: Expected, ids: readonly string[]): WriteOutcome | undefined {
    if (tombstoned.has(stream)) return { kind: 'deleted' };
    const events = streams.get(stream) ?? [];
    const current = BigInt(events.length) - 1n;
    const wrongVersion = { kind: 'wrongVersion', current } as const;
    if (expected === 'any' || expected === 'exists') {
      if (expected === 'exists' && current < 0n) return wrongVersion;
      const known = ids.map((id) => recent.get(id)).map((event) => (event?.stream === stream ? event : undefined));
      if (!known[0]) return undefined;
      return known.includes(undefined) ? wrongVersion : written(known.at(-1)!);
    }
    if (expected === current) return undefined;
    if (expected > current) return wrongVersion;
    const there = events.slice(Number(expected) + 1, Number(expected) + 1 + ids.length);
    if (ids.length > 0 && ids.every((id, i) => there[i]?.id === id)) return written(there.at(-1)!);
    return expected === -1n && hidden.get(stream) === events.length ? undefined : wrongVersion;
  }

  const system = (type: string) => [
    {
      id: crypto.randomUUID(),
      type,
      contentType: 'application/json',
      data: Buffer.from('{}'),
      metadata: Buffer.from(''),
    },
  ];
  const begin = () => {
    put('$$$scavenges', system('$metadata'));
    length = all.length;
  };
  begin();

  return {
    write: (stream, expected, events) =>
      check(
        stream,
        expected,
        events.map(({ id }) => id),
      ) ?? put(stream, events),
    hide: (stream, expected) => {
      const obstacle = check(stream, streams.has(stream) ? expected : 'exists', []);
      if (obstacle) return obstacle;
      hidden.set(stream, streams.get(stream)!.length);
      return put(`$$${stream}`, system('$metadata'));
    },
    tombstone: (stream, expected) => {
      const obstacle = check(stream, expected, []);
      if (obstacle) return obstacle;
      const outcome = put(stream, system('$streamDeleted'));
      tombstoned.add(stream);
      return outcome;
    },
    commit: () => {
      if (length === all.length) return;
      length = all.length;
      committed.ring();
    },
    crash: () => {
      for (const { stream, position } of all.splice(length).reverse()) {
        streams.get(stream)?.pop();
        nextPosition = position;
      }
      recent = new Map();
    },
    erase: () => {
      for (const memory of [streams, hidden, tombstoned, recent]) memory.clear();
      all.length = 0;
      begin();
    },
    nextCommit: (signal) => committed.wait(undefined, signal),
    get length() {
      return length;
    },
    at: (index) => (index < length ? all[index] : undefined),
    indexOf: (position) => {
      let [low, high] = [0, length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (all[middle]!.position < position) low = middle + 1;
        else high = middle;
      }
      return low === length || all[low]!.position === position ? low : undefined;
    },
    stream: (name) => {
      const events = streams.get(name)?.filter(isCommitted) ?? [];
      const readable = events.slice(hidden.get(name) ?? 0);
      return events.length === 0 || (hidden.has(name) && readable.length === 0) ? undefined : readable;
    },
    isTombstoned: (name) => tombstoned.has(name),
  };
}
