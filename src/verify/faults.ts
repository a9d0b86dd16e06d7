import type { Position } from '../event-store/event-store.js';

/** Something that must not be. */
export interface Fault {
  /** Where in the log it shows; undefined when it is in the read model only. */
  readonly position?: Position;
  readonly stream?: string;
  readonly revision?: number;
  /** What is wrong, with the ids that it concerns: a sentence without its full stop. */
  readonly what: string;
}

/** The faults that were found: all are counted, and the first ones kept. */
export interface Faults {
  readonly count: number;
  readonly first: readonly Fault[];
  add(fault: Fault): void;
}

/** @param most how many faults to keep */
export function collectFaults(most: number): Faults {
  const first: Fault[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    first,
    add(fault) {
      count += 1;
      if (first.length < most) first.push(fault);
    },
  };
}

/** A fault as a line: where it is, then what is wrong. */
export function lineOf({ position, stream, revision, what }: Fault): string {
  const place = [
    position !== undefined && `position ${position}`,
    stream !== undefined && (revision === undefined ? stream : `${stream} revision ${revision}`),
  ].filter(Boolean);
  return place.length > 0 ? `${place.join(', ')}: ${what}` : what;
}
