import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyList,
  firstWhere,
  itemsBetween,
  NotLoaded,
  type SortedList,
  sizeInMemory,
  withItem,
  withoutItem,
} from '../../src/domain/sorted-list.js';
import { itemsOf } from '../support/items-of.js';

interface Item extends Place {
  readonly text: string;
}

interface Place {
  readonly place: number;
}

type List = SortedList<Item, Place>;

const byPlace = (one: Place, other: Place) => one.place - other.place;
const listOf = (...items: Item[]): List => items.reduce<List>((list, item) => withItem(list, item, byPlace), emptyList);
const item = (place: number, text = ''): Item => ({ place, text });
const numbered = (count: number): Item[] => Array.from({ length: count }, (_, index) => item(index));

/** Every part of the list that is in memory, itself first. */
function partsOf(list: List): List[] {
  return [list, ...(list.content && 'parts' in list.content ? list.content.parts.flatMap(partsOf) : [])];
}

const add = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
/** Puts items in and takes them out again. Many, so that there are several parts, and a few one after the other. */
const changes = fc.array(
  fc.record({
    add,
    item: fc.record({ place: fc.integer({ min: 0, max: 2_000 }), text: fc.constantFrom('a', 'b') }),
    run: fc.constantFrom(1, 1, 1, 200),
  }),
  { maxLength: 800, size: 'max' },
);
const place = fc.integer({ min: -1, max: 2_201 });

function changed(list: List, all: readonly { add: boolean; item: Item; run: number }[], plain: Map<number, Item>) {
  let after = list;
  for (const { add, item: first, run } of all) {
    for (let nr = 0; nr < run; nr += 1) {
      const one = { ...first, place: first.place + nr };
      if (add) plain.set(one.place, one);
      else plain.delete(one.place);
      after = add ? withItem(after, one, byPlace) : withoutItem(after, one, byPlace);
    }
  }
  return after;
}

function expectSame(list: List, plain: Map<number, Item>, from: number, until: number): void {
  const sorted = [...plain.values()].toSorted(byPlace);
  const follows = (one: Place) => one.place >= from;
  const ends = (one: Place) => one.place >= until;
  expect(itemsOf(list)).toEqual(sorted);
  expect(list.size).toBe(sorted.length);
  expect(itemsBetween(list, follows, ends)).toEqual(sorted.filter((one) => follows(one) && !ends(one)));
  expect(firstWhere(list, follows)).toEqual(sorted.find(follows));
}

test('property: after any changes it has the items of an array with the same changes, also when it is large', () => {
  fc.assert(
    fc.property(changes, place, place, (all, from, until) => {
      const plain = new Map<number, Item>();
      expectSame(changed(emptyList, all, plain), plain, from, until);
    }),
    { numRuns: 20 },
  );
});

test('property: parts that are absent say so, and once they are loaded everything is as if they had been there', () => {
  const absent = fc.infiniteStream(fc.boolean());
  fc.assert(
    fc.property(changes, changes, place, place, absent, (before, after, from, until, isAbsent) => {
      const plain = new Map<number, Item>();
      let list = changed(emptyList, before, plain);
      const kept = new Map(partsOf(list).map((part) => [part, part.content]));
      for (const part of kept.keys()) if (part.size > 0 && isAbsent.next().value) part.content = undefined;

      const loading = <Result>(work: () => Result): Result => {
        for (;;) {
          try {
            return work();
          } catch (error) {
            if (!(error instanceof NotLoaded)) throw error;
            for (const part of error.parts as List[]) part.content = kept.get(part);
          }
        }
      };
      for (const change of after) list = loading(() => changed(list, [change], plain));
      loading(() => expectSame(list, plain, from, until));
    }),
    { numRuns: 20 },
  );
});

test('an item takes the place of one at the same place', () => {
  expect(itemsOf(listOf(item(1, 'old'), item(2), item(1, 'new')))).toEqual([item(1, 'new'), item(2)]);
});

test('changing a list leaves it as it was', () => {
  const before = listOf(item(1), item(3));
  withItem(before, item(2), byPlace);
  withItem(before, item(1, 'new'), byPlace);
  withoutItem(before, item(1), byPlace);
  expect(itemsOf(before)).toEqual([item(1), item(3)]);
});

