import type {
  BookedSeries,
  Freshness,
  HistoryOf,
  HoldQueries,
  HoldRow,
  ListKey,
  SeriesQueries,
  SeriesSession,
  SessionChangeRow,
  SessionQueries,
} from '../../src/application/read-model.js';
import type { CoachEvent, SessionEvent } from '../../src/domain/coach/events.js';
import { holdAfter } from '../../src/domain/coach/hold.js';
import { sessionAfter } from '../../src/domain/coach/session.js';
import { SERVICE_STREAMS } from '../../src/domain/streams.js';
import { coachEvents, decodeMetadata } from '../../src/event-store/event-codec.js';
import type { EventStore } from '../../src/event-store/event-store.js';

/** Answers the handlers' questions, and is always up to date: every answer is made from the whole log. */
export interface MemoryReadModel {
  readonly sessions: SessionQueries;
  readonly history: HistoryOf;
  readonly holds: HoldQueries;
  readonly series: SeriesQueries;
  readonly freshness: Freshness;
}

interface CoachFact {
  readonly event: CoachEvent;
  readonly revision: number;
  readonly position: bigint;
  readonly metadata: ReturnType<typeof decodeMetadata>;
}

/** A read model over a store in memory. It ignores filters and `as_of`: lists have every session, as it is now. */
export function memoryReadModel(store: EventStore): MemoryReadModel {
  async function facts(): Promise<CoachFact[]> {
    const reading = new AbortController();
    const found: CoachFact[] = [];
    // The first batch from the start of a small log is the whole log.
    for await (const { events } of store.subscribe(0n, SERVICE_STREAMS, reading.signal)) {
      for (const recorded of events.filter(({ stream }) => stream.startsWith('coach-'))) {
        const revision = Number(recorded.revision);
        const { position } = recorded;
        found.push({ event: coachEvents.decode(recorded), revision, position, metadata: decodeMetadata(recorded) });
      }
      reading.abort();
    }
    return found;
  }

  async function changes(): Promise<SessionChangeRow[]> {
    return (await facts()).flatMap(({ event, revision, position, metadata }) => {
      if (!isOfSession(event)) return [];
      const { actor, subject, requestId, correlationId } = metadata;
      const session = sessionAfter(event, revision);
      const { updatedAt: decidedAt, reason } = session;
      const change = { type: event.type, revision, decidedAt, reason, offsetMinutes: undefined };
      return [{ ...change, actor, subject, requestId, correlationId, position, session }];
    });
  }

  async function list(after: ListKey | undefined, limit: number) {
    const latest = new Map((await changes()).map(({ session }) => [session.id, session]));
    return page([...latest.values()], ({ start, id }) => ({ time: start, id }), after, limit);
  }

  async function holds(): Promise<HoldRow[]> {
    const events = (await facts()).flatMap(({ event }) => ('holdId' in event ? [holdAfter(event)] : []));
    return [...new Map(events.map((hold) => [hold.id, hold])).values()];
  }

  async function series() {
    return (await facts()).flatMap(({ event }) => {
      if (event.type !== 'SeriesScheduled') return [];
      const { seriesId, skipped, type: _, ...booked } = event;
      return [{ ...booked, id: seriesId, skipped }];
    });
  }

  const get = async (id: string) => (await changes()).findLast(({ session }) => session.id === id)?.session;

  return {
    sessions: { get, list: (_filter, after, limit) => list(after, limit) },
    history: () => ({
      get,
      list: (_filter, _asOf, after, limit) => list(after, limit),
      changes: async (id, after = -1, limit) =>
        (await changes()).filter(({ session }) => session.id === id && session.revision > after).slice(0, limit),
    }),
    holds: {
      get: async (id) => (await holds()).find((hold) => hold.id === id),
      list: async (_filter, _now, after, limit) =>
        page(await holds(), ({ start, id }) => ({ time: start, id }), after, limit),
    },
    series: {
      async get(id) {
        const booked = (await series()).find((one) => one.id === id);
        if (!booked) return undefined;
        const latest = new Map((await changes()).map(({ session }) => [session.id, session]));
        const { coachHashId, clientHashId, timeZone } = booked;
        const sessions = [...latest.values()].flatMap((session): SeriesSession[] => {
          const { occurrence, localStart, state, duration, revision } = session;
          return session.seriesId === id && occurrence && localStart
            ? [{ id: session.id, occurrence, localStart, state, duration, revision }]
            : [];
        });
        return { id, coachHashId, clientHashId, timeZone, sessions };
      },
      booked: async (id) => (await series()).find((one) => one.id === id),
      list: async (_filter, after, limit): Promise<readonly BookedSeries[]> =>
        page(await series(), ({ scheduledAt, id }) => ({ time: scheduledAt, id }), after, limit),
    },
    freshness: { reached: async () => {} },
  };
}

/** At most so many rows after a key, in order of their keys. */
function page<Row>(rows: readonly Row[], keyOf: (row: Row) => ListKey, after: ListKey | undefined, limit: number) {
  const inOrder = rows.toSorted((one, other) => (isBefore(keyOf(one), keyOf(other)) ? -1 : 1));
  return inOrder.filter((row) => !after || isBefore(after, keyOf(row))).slice(0, limit);
}

function isBefore(one: ListKey, other: ListKey): boolean {
  return one.time < other.time || (one.time === other.time && one.id < other.id);
}

function isOfSession(event: CoachEvent): event is SessionEvent {
  return 'scheduledAt' in event && 'sessionId' in event;
}
