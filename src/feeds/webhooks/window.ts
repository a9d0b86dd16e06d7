import type { Change } from '../../application/change-feed.js';

/** A change that the feed told and that is to be delivered. */
export interface Told {
  readonly change: Change;
  isPassed: boolean;
}

/** The changes that were told and may not be delivered yet, in the order of the log. */
export interface Window {
  /** How many there are since the first that is not delivered. */
  size(): number;
  /** The last change before which everything is delivered, itself included; undefined: none yet. */
  reached(): Change | undefined;
  add(change: Change): Told;
  /** A change is delivered, or somebody else remembers it. */
  pass(told: Told): void;
}

/** A window on to nothing yet. */
export function createWindow(): Window {
  let all: Told[] = [];
  let first = 0;
  let reached: Change | undefined;

  return {
    size: () => all.length - first,
    reached: () => reached,
    add(change) {
      const told = { change, isPassed: false };
      all.push(told);
      return told;
    },
    pass(told) {
      told.isPassed = true;
      for (; all[first]?.isPassed; first += 1) reached = all[first]!.change;
      // Not with every change: what is left moves.
      if (first < 256 && first < all.length) return;
      all = all.slice(first);
      first = 0;
    },
  };
}
