import { isInCalendar } from '../slot.js';
import type { Rules } from './obstacles.js';
import { nextStart, type Terms } from './terms.js';

/** In which time slots are looked for. */
export interface Search {
  /** Epoch milliseconds: slots lie wholly within [from, to). */
  readonly from: number;
  readonly to: number;
  /** In minutes. */
  readonly duration: number;
}

/** After how many starts without a slot the search lets others have a turn. */
const STARTS_IN_A_ROW = 200;

/**
 * The starts on the grid at which nothing is in the way, in order. Yields undefined now and then, when it has looked at
 * many starts in vain: a chance to do something else.
 */
export function* freeStarts(terms: Terms, rules: Rules, { from, to, duration }: Search): Generator<number | undefined> {
  const last = to - duration * 60_000;
  let looked = 0;
  for (let at = from; at <= last; ) {
    const start = nextStart(terms, at, last);
    if (start === undefined) return;
    const slot = { start, duration };
    if (!isInCalendar(slot)) return;
    const obstacle = rules.firstObstacle(slot);
    if (!obstacle) {
      looked = 0;
      yield start;
    } else {
      looked += 1;
      if (looked % STARTS_IN_A_ROW === 0) yield undefined;
    }
    at = obstacle ? obstacle.until : start + 1;
  }
}
