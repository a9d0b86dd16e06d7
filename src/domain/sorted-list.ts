/**
 * Items in an order, no two of them at the same place. A value: each change makes a new list and leaves the old one as
 * it was.
 *
 * A tree of parts: a change makes those from the root to the item anew and shares the others, so a list of a million is
 * changed about as fast as one of a thousand. The content of a part may be absent from memory, as long as it can be had
 * again: whoever has stored it may take it away, and must bring it back when a function here throws `NotLoaded`.
 *
 * `Key` is as much of an item as the order looks at. A list keeps the key of the last item of each part, so that a
 * search needs the content of no more parts than those it goes through.
 */
export interface SortedList<Item extends Key, Key = Item> {
  /** How many items there are: none in an empty list only, never in a part of another. */
  readonly size: number;
  /** The key of the last item. */
  readonly last: Key;
  /** Undefined while it is absent from memory. Of all that is here, this and `stored` alone ever change. */
  content: Content<Item, Key> | undefined;
  /** Where the content is stored; undefined until it is. The list itself does not look at it. */
  stored: string | undefined;
}

/** What a list is made of: a few items, or parts that have more of them. */
export type Content<Item extends Key, Key = Item> =
  | { readonly items: readonly Item[] }
  | { readonly parts: readonly SortedList<Item, Key>[] };

/** Negative when `one` comes before `other`, 0 when both are at the same place. */
export type Order<Key> = (one: Key, other: Key) => number;

/** Thrown by the functions here: the content of these parts is needed and absent. With it, the same call works. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded';

  constructor(readonly parts: readonly SortedList<unknown>[]) {
    super('a part of a list is not in memory');
  }
}

/** A list without items. */
export const emptyList: SortedList<never> = listOf({ items: [] });

// The most items or parts that a part has. To copy 128 references takes a tenth of a microsecond, and a million items
// are three levels.
const PART_LIMIT = 128;

/** The list, or part of a list, that has this content. */
export function listOf<Item extends Key, Key>(content: Content<Item, Key>): SortedList<Item, Key> {
  if ('items' in content) {
    const { items } = content;
    return { size: items.length, last: items[items.length - 1] as Item, content, stored: undefined };
  }
  const { parts } = content;
  let size = 0;
  for (const part of parts) size += part.size;
  return { size, last: (parts[parts.length - 1] as SortedList<Item, Key>).last, content, stored: undefined };
}

/** The list with the item, which replaces the one at the same place. */
export function withItem<Item extends Key, Key>(
  list: SortedList<Item, Key>,
  item: Item,
  order: Order<Key>,
): SortedList<Item, Key> {
  const parts = partsWith(list, item, order);
  return parts.length === 1 ? (parts[0] as SortedList<Item, Key>) : listOf({ parts });
}

/** The list without the item at the place of the given one. */
export function withoutItem<Item extends Key, Key>(
  list: SortedList<Item, Key>,
  item: Key,
  order: Order<Key>,
): SortedList<Item, Key> {
  let rest = partWithout(list, item, order);
  // A root with a single part says nothing that the part does not.
  while (rest?.content && 'parts' in rest.content && rest.content.parts.length === 1) [rest] = rest.content.parts;
  return rest ?? emptyList;
}

/**
 * The first item that satisfies a condition, by binary search; undefined when none does. The condition, once true, must
 * stay true for all items that follow.
 */
export function firstWhere<Item extends Key, Key>(
  list: SortedList<Item, Key>,
  satisfies: (key: Key) => boolean,
): Item | undefined {
  if (list.size === 0 || !satisfies(list.last)) return undefined;
  let part = list;
  for (;;) {
    const content = contentOf(part);
    if ('items' in content) return content.items[firstIndex(content.items, satisfies)];
    part = content.parts[firstPart(content.parts, satisfies)] as SortedList<Item, Key>;
  }
}

/**
 * The items from the first that satisfies one condition to the last before one that satisfies the other. Both are
 * conditions as for `firstWhere`.
 */
export function itemsBetween<Item extends Key, Key>(
  list: SortedList<Item, Key>,
  from: (key: Key) => boolean,
  until: (key: Key) => boolean,
): Item[] {
  const found: Item[] = [];
  const absent: SortedList<Item, Key>[] = [];
  if (list.size > 0) collect(list, from, until, found, absent);
  // All at once: each time that something is loaded takes its time.
  if (absent.length > 0) throw new NotLoaded(absent);
  return found;
}

