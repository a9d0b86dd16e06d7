/** Work that a caller wants done. */
export interface Work {
  /** Who wants it. */
  readonly caller: string;
  /** How much of the capacity it takes while it is under way: more than 0. */
  readonly cost: number;
  /** Whether nobody wants it any more. Work that is over before its turn is dropped. */
  readonly isOver: boolean;
  /** Begins it. Must not throw. */
  begin(): void;
  /** Called in place of `begin` when its turn comes and it is over. */
  drop(): void;
}

/**
 * Shares a capacity out among callers, so that none of them keeps the others waiting for long. A caller may begin more
 * work while less is under way for it than twice of what is still free: one alone gets about two thirds of the capacity,
 * two get two fifths each, and whoever comes next finds room. Further work waits, and callers take turns.
 *
 * The rule is that of dynamic thresholds for buffers: A. K. Choudhury, E. L. Hahne, "Dynamic Queue Length Thresholds for
 * Shared-Memory Packet Switches", 1998.
 */
export interface FairShares {
  /** Begins the work at once, or when its turn comes. Answers false if too much waits already: then it never begins. */
  enter(work: Work): boolean;
  /** Ends work that was begun. To be called once. */
  leave(work: Work): void;
}

/** A caller with work, or one who had some. */
interface Caller {
  /** The cost of what is under way. */
  used: number;
  /** In order of arrival. */
  readonly waiting: Set<Work>;
}

/** How much a caller may have under way, as a multiple of what is free. */
const THRESHOLD = 2;

/** Once there are so many callers, those without work are forgotten. */
const MANY_CALLERS = 1_000;

/**
 * @param capacity for the sum of the costs of what is under way, which the last work to begin may exceed
 * @param maxWaiting the most work that waits. A caller may add to it while less waits for this caller than is free
 */
export function createFairShares(capacity: number, maxWaiting: number): FairShares {
  const callers = new Map<string, Caller>();
  /** Those for whom work waits, in order of their turns. */
  const turns: Caller[] = [];
  let used = 0;
  let waiting = 0;
  let many = MANY_CALLERS;

  function callerNamed(name: string): Caller {
    const known = callers.get(name);
    if (known) return known;
    if (callers.size >= many) forgetIdle();
    const caller = { used: 0, waiting: new Set<Work>() };
    callers.set(name, caller);
    return caller;
  }

  function forgetIdle(): void {
    for (const [name, caller] of callers) if (caller.used === 0 && caller.waiting.size === 0) callers.delete(name);
    many = Math.max(MANY_CALLERS, 2 * callers.size);
  }

  const hasRoom = (caller: Caller) => caller.used < THRESHOLD * (capacity - used);

  function begin(caller: Caller, work: Work): void {
    used += work.cost;
    caller.used += work.cost;
    work.begin();
  }

  /** Begins what there is room for: one piece of work of each caller in turn. */
  function takeTurns(): void {
    let passed = 0;
    while (passed < turns.length && used < capacity) {
      const caller = turns.shift() as Caller;
      const work = firstWanted(caller);
      if (!work) continue;
      const goesOn = hasRoom(caller);
      if (goesOn) {
        remove(caller, work);
        begin(caller, work);
      }
      if (caller.waiting.size > 0) turns.push(caller);
      passed = goesOn ? 0 : passed + 1;
    }
  }

  function firstWanted(caller: Caller): Work | undefined {
    for (const work of caller.waiting) {
      if (!work.isOver) return work;
      remove(caller, work);
      work.drop();
    }
    return undefined;
  }

  function remove(caller: Caller, work: Work): void {
    caller.waiting.delete(work);
    waiting -= 1;
  }

  return {
    enter(work) {
      const caller = callerNamed(work.caller);
      const { size } = caller.waiting;
      if (size === 0 && hasRoom(caller)) {
        begin(caller, work);
        return true;
      }
      if (size >= maxWaiting - waiting) return false;
      caller.waiting.add(work);
      waiting += 1;
      if (size === 0) turns.push(caller);
      return true;
    },

    leave(work) {
      used -= work.cost;
      callerNamed(work.caller).used -= work.cost;
      if (waiting > 0) takeTurns();
    },
  };
}

/** So much work of a caller waits that no more is taken. */
export class TooMuchWaits extends Error {
  override readonly name = 'TooMuchWaits';
}
