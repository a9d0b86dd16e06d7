import { itemsBetween, type SortedList } from '../../src/domain/sorted-list.js';

/** All items of a list, in order. */
export function itemsOf<Item extends Key, Key>(list: SortedList<Item, Key>): Item[] {
  return itemsBetween(
    list,
    () => true,
    () => false,
  );
}
