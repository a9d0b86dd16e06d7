import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import { createBackoff, createTimeLimits, pause } from '../../waiting.js';
import { type AppendResult, StoreUnavailable } from '../event-store.js';
import type { Append } from './append-call.js';
import { appendError } from './store-errors.js';

// In a larger call an append costs hardly less, and its caller waits longer.
const MAX_EVENTS = 250;
const MAX_CHARACTERS = 1_000_000;

/** Milliseconds before a call is repeated: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** Makes all appends in one transaction, with an outcome for each, in order. May be repeated with the same appends. */
export type AppendCall = (appends: readonly Append[]) => Promise<readonly AppendResult[]>;

/** Makes the appends that arrive while a call is under way together, in the next call. */
export interface AppendQueue {
  /**
   * Settles within the time limit: with the outcome, with `StoreUnavailable`, or with the error of this append alone,
   * which is a `StoreOutOfOrder` if the database is at fault.
   * Appends to one stream are made in the order in which they were added.
   */
  add(append: Append): Promise<AppendResult>;
  /** Fails the appends that wait, and those that are added later, with `StoreUnavailable`. */
  close(): void;
}

/** An append whose caller waits. What settles first counts. */
interface PendingAppend {
  readonly append: Append;
  /** Characters of JSON. */
  readonly size: number;
  /** Whether the caller was told that there is no answer. */
  isGivenUp: boolean;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A queue that makes one call at a time: a second call in flight was no faster, since both need the lock of the log.
 * @param timeLimit milliseconds that an append may take, waiting and repetitions included
 */
export function createAppendQueue(call: AppendCall, timeLimit: number, log: Logger): AppendQueue {
  let waiting: PendingAppend[] = [];
  let underWay: PendingAppend[] = [];
  let running = false;
  let closed = false;
  const limits = createTimeLimits<PendingAppend>(timeLimit, (pending) => {
    giveUp(pending, `the event store did not answer within ${timeLimit} ms`);
  });

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // Appends that arrive in the same turn of the event loop go in the same call.
      await nextTurn();
      [underWay, waiting] = nextBatch(waiting);
      await deliver(underWay, call, log);
    }
    underWay = [];
    running = false;
  }

  function giveUp(pending: PendingAppend, reason: string): void {
    pending.isGivenUp = true;
    pending.reject(new StoreUnavailable(reason));
  }

  return {
    add: (append) => {
      if (closed) return Promise.reject(new StoreUnavailable('the event store is closed'));
      return new Promise((resolve, reject) => {
        const pending: PendingAppend = {
          append,
          size: sizeOf(append),
          isGivenUp: false,
          resolve: (result) => {
            limits.end(limit);
            resolve(result);
          },
          reject: (error) => {
            limits.end(limit);
            reject(error);
          },
        };
        const limit = limits.begin(pending);
        waiting.push(pending);
        if (!running) void run();
      });
    },
    close: () => {
      closed = true;
      for (const pending of [...underWay, ...waiting]) giveUp(pending, 'the event store is closed');
    },
  };
}

function sizeOf({ events }: Append): number {
  let size = 0;
  for (const { data, metadata } of events) size += data.length + metadata.length;
  return size;
}

/** Splits off the appends for the next call. Both parts stay in order, and no stream occurs twice in a call. */
function nextBatch(waiting: readonly PendingAppend[]): [batch: PendingAppend[], rest: PendingAppend[]] {
  const batch: PendingAppend[] = [];
  const rest: PendingAppend[] = [];
  const streams = new Set<string>();
  let events = 0;
  let characters = 0;
  let full = false;
  for (const pending of waiting) {
    const { append, size, isGivenUp } = pending;
    if (isGivenUp) continue;
    full ||= batch.length > 0 && (events + append.events.length > MAX_EVENTS || characters + size > MAX_CHARACTERS);
    if (full || streams.has(append.stream)) {
      rest.push(pending);
      continue;
    }
    batch.push(pending);
    streams.add(append.stream);
    events += append.events.length;
    characters += size;
  }
  return [batch, rest];
}

/**
 * Answers every append of the batch. Repeats the call after a lost connection, a deadlock and the like, as long as a
 * caller waits: an append that was written before is then answered as written. When the call fails for another reason,
 * the appends at fault get the error and the others are made.
 */
async function deliver(batch: readonly PendingAppend[], call: AppendCall, log: Logger): Promise<void> {
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  for (;;) {
    const open = batch.filter(({ isGivenUp }) => !isGivenUp);
    if (open.length === 0) return;
    try {
      const results = await call(open.map(({ append }) => append));
      void answer(open, results);
      return;
    } catch (err) {
      if (!isConnectionError(err)) return isolate(open, err, call, log);
      if (backoff.atStart) log.warn({ err, appends: open.length }, 'the appends failed and will be tried again');
      await pause(backoff.next());
    }
  }
}

// What follows an answer takes 50 µs: after so many, others have their turn.
const ANSWERS_A_TURN = 16;

/**
 * Answers the appends of a batch in portions, while the next call is under way. All at once, callers who share a
 * connection would wait for the last of them: over gRPC a sixth fewer bookings a second.
 */
async function answer(batch: readonly PendingAppend[], results: readonly AppendResult[]): Promise<void> {
  for (const [nr, { resolve }] of batch.entries()) {
    if (nr > 0 && nr % ANSWERS_A_TURN === 0) await nextTurn();
    resolve(results[nr]!);
  }
}

/** Makes the halves of the batch in calls of their own, until each append at fault is alone. */
async function isolate(batch: readonly PendingAppend[], error: unknown, call: AppendCall, log: Logger): Promise<void> {
  if (batch.length === 1) return batch[0]!.reject(appendError(error));
  const middle = batch.length >> 1;
  await deliver(batch.slice(0, middle), call, log);
  await deliver(batch.slice(middle), call, log);
}
