/**
 * Items in an order, no two of them at the same place. A value: each change makes a new list and leaves the old one as
 * it was.
 *
 * Kept in chunks, so that a change copies one chunk and the list of chunks and shares the rest: a list of 100,000 is
 * changed about as fast as a short one.
 */
export interface SortedList<Item> {
  readonly size: number;
  readonly chunks: readonly Chunk<Item>[];
}

/** Some items, at least one: in memory, or made when somebody looks at them. */
type Chunk<Item> = readonly Item[] | { readonly last: () => Item; readonly all: () => readonly Item[] };

/** Negative when `one` comes before `other`, 0 when both are at the same place. */
export type Order<Item> = (one: Item, other: Item) => number;

/** A list without items. */
export const emptyList: SortedList<never> = { size: 0, chunks: [] };

// A longer chunk is cut in two. To copy 256 references costs about as much as to copy the list of chunks of a list of
// 100,000.
const CHUNK_LIMIT = 256;

/**
 * The list of the items that `itemAt` returns for the places in the order, from 0. It must return the same item each
 * time, and is called when a search passes an item or somebody looks at one near it.
 */
export function lazyList<Item>(size: number, itemAt: (index: number) => Item): SortedList<Item> {
  // Half full, like a chunk that was just cut in two.
  const length = CHUNK_LIMIT / 2;
  const chunks = Array.from({ length: Math.ceil(size / length) }, (_, nr) => {
    const from = nr * length;
    const to = Math.min(from + length, size);
    let items: readonly Item[] | undefined;
    return {
      last: () => itemAt(to - 1),
      all: () => {
        items ??= Array.from({ length: to - from }, (_, index) => itemAt(from + index));
        return items;
      },
    };
  });
  return { size, chunks };
}

/** The list with the item, which replaces the one at the same place. */
export function withItem<Item>(list: SortedList<Item>, item: Item, order: Order<Item>): SortedList<Item> {
  const { size, chunks } = list;
  if (chunks.length === 0) return { size: 1, chunks: [[item]] };

  // An item after all others joins the last chunk.
  const at = Math.min(chunkOf(list, item, order), chunks.length - 1);
  const chunk = itemsIn(chunks[at] as Chunk<Item>);
  const index = indexOf(chunk, item, order);
  const replaced = isAt(chunk, index, item, order) ? 1 : 0;
  const changed = chunk.toSpliced(index, replaced, item);
  return { size: size + 1 - replaced, chunks: chunks.toSpliced(at, 1, ...splitWhenLarge(changed)) };
}

/** The list without the item at the place of the given one. */
export function withoutItem<Item>(list: SortedList<Item>, item: Item, order: Order<Item>): SortedList<Item> {
  const { size, chunks } = list;
  const at = chunkOf(list, item, order);
  if (at === chunks.length) return list;
  const chunk = itemsIn(chunks[at] as Chunk<Item>);
  const index = indexOf(chunk, item, order);
  if (!isAt(chunk, index, item, order)) return list;
  const changed = chunk.toSpliced(index, 1);
  return { size: size - 1, chunks: chunks.toSpliced(at, 1, ...(changed.length > 0 ? [changed] : [])) };
}

/**
 * The first item that satisfies a condition, by binary search; undefined when none does. The condition, once true, must
 * stay true for all items that follow.
 */
export function firstWhere<Item>({ chunks }: SortedList<Item>, satisfies: (item: Item) => boolean): Item | undefined {
  const at = firstIndex(chunks, (chunk) => satisfies(lastOf(chunk)));
  if (at === chunks.length) return undefined;
  const chunk = itemsIn(chunks[at] as Chunk<Item>);
  return chunk[firstIndex(chunk, satisfies)];
}

/** The items from the first that satisfies a condition, as for `firstWhere`, to the end. */
export function* itemsWhere<Item>(
  { chunks }: SortedList<Item>,
  satisfies: (item: Item) => boolean,
): Generator<Item, void> {
  const at = firstIndex(chunks, (chunk) => satisfies(lastOf(chunk)));
  for (let index = at; index < chunks.length; index += 1) {
    const chunk = itemsIn(chunks[index] as Chunk<Item>);
    yield* index === at ? chunk.slice(firstIndex(chunk, satisfies)) : chunk;
  }
}

/** All items, in order. */
export function* itemsOf<Item>({ chunks }: SortedList<Item>): Generator<Item, void> {
  for (const chunk of chunks) yield* itemsIn(chunk);
}

function itemsIn<Item>(chunk: Chunk<Item>): readonly Item[] {
  return 'all' in chunk ? chunk.all() : chunk;
}

function lastOf<Item>(chunk: Chunk<Item>): Item {
  return 'last' in chunk ? chunk.last() : (chunk[chunk.length - 1] as Item);
}

function splitWhenLarge<Item>(chunk: Item[]): Item[][] {
  if (chunk.length <= CHUNK_LIMIT) return [chunk];
  return [chunk.slice(0, chunk.length / 2), chunk.slice(chunk.length / 2)];
}

function chunkOf<Item>({ chunks }: SortedList<Item>, item: Item, order: Order<Item>): number {
  return firstIndex(chunks, (chunk) => order(lastOf(chunk), item) >= 0);
}

function indexOf<Item>(chunk: readonly Item[], item: Item, order: Order<Item>): number {
  return firstIndex(chunk, (one) => order(one, item) >= 0);
}

function isAt<Item>(chunk: readonly Item[], index: number, item: Item, order: Order<Item>): boolean {
  return index < chunk.length && order(chunk[index] as Item, item) === 0;
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
