import type {
  Freshness,
  HistoryOf,
  HoldQueries,
  HoldRow,
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
        found.push({ event: coachEvents.decode(recorded), revision, metadata: decodeMetadata(recorded) });
      }
      reading.abort();
    }
    return found;
  }

  async function changes(): Promise<SessionChangeRow[]> {
    return (await facts()).flatMap(({ event, revision, metadata }) => {
      if (!isOfSession(event)) return [];
      const { actor, requestId, correlationId } = metadata;
      return [{ type: event.type, actor, requestId, correlationId, session: sessionAfter(event, revision) }];
    });
  }

  async function list(after: { start: number; id: string } | undefined, limit: number) {
    const latest = new Map((await changes()).map(({ session }) => [session.id, session]));
    const rows = [...latest.values()].sort((one, other) => (isBefore(one, other) ? -1 : 1));
    return rows.filter((row) => !after || isBefore(after, row)).slice(0, limit);
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
      async get(id): Promise<HoldRow | undefined> {
        const event = (await facts()).map((fact) => fact.event).findLast((one) => 'holdId' in one && one.holdId === id);
        return event && 'holdId' in event ? holdAfter(event) : undefined;
      },
    },
    series: {
      async get(id) {
        const events = (await facts()).map((fact) => fact.event);
        const latest = new Map((await changes()).map(({ session }) => [session.id, session]));
        const scheduled = events.find((event) => event.type === 'SeriesScheduled' && event.seriesId === id);
        if (scheduled?.type !== 'SeriesScheduled') return undefined;
        const { coachHashId, clientHashId, timeZone } = scheduled;
        const sessions = [...latest.values()].flatMap((session): SeriesSession[] => {
          const { occurrence, localStart, state, duration } = session;
          return session.seriesId === id && occurrence && localStart
            ? [{ id: session.id, occurrence, localStart, state, duration }]
            : [];
        });
        return { id, coachHashId, clientHashId, timeZone, sessions };
      },
    },
    freshness: { reached: async () => {} },
  };
}

function isBefore(one: { start: number; id: string }, other: { start: number; id: string }): boolean {
  return one.start < other.start || (one.start === other.start && one.id < other.id);
}

function isOfSession(event: CoachEvent): event is SessionEvent {
  return 'scheduledAt' in event && 'sessionId' in event;
}
