import { StoreUnavailable } from '../event-store.js';

/** A number of places for work. Who finds none free waits, the first one first. */
export interface Slots {
  /**
   * Runs the work once there is a place for it, and gives the place back when the work settles. Throws
   * `StoreUnavailable` when there is no place within `limit` milliseconds, or when the signal aborts.
   * @param work gets the milliseconds that are left
   */
  run<T>(work: (left: number) => Promise<T>, limit: number, signal: AbortSignal): Promise<T>;
}

export function createSlots(count: number): Slots {
  const waiting = new Set<() => void>();
  let free = count;

  function turn(limit: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        waiting.delete(enter);
      };
      const enter = () => {
        stop();
        resolve();
      };
      const giveUp = () => {
        stop();
        const reason = signal.aborted ? 'it is closed' : `no turn within ${limit} ms`;
        reject(new StoreUnavailable(`the event store does not take more appends: ${reason}`));
      };
      const timer = setTimeout(giveUp, limit);
      signal.addEventListener('abort', giveUp);
      waiting.add(enter);
    });
  }

  return {
    run: async (work, limit, signal) => {
      const end = performance.now() + limit;
      if (free > 0) free -= 1;
      else await turn(limit, signal);
      try {
        return await work(end - performance.now());
      } finally {
        const [next] = waiting;
        if (next) next();
        else free += 1;
      }
    },
  };
}
