import { endOf, LONGEST_SLOT, overlap, type Slot } from './slot.js';
import { itemsBetween, type SortedList, withItem, withoutItem } from './sorted-list.js';
import { byText } from './text.js';

/** A slot that is taken: by a session, a hold or a reservation. */
export interface Entry extends Slot {
  readonly id: string;
}

/** Entries by start, then id. The calendar takes any entry: whoever adds one decides whether it may overlap others. */
export type Calendar<Item extends Entry> = SortedList<Item, Entry>;

const LONGEST = LONGEST_SLOT * 60_000;

/** The calendar with the entry. */
export function addEntry<Item extends Entry>(calendar: Calendar<Item>, entry: Item): Calendar<Item> {
  return withItem(calendar, entry, byTime);
}

/** The calendar without the entry of this start and id, if it is there. */
export function removeEntry<Item extends Entry>(calendar: Calendar<Item>, entry: Entry): Calendar<Item> {
  return withoutItem(calendar, entry, byTime);
}

/**
 * The entries that overlap a slot, in order. Looks only at entries that start less than `LONGEST_SLOT` before the slot:
 * older ones have ended.
 */
export function overlapping<Item extends Entry>(calendar: Calendar<Item>, slot: Slot): Item[] {
  const end = endOf(slot);
  const mayReach = ({ start }: Slot) => start > slot.start - LONGEST;
  return itemsBetween(calendar, mayReach, ({ start }) => start >= end).filter((entry) => overlap(entry, slot));
}

/**
 * The entries that overlap a slot, in order, of a calendar whose entries do not overlap each other. Such entries end in
 * the order in which they start, so this looks at no other entries.
 */
export function overlappingInDisjoint<Item extends Entry>(calendar: Calendar<Item>, slot: Slot): Item[] {
  const end = endOf(slot);
  return itemsBetween(
    calendar,
    (entry) => endOf(entry) > slot.start,
    ({ start }) => start >= end,
  );
}

/** The entries that start at this time, in order. */
export function startingAt<Item extends Entry>(calendar: Calendar<Item>, time: number): Item[] {
  return itemsBetween(
    calendar,
    ({ start }) => start >= time,
    ({ start }) => start > time,
  );
}

/** The order of a calendar. */
export function byTime(one: Entry, other: Entry): number {
  return one.start - other.start || byText(one.id, other.id);
}
