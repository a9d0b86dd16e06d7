import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type AppendResult, StoreUnavailable } from '../event-store.js';
import type { EncodedAppend } from './append-call.js';
import { type AppendCall, deliver } from './append-delivery.js';
import { type PendingAppend, pend } from './pending-append.js';

// In a larger call an append is hardly cheaper, and the answers come later.
const MOST_EVENTS = 250;
const MOST_CHARACTERS = 1_000_000;

/** Appends that arrive while a call is under way go together in the next one. */
export interface AppendQueue {
  /**
   * Settles within the time limit: with the outcome, with `StoreUnavailable`, or with the error of this append alone.
   * Appends to one stream go in the order in which they were added.
   */
  add(append: EncodedAppend): Promise<AppendResult>;
  /** Fails what waits, and what is added later, with `StoreUnavailable`. */
  close(): void;
}

/**
 * There is one call at a time: a second one in flight was no faster, as both need the lock of the log.
 * @param timeLimit milliseconds that an append may take, waiting and repetitions included
 */
export function createAppendQueue(call: AppendCall, timeLimit: number, log: Logger): AppendQueue {
  let queue: PendingAppend[] = [];
  let underWay: PendingAppend[] = [];
  let running = false;
  let closed = false;

  async function run(): Promise<void> {
    running = true;
    while (queue.length > 0) {
      // What arrives in the same turn goes in the same call.
      await nextTurn();
      [underWay, queue] = nextBatch(queue);
      await deliver(underWay, call, log);
    }
    underWay = [];
    running = false;
  }

  return {
    add: (append) => {
      if (closed) return Promise.reject(new StoreUnavailable('the event store is closed'));
      const [pending, result] = pend(append, timeLimit);
      queue.push(pending);
      if (!running) void run();
      return result;
    },
    close: () => {
      closed = true;
      for (const pending of [...underWay, ...queue]) pending.reject(new StoreUnavailable('the event store is closed'));
    },
  };
}

/** The appends for the next call, and those that have to wait, in order. No stream is twice in a call. */
function nextBatch(queue: readonly PendingAppend[]): [batch: PendingAppend[], rest: PendingAppend[]] {
  const batch: PendingAppend[] = [];
  const rest: PendingAppend[] = [];
  const streams = new Set<string>();
  let events = 0;
  let characters = 0;
  let full = false;
  for (const pending of queue) {
    if (!pending.open) continue;
    const { append } = pending;
    full ||=
      batch.length > 0 && (events + append.events.length > MOST_EVENTS || characters + append.size > MOST_CHARACTERS);
    if (full || streams.has(append.stream)) {
      rest.push(pending);
      continue;
    }
    batch.push(pending);
    streams.add(append.stream);
    events += append.events.length;
    characters += append.size;
  }
  return [batch, rest];
}
