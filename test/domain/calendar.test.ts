import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addInterval,
  type Calendar,
  emptyCalendar,
  firstOverlap,
  type Interval,
  intervalsOf,
} from '../../src/domain/calendar.js';

const span = (start: number, end: number): Interval => ({ start, end });
const calendarOf = (...intervals: Interval[]): Calendar => intervals.reduce(addInterval, emptyCalendar);

describe('firstOverlap', () => {
  const calendar = calendarOf(span(10, 20), span(30, 40), span(40, 50));

  test.each([
    ['before everything', span(0, 5), undefined],
    ['touching a start', span(5, 10), undefined],
    ['touching an end', span(20, 25), undefined],
    ['in a gap, touching both sides', span(20, 30), undefined],
    ['after everything, touching', span(50, 60), undefined],
    ['over a start by one', span(5, 11), span(10, 20)],
    ['over an end by one', span(19, 25), span(10, 20)],
    ['inside', span(12, 13), span(10, 20)],
    ['around', span(5, 25), span(10, 20)],
    ['the same', span(30, 40), span(30, 40)],
    ['over several: the earliest', span(15, 45), span(10, 20)],
    ['over two that touch each other', span(35, 45), span(30, 40)],
  ])('%s', (_, interval, expected) => {
    expect(firstOverlap(calendar, interval)).toEqual(expected);
  });
});

/** Intervals in the order given, those that overlap an earlier one left out: the plainest possible calendar. */
function withoutOverlaps(intervals: Interval[]): Interval[] {
  const kept: Interval[] = [];
  for (const one of intervals) {
    if (!kept.some((other) => other.start < one.end && one.start < other.end)) kept.push(one);
  }
  return kept;
}

const interval = fc
  .tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 20 }))
  .map(([at, length]) => span(at, at + length));

test('property: it answers what a scan over all intervals answers, also when it is large', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 1_500, size: 'max' }), interval, (intervals, probe) => {
      const kept = withoutOverlaps(intervals);
      const calendar = calendarOf(...kept);
      const sorted = kept.toSorted((a, b) => a.start - b.start);

      expect([...intervalsOf(calendar)]).toEqual(sorted);
      expect(calendar.size).toBe(kept.length);
      expect(firstOverlap(calendar, probe)).toEqual(
        sorted.find((one) => one.start < probe.end && probe.start < one.end),
      );
    }),
    { numRuns: 50 },
  );
});

test('adding leaves the calendar as it was', () => {
  const before = calendarOf(span(10, 20), span(30, 40));
  addInterval(before, span(20, 30));
  expect([...intervalsOf(before)]).toEqual([span(10, 20), span(30, 40)]);
});

test('finding an overlap among 100,000 intervals looks at few of them', () => {
  let looks = 0;
  const watched = (start: number): Interval => ({
    start,
    get end() {
      looks += 1;
      return start + 5;
    },
  });
  const calendar = calendarOf(...Array.from({ length: 100_000 }, (_, index) => watched(index * 10)));

  looks = 0;
  expect(firstOverlap(calendar, span(543_215, 543_220))).toBeUndefined();
  expect(looks).toBeLessThanOrEqual(20);
});
