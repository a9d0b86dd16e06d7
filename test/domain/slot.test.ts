import { describe, expect, test } from 'vitest';
import { isDuration, isInCalendar, isTime, LONGEST_SLOT, MAX_DURATION } from '../../src/domain/slot.js';

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

test('a slot lasts 1 to 1440 whole minutes', () => {
  const minutes = [-1, 0, 1, 2, 1.5, 1439, 1440, 1441, Number.NaN, Number.POSITIVE_INFINITY];
  expect(minutes.filter(isDuration)).toEqual([1, 2, 1439, 1440]);
});

test('a search for overlaps looks back as far as the longest slot that may be asked for', () => {
  expect(LONGEST_SLOT).toBeGreaterThanOrEqual(MAX_DURATION);
});

test('a time is a whole number of milliseconds in the years 1 to 9999', () => {
  const times = [FIRST - 1, FIRST, FIRST + 1, 0, 0.5, LAST - 1, LAST, LAST + 1, Number.NaN];
  expect(times.filter(isTime)).toEqual([FIRST, FIRST + 1, 0, LAST - 1, LAST]);
});

describe('a slot is in the calendar', () => {
  const MINUTE = 60_000;
  test.each([
    ['when it starts with the year 1', FIRST, true],
    ['unless it starts before', FIRST - 1, false],
    ['when it ends in the last millisecond of the year 9999', LAST - MINUTE, true],
    ['unless it ends later', LAST - MINUTE + 1, false],
    ['unless it starts later', LAST + 1, false],
  ])('%s', (_, start, expected) => {
    expect(isInCalendar({ start, duration: 1 })).toBe(expected);
  });
});
