import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addEntry,
  type Calendar,
  type Entry,
  overlapping,
  overlappingInDisjoint,
  removeEntry,
  startingAt,
} from '../../src/domain/calendar.js';
import { endOf, LONGEST_SLOT, overlap } from '../../src/domain/slot.js';
import { emptyList } from '../../src/domain/sorted-list.js';
import { itemsOf } from '../support/items-of.js';

const MINUTE = 60_000;
const entry = (start: number, duration: number, id = `${start}`): Entry => ({ id, start: start * MINUTE, duration });
const calendarOf = (...entries: Entry[]): Calendar<Entry> => entries.reduce<Calendar<Entry>>(addEntry, emptyList);

describe.each([overlapping, overlappingInDisjoint])('%o', (search) => {
  const found = (calendar: Calendar<Entry>, start: number, duration: number) =>
    search(calendar, entry(start, duration));
  const [ten, thirty, forty] = [entry(10, 10), entry(30, 10), entry(40, 10)];
  const calendar = calendarOf(forty, ten, thirty);

  test.each([
    ['before everything', 0, 5, []],
    ['touching a start', 5, 5, []],
    ['touching an end', 20, 5, []],
    ['in a gap, touching both sides', 20, 10, []],
    ['after everything, touching', 50, 10, []],
    ['over a start by one', 5, 6, [ten]],
    ['over an end by one', 19, 6, [ten]],
    ['inside', 12, 1, [ten]],
    ['around', 5, 20, [ten]],
    ['the same', 30, 10, [thirty]],
    ['over several: in order', 15, 30, [ten, thirty, forty]],
    ['over two that touch each other', 35, 10, [thirty, forty]],
  ])('%s', (_, start, duration, expected) => {
    expect(found(calendar, start, duration)).toEqual(expected);
  });

  test('the end of the longest entry there is', () => {
    const longest = entry(0, LONGEST_SLOT);
    expect(found(calendarOf(longest), LONGEST_SLOT - 1, 1)).toEqual([longest]);
    expect(found(calendarOf(longest), LONGEST_SLOT, 1)).toEqual([]);
  });
});

test('of 100,000 disjoint entries, only those that overlap and the one after them are looked at', () => {
  const looked = new Set<number>();
  const watched = (start: number): Entry => {
    const one = entry(start, 60);
    return {
      ...one,
      get duration() {
        looked.add(start);
        return one.duration;
      },
    };
  };
  const calendar = calendarOf(...Array.from({ length: 100_000 }, (_, index) => watched(index * 60)));
  looked.clear();
  expect(overlappingInDisjoint(calendar, entry(50_000 * 60, 90)).map(({ id }) => id)).toEqual(['3000000', '3000060']);
  expect(looked.size).toBeLessThan(30);
});

test('entries that start at a time are told from those around it', () => {
  const [before, a, b, after] = [entry(9, 20), entry(10, 10, 'a'), entry(10, 20, 'b'), entry(11, 10)];
  expect(startingAt(calendarOf(before, a, b, after), 10 * MINUTE)).toEqual([a, b]);
  expect(startingAt(calendarOf(before, after), 10 * MINUTE)).toEqual([]);
});

test('entries at the same time are told apart by their ids', () => {
  const [a, b] = [entry(10, 10, 'a'), entry(10, 10, 'b')];
  expect(itemsOf(calendarOf(b, a))).toEqual([a, b]);
  expect(itemsOf(removeEntry(calendarOf(b, a), a))).toEqual([b]);
});

test('an entry takes the place of one of the same start and id', () => {
  expect(itemsOf(calendarOf(entry(10, 10), entry(10, 20)))).toEqual([entry(10, 20)]);
});

const anyEntry = fc
  .tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: LONGEST_SLOT }), fc.constantFrom('a', 'b'))
  .map(([start, duration, id]) => entry(start, duration, `${start}${id}`));

test('property: it finds what a scan over all entries finds, also when it is large', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyEntry, { maxLength: 1_500, size: 'max', selector: ({ id }) => id }),
      fc.array(fc.nat(1_500), { maxLength: 500, size: 'max' }),
      anyEntry,
      (entries, removed, probe) => {
        const gone = new Set(removed.map((index) => entries[index]));
        const kept = entries.filter((one) => !gone.has(one));
        const calendar = [...gone].reduce((all, one) => (one ? removeEntry(all, one) : all), calendarOf(...entries));
        const sorted = kept.toSorted((one, other) => one.start - other.start || (one.id < other.id ? -1 : 1));
        expect(itemsOf(calendar)).toEqual(sorted);
        expect(overlapping(calendar, probe)).toEqual(sorted.filter((one) => overlap(one, probe)));
      },
    ),
    { numRuns: 30 },
  );
});

test('property: of disjoint entries, it finds what a scan over all of them finds', () => {
  const gapAndDuration = fc.tuple(fc.nat(90), fc.integer({ min: 1, max: 90 }));
  fc.assert(
    fc.property(
      fc.array(gapAndDuration, { maxLength: 500, size: 'max' }),
      fc.nat(45_000),
      fc.nat(200),
      (all, at, long) => {
        let end = 0;
        const entries = all.map(([gap, duration]) => {
          const one = entry(end + gap, duration);
          end = endOf(one) / MINUTE;
          return one;
        });
        const probe = entry(at, long + 1);
        expect(overlappingInDisjoint(calendarOf(...entries), probe)).toEqual(
          entries.filter((one) => overlap(one, probe)),
        );
      },
    ),
  );
});
