import { expect, test } from 'vitest';
import type { CoachEvent, SessionRescheduled } from '../../../src/domain/coach/events.js';
import { placesAfter, type SeriesPlaces } from '../../../src/domain/recurrence/series-places.js';
import { occurrenceRescheduled, seriesRescheduled, seriesScheduled } from '../../support/coach-samples.js';

/** Where the three occurrences are, one each day at 09:00 from 1 January on, after these events. */
function placesOf(...events: CoachEvent[]): readonly string[] {
  const none: SeriesPlaces = { places: [] };
  return [seriesScheduled(), ...events].reduce((places, event) => placesAfter(places, event, 'series'), none).places;
}

const moved = (occurrence: number, localStart: string, seriesId = 'series'): SessionRescheduled => {
  return { ...occurrenceRescheduled(occurrence, 0), seriesId, localStart };
};

const [FIRST, SECOND, THIRD] = ['2030-01-01T09:00:00', '2030-01-02T09:00:00', '2030-01-03T09:00:00'];

test('at first they are where the rule has them', () => {
  expect(placesOf()).toEqual([FIRST, SECOND, THIRD]);
});

test('all from the first one moved on go as far as the first session that goes along', () => {
  const events = [seriesRescheduled({ fromOccurrence: 2 }), moved(3, '2030-01-05T10:00:00')];
  expect(placesOf(...events)).toEqual([FIRST, '2030-01-04T10:00:00', '2030-01-05T10:00:00']);
});

test('the further sessions of a move add nothing', () => {
  const events = [
    seriesRescheduled({ fromOccurrence: 1 }),
    moved(2, '2030-01-03T09:00:00'),
    moved(3, '2030-01-04T09:00:00'),
  ];
  expect(placesOf(...events)).toEqual([SECOND, THIRD, '2030-01-04T09:00:00']);
});

test('a second move counts from where the first one went', () => {
  const events = [
    seriesRescheduled({ fromOccurrence: 1 }),
    moved(1, SECOND),
    seriesRescheduled({ fromOccurrence: 3 }),
    moved(3, '2030-01-09T08:00:00'),
  ];
  expect(placesOf(...events)).toEqual([SECOND, THIRD, '2030-01-09T08:00:00']);
});

test('a session that is moved alone, and another series, move no place', () => {
  const other = { seriesId: 'another', fromOccurrence: 1 };
  const events = [moved(2, SECOND), seriesRescheduled(other), moved(1, '2030-02-01T09:00:00', 'another')];
  expect(placesOf(...events)).toEqual([FIRST, SECOND, THIRD]);
});

test('a rule that is not understood any more has no places', () => {
  const unknown = { ...seriesScheduled(), recurrence: 'FREQ=HOURLY;COUNT=3' };
  expect(placesOf(unknown, seriesRescheduled(), moved(2, THIRD))).toEqual([]);
});