test('taking out what is not there changes nothing', () => {
  for (const before of [listOf(item(1), item(3)), listOf(...numbered(1_000).filter(({ place }) => place !== 500))]) {
    expect(withoutItem(before, item(before.size === 2 ? 2 : 500), byPlace)).toBe(before);
    expect(withoutItem(before, item(2_000), byPlace)).toBe(before);
  }
  expect(withoutItem(emptyList as List, item(4), byPlace)).toBe(emptyList);
});

test('the last item taken out leaves an empty list', () => {
  expect(withoutItem(listOf(item(1)), item(1), byPlace)).toBe(emptyList);
  const none = numbered(1_000).reduce<List>((list, one) => withoutItem(list, one, byPlace), listOf(...numbered(1_000)));
  expect(none).toBe(emptyList);
});

test('a list of few items that once had many is as flat as one that never had', () => {
  const list = numbered(900).reduce<List>((all, one) => withoutItem(all, one, byPlace), listOf(...numbered(1_000)));
  expect(partsOf(list)).toHaveLength(1);
});

describe('of a list of 100,000', () => {
  const large = listOf(...numbered(100_000));

  test('finding an item looks at few of them', () => {
    let looks = 0;
    firstWhere(large, ({ place }) => {
      looks += 1;
      return place >= 54_321;
    });
    expect(looks).toBeLessThanOrEqual(25);
  });

  test('a change makes one part of each level anew, or two where one is cut, none with more than 128', () => {
    const known = new Set(partsOf(large));
    for (const one of [item(54_321), item(54_321.5), item(100_000)]) {
      const made = partsOf(withItem(large, one, byPlace)).filter((part) => !known.has(part));
      expect(made.length).toBeLessThanOrEqual(5);
      for (const { content } of made) {
        expect(Object.values(content!)[0].length).toBeLessThanOrEqual(128);
      }
    }
  });

  test('items that came one after the other fill their parts', () => {
    expect(partsOf(large).length).toBeLessThan(1.02 * (100_000 / 128));
  });
});

describe('a list of 1,000 of which nothing is in memory', () => {
  /** The list, and the parts whose content was asked for, by their sizes. */
  function absent() {
    const list = listOf(...numbered(1_000));
    const contents = new Map(partsOf(list).map((part) => [part, part.content]));
    for (const part of contents.keys()) part.content = undefined;
    const asked: number[] = [];
    return {
      list,
      asked,
      loading<Result>(work: () => Result): Result {
        for (;;) {
          try {
            return work();
          } catch (error) {
            for (const part of (error as NotLoaded).parts as List[]) {
              asked.push(part.size);
              part.content = contents.get(part);
            }
          }
        }
      },
    };
  }

  test('has its size, and no items in memory', () => {
    const { list, loading } = absent();
    expect([list.size, sizeInMemory(list)]).toEqual([1_000, 0]);
    loading(() => firstWhere(list, ({ place }) => place >= 500));
    expect([list.size, sizeInMemory(list)]).toEqual([1_000, 128]);
  });

  test('needs one path of parts to find an item, and to change it', () => {
    const { list, asked, loading } = absent();
    loading(() => firstWhere(list, ({ place }) => place >= 500));
    loading(() => withItem(list, item(500, 'new'), byPlace));
    loading(() => withoutItem(list, item(500), byPlace));
    expect(asked).toEqual([1_000, 128]);
  });

  test('names all parts that it needs for a range at once, and no others', () => {
    const { list, asked, loading } = absent();
    const from = ({ place }: Place) => place >= 200;
    const until = ({ place }: Place) => place >= 500;
    expect(loading(() => itemsBetween(list, from, until))).toEqual(numbered(500).slice(200));
    expect(asked).toEqual([1_000, 128, 128, 128]);
  });

  test('needs no part to know that nothing comes after all', () => {
    const { list, asked, loading } = absent();
    const isAfter = ({ place }: Place) => place >= 1_000;
    expect(loading(() => firstWhere(list, isAfter))).toBeUndefined();
    expect(loading(() => itemsBetween(list, isAfter, isAfter))).toEqual([]);
    expect(loading(() => withoutItem(list, item(1_000), byPlace))).toBe(list);
    expect(asked).toEqual([]);
  });
});
