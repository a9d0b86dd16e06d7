import type { Change } from '../../application/change-feed.js';
import type { HeldUp } from '../../application/webhooks.js';
import type { Told } from './window.js';

/**
 * The changes of one coach on their way to one receiver, one after the other. A lane that falls behind forgets what the
 * feed told, and reads the coach's stream instead: so the others need not wait, and nothing is kept in memory.
 */
export interface Lane {
  readonly coachHashId: string;
  /** What the feed told, in order. */
  queue: Told[];
  /** From where to read the stream; undefined: the lane is not behind. */
  behind: HeldUp | undefined;
  /** The highest revision that the feed told while the lane is behind. */
  told: number;
  /** Whether somebody delivers what it has. */
  isServed: boolean;
  /** Gives up the change that holds the lane up. */
  skips: string | undefined;
  /** Ends the pause before the next attempt. */
  wake: () => void;
}

/** A lane with nothing in it. */
export function newLane(coachHashId: string): Lane {
  return { coachHashId, queue: [], behind: undefined, told: -1, isServed: false, skips: undefined, wake: () => {} };
}

/** The lane goes on by its stream, from a change that was not tried yet. */
export function behindAt({ id, revision, event }: Change, now: number): HeldUp {
  const { coachHashId } = event;
  return { coachHashId, changeId: id, revision, attempts: 0, since: now, nextAttemptAt: now, lastError: '' };
}