/** How many items are in memory. Looks at every part that is. */
export function sizeInMemory<Item extends Key, Key>({ size, content }: SortedList<Item, Key>): number {
  if (!content) return 0;
  if ('items' in content) return size;
  let sum = 0;
  // Most parts of a long list are absent.
  for (const part of content.parts) if (part.content) sum += sizeInMemory(part);
  return sum;
}

/** Adds the items that are wanted, and the parts that are absent. Answers whether what follows may be wanted, too. */
function collect<Item extends Key, Key>(
  part: SortedList<Item, Key>,
  from: (key: Key) => boolean,
  until: (key: Key) => boolean,
  found: Item[],
  absent: SortedList<Item, Key>[],
): boolean {
  if (!from(part.last)) return true;
  const { content } = part;
  if (!content) {
    absent.push(part);
    return !until(part.last);
  }
  if ('items' in content) {
    const { items } = content;
    for (let index = firstIndex(items, from); index < items.length; index += 1) {
      const item = items[index] as Item;
      if (until(item)) return false;
      found.push(item);
    }
    return true;
  }
  const { parts } = content;
  for (let index = firstPart(parts, from); index < parts.length; index += 1) {
    if (!collect(parts[index] as SortedList<Item, Key>, from, until, found, absent)) return false;
  }
  return true;
}

/** What takes the part's place once it has the item: one part, or two when one would be too large. */
function partsWith<Item extends Key, Key>(
  part: SortedList<Item, Key>,
  item: Item,
  order: Order<Key>,
): SortedList<Item, Key>[] {
  const content = contentOf(part);
  const follows = (key: Key) => order(key, item) >= 0;
  if ('items' in content) {
    const { items } = content;
    const index = firstIndex(items, follows);
    const changed = items.toSpliced(index, isAt(items, index, item, order) ? 1 : 0, item);
    return splitWhenLarge(changed, index).map((some) => listOf({ items: some }));
  }
  const { parts } = content;
  // An item after all others joins the last part.
  const index = Math.min(firstPart(parts, follows), parts.length - 1);
  const changed = parts.toSpliced(index, 1, ...partsWith(parts[index] as SortedList<Item, Key>, item, order));
  return splitWhenLarge(changed, index + 1).map((some) => listOf({ parts: some }));
}

/** The part without the item, which may not be there; undefined when nothing is left. */
function partWithout<Item extends Key, Key>(
  part: SortedList<Item, Key>,
  item: Key,
  order: Order<Key>,
): SortedList<Item, Key> | undefined {
  if (part.size === 0 || order(part.last, item) < 0) return part;
  const content = contentOf(part);
  const follows = (key: Key) => order(key, item) >= 0;
  if ('items' in content) {
    const { items } = content;
    const index = firstIndex(items, follows);
    if (!isAt(items, index, item, order)) return part;
    return items.length > 1 ? listOf({ items: items.toSpliced(index, 1) }) : undefined;
  }
  const { parts } = content;
  const index = firstPart(parts, follows);
  const before = parts[index] as SortedList<Item, Key>;
  const after = partWithout(before, item, order);
  if (after === before) return part;
  if (after) return listOf({ parts: parts.with(index, after) });
  return parts.length > 1 ? listOf({ parts: parts.toSpliced(index, 1) }) : undefined;
}

function contentOf<Item extends Key, Key>(part: SortedList<Item, Key>): Content<Item, Key> {
  if (!part.content) throw new NotLoaded([part]);
  return part.content;
}

/**
 * @param changedAt the place of what made it larger. When that is the last, more will follow: lists of what happens one
 * after the other have full parts.
 */
function splitWhenLarge<One>(all: readonly One[], changedAt: number): (readonly One[])[] {
  if (all.length <= PART_LIMIT) return [all];
  const at = changedAt === all.length - 1 ? PART_LIMIT : all.length >>> 1;
  return [all.slice(0, at), all.slice(at)];
}

function isAt<Key>(items: readonly Key[], index: number, item: Key, order: Order<Key>): boolean {
  return index < items.length && order(items[index] as Key, item) === 0;
}

function firstPart<Key>(parts: readonly { readonly last: Key }[], satisfies: (key: Key) => boolean): number {
  return firstIndex(parts, ({ last }) => satisfies(last));
}

/**
 * Binary search: the index of the first item that satisfies a condition which, once true, stays true; else the length.
 */
function firstIndex<Item>(items: readonly Item[], satisfies: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (satisfies(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
