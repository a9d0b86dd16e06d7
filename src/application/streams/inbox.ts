import type { Cancellation } from '../../waiting.js';

/** A queue for each key: one batch at a time for each key, many keys at once. */
export interface Inbox<Item, Outcome> {
  /**
   * Queues an item and answers its outcome. Items that arrive while a batch of their key is handled form the next
   * batch. Throws `Overloaded`, what `handle` throws, or the reason of the item's cancellation.
   */
  submit(key: string, item: Item): Promise<Outcome>;
}

/** What can wait in an inbox. */
export interface Waitable {
  /** Tells when nobody waits for the outcome any more: the item is dropped unless it is in the batch under way. */
  readonly cancellation: Cancellation;
}

/** How an inbox works. */
export interface InboxParts<Item, Outcome> {
  /**
   * Handles a batch: answers an outcome for each item, in their order. The next batch of the key waits for the answer,
   * not for the promises in it.
   */
  readonly handle: (key: string, items: readonly Item[]) => Promise<readonly (Outcome | Promise<Outcome>)[]>;
  /** The weight of an item. A batch weighs at most 256, or has one item. */
  readonly weightOf: (item: Item) => number;
  /** How many items may wait, of all keys together. */
  readonly maxWaiting: number;
}

/** Too many items are waiting: this one was not taken. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}

// Keeps an append well below what stores take at once: a KurrentDB node takes 1 MiB by default.
const MAX_WEIGHT = 256;

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome | Promise<Outcome>) => void;
  readonly reject: (error: unknown) => void;
}

/** An empty inbox. */
export function createInbox<Item extends Waitable, Outcome>(parts: InboxParts<Item, Outcome>): Inbox<Item, Outcome> {
  const { handle, weightOf, maxWaiting } = parts;

  /** The keys whose batches are being handled. */
  const queues = new Map<string, Waiting<Item, Outcome>[]>();
  let waitingCount = 0;

  function leave(): void {
    waitingCount -= 1;
  }

  function answer({ resolve }: Waiting<Item, Outcome>, outcome: Outcome | Promise<Outcome>): void {
    if (outcome instanceof Promise) outcome.then(leave, leave);
    else leave();
    resolve(outcome);
  }

  function fail({ reject }: Waiting<Item, Outcome>, error: unknown): void {
    leave();
    reject(error);
  }

  /** Those for whom somebody still waits. */
  function stillWanted(batch: Waiting<Item, Outcome>[]): readonly Waiting<Item, Outcome>[] {
    if (!batch.some(({ item }) => item.cancellation.aborted)) return batch;
    return batch.filter((waiting) => {
      const { aborted, reason } = waiting.item.cancellation;
      if (aborted) fail(waiting, reason);
      return !aborted;
    });
  }

  async function handleBatches(key: string, queue: Waiting<Item, Outcome>[]): Promise<void> {
    while (queue.length > 0) {
      const batch = stillWanted(queue.splice(0, batchSize(queue)));
      if (batch.length === 0) continue;
      try {
        const outcomes = await handle(
          key,
          batch.map(({ item }) => item),
        );
        for (const [index, waiting] of batch.entries()) answer(waiting, outcomes[index] as Outcome);
      } catch (error) {
        for (const waiting of batch) fail(waiting, error);
      }
    }
    queues.delete(key);
  }

  /** How many of the next items fit into a batch: at least one. */
  function batchSize(queue: readonly Waiting<Item, Outcome>[]): number {
    let weight = 0;
    const over = queue.findIndex(({ item }) => {
      weight += weightOf(item);
      return weight > MAX_WEIGHT;
    });
    return over === -1 ? queue.length : Math.max(over, 1);
  }

  return {
    submit(key, item) {
      if (waitingCount >= maxWaiting) return Promise.reject(new Overloaded(`${waitingCount} commands are waiting`));

      waitingCount += 1;
      return new Promise<Outcome>((resolve, reject) => {
        const waiting = { item, resolve, reject };
        const queue = queues.get(key);
        if (queue) {
          queue.push(waiting);
        } else {
          const started = [waiting];
          queues.set(key, started);
          void handleBatches(key, started);
        }
      });
    },
  };
}
