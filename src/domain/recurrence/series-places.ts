import type { CoachEvent } from '../coach/events.js';
import { movedBy } from './move-series.js';
import { MAX_OCCURRENCES, parseRule } from './rule.js';
import { wallTime, wallTimeText } from './wall-time.js';
import { wallTimesOf } from './wall-times.js';

/** Where a series has its occurrences, whether they have a session or not. */
export interface SeriesPlaces {
  /** Wall times, in order: that of occurrence n is at n - 1. There may be some beyond the last occurrence. */
  readonly places: readonly string[];
  /** The occurrence that a move begins with, until it is known where the move goes. */
  readonly movingFrom?: number | undefined;
}

/**
 * The places of a series after an event of its coach. An occurrence that was skipped, cancelled or completed has no
 * session that a move takes along; its place moves all the same, by as much as the sessions that the move took along.
 */
export function placesAfter(before: SeriesPlaces, event: CoachEvent, seriesId: string): SeriesPlaces {
  if (!('seriesId' in event) || event.seriesId !== seriesId) return before;
  const { places, movingFrom } = before;
  switch (event.type) {
    case 'SeriesScheduled':
      return { places: placesByRule(event.recurrence, event.localStart) };
    case 'SeriesRescheduled':
      return { places, movingFrom: event.fromOccurrence };
    case 'SessionRescheduled': {
      const from = places[(event.occurrence ?? 0) - 1];
      if (movingFrom === undefined || from === undefined) return before;
      const moved = movedBy({ from, to: event.localStart as string });
      return { places: places.map((place, index) => (index + 1 < movingFrom ? place : wallTimeText(moved(place)))) };
    }
    default:
      return before;
  }
}

function placesByRule(recurrence: string, localStart: string): string[] {
  const parsed = parseRule(recurrence);
  if ('broken' in parsed) return [];
  const { rule } = parsed;
  return (wallTimesOf(rule, wallTime(localStart), rule.count ?? MAX_OCCURRENCES) ?? []).map(wallTimeText);
}
