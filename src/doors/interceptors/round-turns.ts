/** Turns in the rounds of the event loop. */
export interface RoundTurns {
  /**
   * Whether work may be done at once: there is time in this round, and nobody waits.
   * @param isOwnTurn whether the caller has the turn, so that those who wait do not count
   */
  isFree(isOwnTurn?: boolean): boolean;
  /** Calls `work` once, when the turn of the caller comes: of a caller, the first to wait first. */
  wait(caller: string, work: () => void): void;
  /** Whether there is room for more that waits: less waits for the caller than there is room for. */
  hasRoom(caller: string): boolean;
}

/** Milliseconds for which work is done before the event loop goes on. */
const AT_ONCE = 16;

/** How much waits. */
const ROOM = 10_000;

/**
 * Turns for work that holds the event loop as long as callers have some: what came with one packet, or is told to a
 * crowd. It is done for 16 ms in each round of the loop, and the rest of the last piece: one piece of each caller that
 * waits, again and again. A piece is to be done when it returns and its microtasks have run.
 */
export function createRoundTurns(now: () => number = () => performance.now()): RoundTurns {
  /** By caller, those whose turn comes first at the beginning. */
  const waiting = new Map<string, (() => void)[]>();
  let count = 0;
  /** When the first piece of this round was begun; undefined: none was yet. */
  let began: number | undefined;

  function hasTime(): boolean {
    if (began !== undefined) return now() < began + AT_ONCE;
    began = now();
    // Comes before those who wait for the next round.
    setImmediate(() => {
      began = undefined;
    });
    return true;
  }

  /** One for each piece that waits, so that the microtasks of the one before have run. */
  function nextTurn(): void {
    if (!hasTime()) return void setImmediate(nextTurn);
    const [caller, pieces] = waiting.entries().next().value!;
    const work = pieces.shift()!;
    count -= 1;
    waiting.delete(caller);
    if (pieces.length > 0) waiting.set(caller, pieces);
    work();
  }

  return {
    isFree: (isOwnTurn = false) => (isOwnTurn || count === 0) && hasTime(),

    wait(caller, work) {
      const pieces = waiting.get(caller);
      if (pieces) pieces.push(work);
      else waiting.set(caller, [work]);
      count += 1;
      setImmediate(nextTurn);
    },

    hasRoom: (caller) => (waiting.get(caller)?.length ?? 0) < ROOM - count,
  };
}
