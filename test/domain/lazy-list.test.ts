import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  emptyList,
  firstWhere,
  itemsOf,
  itemsWhere,
  lazyList,
  type SortedList,
  withItem,
  withoutItem,
} from '../../src/domain/sorted-list.js';

interface Item {
  readonly key: number;
  readonly text: string;
}

const byKey = (one: Item, other: Item) => one.key - other.key;

/** A list of the even numbers below twice the size, and how many of them were made. */
function counted(size: number) {
  const items = new Map<number, Item>();
  const list = lazyList(size, (index) => {
    const item = items.get(index) ?? { key: 2 * index, text: 'made' };
    items.set(index, item);
    return item;
  });
  return { list, made: () => items.size };
}

const change = fc.record({ key: fc.nat({ max: 1_100 }), add: fc.boolean() });

test('property: changes and searches give the same as on a list whose items were added one by one', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 500 }),
      fc.array(change, { maxLength: 20 }),
      fc.nat({ max: 1_100 }),
      (size, changes, from) => {
        const changed = (list: SortedList<Item>) =>
          changes.reduce((one, { key, add }) => {
            const item = { key, text: 'changed' };
            return add ? withItem(one, item, byKey) : withoutItem(one, item, byKey);
          }, list);
        const plain = Array.from({ length: size }, (_, nr) => ({ key: 2 * nr, text: 'made' }));
        const expected = changed(
          plain.reduce<SortedList<Item>>((list, item) => withItem(list, item, byKey), emptyList),
        );
        const list = changed(counted(size).list);

        expect(firstWhere(list, ({ key }) => key >= from)).toEqual(firstWhere(expected, ({ key }) => key >= from));
        expect([...itemsWhere(list, ({ key }) => key >= from)]).toEqual([
          ...itemsWhere(expected, ({ key }) => key >= from),
        ]);
        expect([...itemsOf(list)]).toEqual([...itemsOf(expected)]);
        expect(list.size).toBe(expected.size);
      },
    ),
  );
});

test('every item is found, and what follows it', () => {
  const { list } = counted(400);
  for (let key = 0; key < 800; key += 1) {
    const found = firstWhere(list, (item) => item.key >= key);
    expect(found?.key).toBe(key === 799 ? undefined : key + (key % 2));
  }
});

test('no item is made before one is looked at', () => {
  const { list, made } = counted(1_000);
  expect(made()).toBe(0);
  expect([...itemsOf(list)]).toHaveLength(1_000);
  expect(made()).toBe(1_000);
});

test('to find one of 100,000 items, a small part of them is made', () => {
  const { list, made } = counted(100_000);
  expect(firstWhere(list, ({ key }) => key >= 123_456)).toEqual({ key: 123_456, text: 'made' });
  expect(made()).toBeLessThan(150);
});
