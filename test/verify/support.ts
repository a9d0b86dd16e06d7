import type { EventStore, JsonObject, RecordedEvent } from '../../src/event-store/event-store.js';
import { auditLog, type LogCounts } from '../../src/verify/audit-log.js';
import { collectFaults, lineOf } from '../../src/verify/faults.js';

/** An event as a hand writes it: its data are protobuf JSON, without the package in its type. */
export interface HandMade {
  readonly stream: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata?: JsonObject;
}

/** The events as a log has them: places and ids in order. */
export function recordedInOrder(events: readonly HandMade[]): RecordedEvent[] {
  const revisions = new Map<string, bigint>();
  return events.map(({ stream, type, data, metadata = {} }, index) => {
    const revision = (revisions.get(stream) ?? -1n) + 1n;
    revisions.set(stream, revision);
    return {
      id: uuid(index + 1),
      stream,
      type: type.includes('.') ? type : `aceup.scheduler.v1.${type}`,
      data,
      metadata,
      revision,
      position: BigInt(index + 1),
      recordedAt: 0,
    };
  });
}

/** An id by its number. */
export function uuid(nr: number): string {
  return `00000000-0000-7000-8000-${nr.toString(16).padStart(12, '0')}`;
}

/** What an audit finds in a log that has these events, as lines, and what it counts. */
export async function auditOf(
  log: readonly RecordedEvent[],
  { isShared = false } = {},
): Promise<{ faults: string[]; counts: LogCounts }> {
  const faults = collectFaults(20);
  const end = log.at(-1)?.position ?? 0n;
  const store = storeOf(log);
  const counts = await auditLog({ store, isShared, end, faults, signal: new AbortController().signal });
  return { faults: faults.first.map(lineOf), counts };
}

/** A store that has these events, and nothing but what an audit needs. */
export function storeOf(log: readonly RecordedEvent[]): EventStore {
  return {
    async *subscribe() {
      yield { events: log, position: log.at(-1)?.position ?? 0n };
    },
  } as Partial<EventStore> as EventStore;
}
