import { expect, test } from 'vitest';
import { ownOverlap } from '../../../src/domain/recurrence/own-overlap.js';

const HOUR = 3_600_000;

/** Occurrences of an hour, at these hours. */
const at = (...hours: number[]) =>
  hours.map((hour, index) => ({ occurrence: index + 1, start: hour * HOUR, duration: 60 }));

test('occurrences that touch do not overlap', () => {
  expect(ownOverlap(at(0, 1, 2))).toBeUndefined();
});

test('of several overlaps the first one is told, the earlier occurrence before the later', () => {
  const slots = at(0, 2, 2.5, 3);
  expect(ownOverlap(slots)).toEqual([slots[1], slots[2]]);
});

test('occurrences need not be in the order of time', () => {
  const slots = at(5, 7, 5.5);
  expect(ownOverlap(slots)).toEqual([slots[0], slots[2]]);
});

test('one that begins with another overlaps it', () => {
  const slots = at(0, 0);
  expect(ownOverlap(slots)).toEqual(slots);
});
