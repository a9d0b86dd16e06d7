import { createHash } from 'node:crypto';
import type { Json, RecordedEvent } from '../event-store/event-store.js';

/** A summary of a log: two logs with equal digests have the same events in the same order. */
export interface LogDigest {
  readonly streams: Map<string, StreamDigest>;
  /** Of all events in the order of the log. */
  whole: Buffer;
}

/** A stream's number of events, and a digest of their ids, types, data and metadata in their order. */
export interface StreamDigest {
  readonly events: number;
  readonly digest: Buffer;
}

const NOTHING: StreamDigest = { events: 0, digest: Buffer.alloc(0) };

/** The digest of a log without events. */
export function emptyDigest(): LogDigest {
  return { streams: new Map(), whole: NOTHING.digest };
}

/** Adds the log's next event to the digest. */
export function digestEvent(log: LogDigest, event: RecordedEvent): void {
  const { stream, id, type, revision, data, metadata } = event;
  const { events, digest } = log.streams.get(stream) ?? NOTHING;
  const next = chained(digest, canonical([stream, id, type, String(revision), data, metadata]));
  log.streams.set(stream, { events: events + 1, digest: next });
  log.whole = chained(log.whole, next);
}

/** The names of the streams in which two logs differ, sorted. */
export function differingStreams(one: LogDigest, other: LogDigest): string[] {
  const names = new Set([...one.streams.keys(), ...other.streams.keys()]);
  return [...names]
    .filter((name) => {
      const [a, b] = [one.streams.get(name) ?? NOTHING, other.streams.get(name) ?? NOTHING];
      return a.events !== b.events || !a.digest.equals(b.digest);
    })
    .sort();
}

function chained(previous: Buffer, content: string | Buffer): Buffer {
  return createHash('sha256').update(previous).update(content).digest();
}

/** JSON with its members sorted by name: a store may keep them in an order of its own. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name]!)}`)}}`;
}
