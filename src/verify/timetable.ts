/** Time that something takes: [start, end), in epoch milliseconds. */
export interface Span {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** Spans in the order of their starts. They may overlap: that is what is looked for. */
export interface Timetable<Item extends Span> {
  add(item: Item): void;
  /** Removes the item itself, if it is there. */
  remove(item: Item): void;
  /** The items that have time in common with the span, in order; the span itself excepted. */
  overlapping(span: Span): Item[];
}

/** An empty timetable. */
export function createTimetable<Item extends Span>(): Timetable<Item> {
  const items: Item[] = [];
  let longest = 0;

  /** The place of the first item that starts at or after a time. */
  function firstFrom(time: number): number {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (items[middle]!.start < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    add(item) {
      longest = Math.max(longest, item.end - item.start);
      items.splice(firstFrom(item.start), 0, item);
    },
    remove(item) {
      for (let place = firstFrom(item.start); items[place]?.start === item.start; place += 1) {
        if (items[place] === item) return void items.splice(place, 1);
      }
    },
    overlapping(span) {
      const found: Item[] = [];
      for (let place = firstFrom(span.start - longest); place < items.length; place += 1) {
        const item = items[place]!;
        if (item.start >= span.end) break;
        if (item.end > span.start && item !== span) found.push(item);
      }
      return found;
    },
  };
}
