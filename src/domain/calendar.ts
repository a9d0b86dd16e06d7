import { endOf, LONGEST_SLOT, overlap, type Slot } from './slot.js';
import { itemsWhere, type SortedList, withItem, withoutItem } from './sorted-list.js';

/** A slot that is taken: by a session, a hold or a reservation. */
export interface Entry extends Slot {
  readonly id: string;
}

/** Entries by start, then id. The calendar takes any entry: whoever adds one decides whether it may overlap others. */
export type Calendar<Item extends Entry> = SortedList<Item>;

const LONGEST = LONGEST_SLOT * 60_000;

/** The calendar with the entry. */
export function addEntry<Item extends Entry>(calendar: Calendar<Item>, entry: Item): Calendar<Item> {
  return withItem(calendar, entry, byTime);
}

/** The calendar without the entry of this start and id, if it is there. */
export function removeEntry<Item extends Entry>(calendar: Calendar<Item>, entry: Item): Calendar<Item> {
  return withoutItem(calendar, entry, byTime);
}

/**
 * The entries that overlap a slot, in order. Looks only at entries that start less than `LONGEST_SLOT` before the slot:
 * older ones have ended. Finds the first of them by binary search.
 */
export function* overlapping<Item extends Entry>(calendar: Calendar<Item>, slot: Slot): Generator<Item, void> {
  const end = endOf(slot);
  for (const entry of itemsWhere(calendar, ({ start }) => start > slot.start - LONGEST)) {
    if (entry.start >= end) return;
    if (overlap(entry, slot)) yield entry;
  }
}

function byTime(one: Entry, other: Entry): number {
  return one.start - other.start || (one.id < other.id ? -1 : Number(one.id > other.id));
}
