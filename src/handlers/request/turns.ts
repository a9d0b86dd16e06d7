import type { Call } from '../call.js';

/** Computations that take their time, done so that all other callers are served meanwhile. */
export interface Turns {
  /**
   * Does the work at once when none was done lately, else in its turn: callers take turns, and what they ask for is done
   * in the order in which they asked. Rejects with what the work throws, or with the reason of the call's cancellation.
   */
  take<Result>(call: Pick<Call, 'caller' | 'cancellation'>, work: () => Result): Promise<Result>;
}

/** In milliseconds. Work that is begun is finished: a turn lasts as long as its last work takes. */
const LONGEST_TURN = 5;

/**
 * Turns of one process. A caller may send a thousand requests in one packet, each of which takes some milliseconds to
 * compute: were they done as they come, nobody else would be served for seconds. Between two turns there is as much time
 * for everything else as the turn took.
 */
export function createTurns(): Turns {
  /** What each caller waits for. The caller who is next is the first. */
  const queues = new Map<string, (() => void)[]>();
  let isPausing = false;

  function next(): () => void {
    const [[caller, queue]] = queues as unknown as [[string, (() => void)[]]];
    const work = queue.shift()!;
    queues.delete(caller);
    if (queue.length > 0) queues.set(caller, queue);
    return work;
  }

  function turn(): void {
    const began = performance.now();
    let spent = 0;
    isPausing = queues.size > 0;
    while (queues.size > 0 && spent < LONGEST_TURN) {
      next()();
      spent = performance.now() - began;
    }
    if (isPausing) setTimeout(turn, spent);
  }

  return {
    take: ({ caller, cancellation }, work) =>
      new Promise((resolve, reject) => {
        const own = () => {
          if (cancellation.aborted) return reject(cancellation.reason);
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        };
        const queue = queues.get(caller);
        if (queue) queue.push(own);
        else queues.set(caller, [own]);
        if (!isPausing) turn();
      }),
  };
}
