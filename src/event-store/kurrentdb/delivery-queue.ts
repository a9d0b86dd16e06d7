import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBell } from '../../waiting.js';

/** Keeps what a subscription delivers until its consumer takes it. */
export interface DeliveryQueue<T> {
  /** Returns how many items wait now. */
  add(item: T): number;
  /** Ends the deliveries. The items that wait can still be taken. */
  end(error: Error): void;
  /**
   * Takes all items that wait, in order. Waits for the first one, but at most `limit` milliseconds, and then returns
   * none. Throws the error of the end when nothing is left.
   */
  take(limit: number): Promise<readonly T[]>;
}

/** An empty queue. */
export function createDeliveryQueue<T>(): DeliveryQueue<T> {
  const arrival = createBell();
  let waiting: T[] = [];
  let ended: Error | undefined;

  return {
    add: (item) => {
      waiting.push(item);
      arrival.ring();
      return waiting.length;
    },
    end: (error) => {
      ended ??= error;
      arrival.ring();
    },
    take: async (limit) => {
      if (waiting.length === 0 && !ended) {
        await arrival.wait(limit);
        // Items that arrive in the same turn of the event loop are taken together.
        await nextTurn();
      }
      if (waiting.length === 0 && ended) throw ended;
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}
