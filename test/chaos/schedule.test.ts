import { expect, test } from 'vitest';
import { type FaultKind, scheduleOf, WEIGHTS } from './schedule.js';

const ALL = Object.keys(WEIGHTS) as FaultKind[];

test('the same seed gives the same faults, another seed others', () => {
  expect(scheduleOf(7, 50, ALL)).toEqual(scheduleOf(7, 50, ALL));
  expect(scheduleOf(8, 50, ALL)).not.toEqual(scheduleOf(7, 50, ALL));
});

test('as many faults happen as were asked for, of every kind before long, and some at once', () => {
  const rounds = scheduleOf(1, 300, ALL);
  expect(rounds.flat()).toHaveLength(300);
  expect(new Set(rounds.flat().map(({ kind }) => kind))).toEqual(new Set(ALL));
  expect(rounds.some((round) => round.length > 1)).toBe(true);
});

test('a kind that is left out does not happen', () => {
  const kinds = ALL.filter((kind) => kind !== 'disk full');
  expect(
    scheduleOf(1, 300, kinds)
      .flat()
      .map(({ kind }) => kind),
  ).not.toContain('disk full');
});
