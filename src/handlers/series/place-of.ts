import { LRUCache } from 'lru-cache';
import type { SeriesRow } from '../../application/read-model.js';
import { coachStream } from '../../domain/coach/coach.js';
import { placesAfter, type SeriesPlaces } from '../../domain/recurrence/series-places.js';
import { coachEvents } from '../../event-store/event-codec.js';
import type { EventStore, Revision } from '../../event-store/event-store.js';

/**
 * Finds the wall time at which a series has an occurrence; undefined when the events do not say. Throws
 * `StoreUnavailable`.
 */
export type PlaceOf = (series: SeriesRow, occurrence: number) => Promise<string | undefined>;

/** What the coach's events up to a revision say about a series. */
interface ReadSoFar {
  series: SeriesPlaces;
  /** The first revision that is not read. */
  next: Revision;
  /** The last of the readings, which follow one another. */
  reading: Promise<void>;
}

/** Each has a wall time for every occurrence: 20 kB at most. */
const MAX_REMEMBERED = 100;

/**
 * A session that is scheduled is where its series has it. Of any other occurrence only the events tell where earlier
 * moves of the series left its place: the coach's stream is read, and of what was read before only what is new. Otherwise
 * a crowd of moves would read a long stream as often as there are moves, and keep everybody else from the event store.
 */
export function createPlaceOf(store: Pick<EventStore, 'read'>): PlaceOf {
  const known = new LRUCache<string, ReadSoFar>({ max: MAX_REMEMBERED });

  async function readOn(soFar: ReadSoFar, id: string, coachHashId: string): Promise<void> {
    for await (const page of store.read(coachStream(coachHashId), soFar.next)) {
      for (const recorded of page) {
        soFar.series = placesAfter(soFar.series, coachEvents.decode(recorded), id);
        soFar.next = recorded.revision + 1n;
      }
    }
  }

  /** A reading begins after the one before, and sees whatever is there by then. */
  async function upToDate({ id, coachHashId }: SeriesRow): Promise<SeriesPlaces> {
    const soFar = known.get(id) ?? { series: { places: [] }, next: 0n, reading: Promise.resolve() };
    known.set(id, soFar);
    soFar.reading = soFar.reading.catch(() => {}).then(() => readOn(soFar, id, coachHashId));
    await soFar.reading;
    return soFar.series;
  }

  return async (series, occurrence) => {
    const session = series.sessions.find((one) => one.occurrence === occurrence);
    if (session?.state === 'scheduled') return session.localStart;
    const { places } = await upToDate(series);
    return places[occurrence - 1] ?? session?.localStart;
  };
}
