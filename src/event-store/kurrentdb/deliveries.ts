import { setImmediate as nextTurn } from 'node:timers/promises';

/** What has been delivered to a consumer who takes it in his own time. */
export interface Deliveries<T> {
  /** Returns how many wait now. */
  add(item: T): number;
  /** Ends the deliveries: what waits can still be taken. */
  end(error: Error): void;
  /**
   * All that waits, in order. If nothing does, waits for something, at most `limit` milliseconds, and then gives
   * nothing. Throws the error of the end when nothing is left.
   */
  take(limit: number): Promise<readonly T[]>;
}

export function createDeliveries<T>(): Deliveries<T> {
  let waiting: T[] = [];
  let ended: Error | undefined;
  let wake = () => {};

  return {
    add: (item) => {
      waiting.push(item);
      wake();
      return waiting.length;
    },
    end: (error) => {
      ended ??= error;
      wake();
    },
    take: async (limit) => {
      if (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, limit);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        // What arrives in the same turn is taken together.
        await nextTurn();
      }
      if (waiting.length === 0 && ended) throw ended;
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}
