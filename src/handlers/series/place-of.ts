import type { SeriesRow } from '../../application/read-model.js';
import { coachStream } from '../../domain/coach/coach.js';
import { placesAfter, type SeriesPlaces } from '../../domain/recurrence/series-places.js';
import { coachEvents } from '../../event-store/event-codec.js';
import type { EventStore } from '../../event-store/event-store.js';

/**
 * Finds the wall time at which a series has an occurrence; undefined when the events do not say. Throws
 * `StoreUnavailable`.
 */
export type PlaceOf = (series: SeriesRow, occurrence: number) => Promise<string | undefined>;

/**
 * A session that is scheduled is where its series has it. Of any other occurrence only the events tell where earlier
 * moves of the series left its place: the coach's stream is read.
 */
export function createPlaceOf(store: EventStore): PlaceOf {
  return async ({ id, coachHashId, sessions }, occurrence) => {
    const session = sessions.find((one) => one.occurrence === occurrence);
    if (session?.state === 'scheduled') return session.localStart;

    let series: SeriesPlaces = { places: [] };
    for await (const page of store.read(coachStream(coachHashId))) {
      for (const recorded of page) series = placesAfter(series, coachEvents.decode(recorded), id);
    }
    return series.places[occurrence - 1] ?? session?.localStart;
  };
}
