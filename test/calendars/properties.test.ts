import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnySeries, anySeries, linesOf } from './any-series.js';
import { dayByDay } from './day-by-day.js';
import { calendar, event, NOW, read, ZONE } from './samples.js';

const END = NOW + 400 * 86_400_000;

test('the intervals of a series are those that a look at every day finds', () => {
  fc.assert(
    fc.property(anySeries, (series) => {
      const { intervals } = read(calendar(event(...linesOf(series, ZONE))));
      expect(intervals.map(({ start, end }) => [start, end])).toEqual(expected(series));
    }),
    { numRuns: 40 },
  );
});

function expected(series: AnySeries): [number, number][] {
  const times = dayByDay(series, ZONE, NOW, END).sort(([one], [other]) => one - other);
  return times.filter(([start], index) => start !== times[index - 1]?.[0]);
}
