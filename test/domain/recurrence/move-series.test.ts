import { expect, test } from 'vitest';
import { moveSeries, type SeriesSession } from '../../../src/domain/recurrence/move-series.js';
import { zoneNamed } from '../../support/zone-rules.js';

const ZONE = zoneNamed('Europe/Zurich');

/** Sessions of a series at these wall times. */
function sessions(...wallTimes: string[]): SeriesSession[] {
  return wallTimes.map((localStart, index) => ({ id: `s-${index + 1}`, occurrence: index + 1, localStart }));
}

const mondays = sessions('2026-03-16T09:30:00', '2026-03-23T09:30:00', '2026-03-30T09:30:00');

const move = (from: string, to: string) => ({ from, to });

test('each session moves by as many days to the same time of day, across a change of clocks', () => {
  expect(moveSeries(mondays, move('2026-03-16T09:30:00', '2026-03-17T10:00'), ZONE)).toEqual([
    { id: 's-1', occurrence: 1, localStart: '2026-03-17T10:00:00', start: Date.parse('2026-03-17T09:00:00Z') },
    { id: 's-2', occurrence: 2, localStart: '2026-03-24T10:00:00', start: Date.parse('2026-03-24T09:00:00Z') },
    { id: 's-3', occurrence: 3, localStart: '2026-03-31T10:00:00', start: Date.parse('2026-03-31T08:00:00Z') },
  ]);
});

test('they move back as well as forth', () => {
  const moved = moveSeries(mondays.slice(1), move('2026-03-23T09:30:00', '2026-03-20T23:15:30'), ZONE);
  expect(moved.map(({ localStart }) => localStart)).toEqual(['2026-03-20T23:15:30', '2026-03-27T23:15:30']);
});

test('the move may begin at an occurrence that has no session', () => {
  const moved = moveSeries(mondays.slice(2), move('2026-03-23T09:30:00', '2026-03-24T09:30'), ZONE);
  expect(moved).toMatchObject([{ id: 's-3', localStart: '2026-03-31T09:30:00' }]);
});

test('a time that clocks skip is moved later by as much', () => {
  const moved = moveSeries(mondays.slice(1), move('2026-03-23T09:30:00', '2026-03-22T02:30'), ZONE);
  expect(moved.map(({ start }) => new Date(start).toISOString())).toEqual([
    '2026-03-22T01:30:00.000Z',
    '2026-03-29T01:30:00.000Z',
  ]);
});

test('days are counted, not months', () => {
  const monthEnds = sessions('2026-01-31T09:30:00', '2026-03-31T09:30:00');
  const moved = moveSeries(monthEnds, move('2026-01-31T09:30:00', '2026-03-01T09:30'), ZONE);
  expect(moved.map(({ localStart }) => localStart)).toEqual(['2026-03-01T09:30:00', '2026-04-29T09:30:00']);
});
