import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  emptyList,
  firstWhere,
  itemsOf,
  itemsWhere,
  type SortedList,
  withItem,
  withoutItem,
} from '../../src/domain/sorted-list.js';

interface Item {
  readonly place: number;
  readonly text: string;
}

const byPlace = (one: Item, other: Item) => one.place - other.place;
const listOf = (...items: Item[]): SortedList<Item> =>
  items.reduce<SortedList<Item>>((list, item) => withItem(list, item, byPlace), emptyList);
const item = (place: number, text = ''): Item => ({ place, text });

/** Puts items in and takes them out again. Many, so that there are several chunks. */
const changes = fc.array(
  fc.record({
    add: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    item: fc.record({ place: fc.integer({ min: 0, max: 2_000 }), text: fc.constantFrom('a', 'b') }),
  }),
  { maxLength: 2_500, size: 'max' },
);
const place = fc.integer({ min: -1, max: 2_001 });

test('property: after any changes it has the items of an array with the same changes, also when it is large', () => {
  fc.assert(
    fc.property(changes, place, (all, from) => {
      const plain = new Map<number, Item>();
      let list: SortedList<Item> = emptyList;
      for (const { add, item: one } of all) {
        if (add) plain.set(one.place, one);
        else plain.delete(one.place);
        list = add ? withItem(list, one, byPlace) : withoutItem(list, one, byPlace);
      }
      const sorted = [...plain.values()].toSorted(byPlace);
      const follows = (one: Item) => one.place >= from;
      expect([...itemsOf(list)]).toEqual(sorted);
      expect(list.size).toBe(sorted.length);
      expect([...itemsWhere(list, follows)]).toEqual(sorted.filter(follows));
      expect(firstWhere(list, follows)).toEqual(sorted.find(follows));
    }),
    { numRuns: 20 },
  );
});

test('an item takes the place of one at the same place', () => {
  expect([...itemsOf(listOf(item(1, 'old'), item(2), item(1, 'new')))]).toEqual([item(1, 'new'), item(2)]);
});

test('changing a list leaves it as it was', () => {
  const before = listOf(item(1), item(3));
  withItem(before, item(2), byPlace);
  withItem(before, item(1, 'new'), byPlace);
  withoutItem(before, item(1), byPlace);
  expect([...itemsOf(before)]).toEqual([item(1), item(3)]);
});

test('taking out what is not there changes nothing', () => {
  const before = listOf(item(1), item(3));
  expect(withoutItem(before, item(2), byPlace)).toBe(before);
  expect(withoutItem(before, item(4), byPlace)).toBe(before);
  expect(withoutItem(emptyList, item(4), byPlace)).toBe(emptyList);
});

test('the last item taken out leaves an empty list', () => {
  expect(withoutItem(listOf(item(1)), item(1), byPlace)).toEqual(emptyList);
});

const large = listOf(...Array.from({ length: 100_000 }, (_, index) => item(index)));

test('finding an item among 100,000 looks at few of them', () => {
  let looks = 0;
  firstWhere(large, ({ place }) => {
    looks += 1;
    return place >= 54_321;
  });
  expect(looks).toBeLessThanOrEqual(20);
});

test('changing a list of 100,000 keeps all but one of its chunks', () => {
  const chunks = new Set(large.chunks);
  const after = withItem(large, item(54_321.5), byPlace);
  expect(after.chunks.filter((chunk) => !chunks.has(chunk)).length).toBeLessThanOrEqual(2);
});
