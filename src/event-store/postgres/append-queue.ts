import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import { createBackoff, createDeferred, type Deferred, pause } from '../../waiting.js';
import { type AppendResult, StoreUnavailable } from '../event-store.js';
import type { EncodedAppend } from './append-call.js';

// In a larger call an append costs hardly less, and its caller waits longer.
const MAX_EVENTS = 250;
const MAX_CHARACTERS = 1_000_000;

/** Milliseconds before a call is repeated: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** Makes all appends in one transaction, with an outcome for each, in order. May be repeated with the same appends. */
export type AppendCall = (appends: readonly EncodedAppend[]) => Promise<readonly AppendResult[]>;

/** Makes the appends that arrive while a call is under way together, in the next call. */
export interface AppendQueue {
  /**
   * Settles within the time limit: with the outcome, with `StoreUnavailable`, or with the error of this append alone.
   * Appends to one stream are made in the order in which they were added.
   */
  add(append: EncodedAppend): Promise<AppendResult>;
  /** Fails the appends that wait, and those that are added later, with `StoreUnavailable`. */
  close(): void;
}

/** An append and the promise that its caller waits for. */
interface PendingAppend {
  readonly append: EncodedAppend;
  readonly answer: Deferred<AppendResult>;
}

/**
 * A queue that makes one call at a time: a second call in flight was no faster, since both need the lock of the log.
 * @param timeLimit milliseconds that an append may take, waiting and repetitions included
 */
export function createAppendQueue(call: AppendCall, timeLimit: number, log: Logger): AppendQueue {
  const patience = {
    limit: {
      ms: timeLimit,
      error: () => new StoreUnavailable(`the event store did not answer within ${timeLimit} ms`),
    },
  };
  let waiting: PendingAppend[] = [];
  let underWay: PendingAppend[] = [];
  let running = false;
  let closed = false;

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

  return {
    add: (append) => {
      if (closed) return Promise.reject(new StoreUnavailable('the event store is closed'));
      const answer = createDeferred<AppendResult>(patience);
      waiting.push({ append, answer });
      if (!running) void run();
      return answer.promise;
    },
    close: () => {
      closed = true;
      for (const { answer } of [...underWay, ...waiting]) {
        answer.reject(new StoreUnavailable('the event store is closed'));
      }
    },
  };
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
    const { append, answer } = pending;
    if (answer.settled) continue;
    full ||=
      batch.length > 0 && (events + append.events.length > MAX_EVENTS || characters + append.size > MAX_CHARACTERS);
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

/**
 * Answers every append of the batch. Repeats the call after a lost connection, as long as a caller waits: an append
 * that was written before is then answered as written. When the call fails for another reason, the appends at fault get
 * the error and the others are made.
 */
async function deliver(batch: readonly PendingAppend[], call: AppendCall, log: Logger): Promise<void> {
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  for (;;) {
    const open = batch.filter(({ answer }) => !answer.settled);
    if (open.length === 0) return;
    try {
      const results = await call(open.map(({ append }) => append));
      for (const [i, { answer }] of open.entries()) answer.resolve(results[i]!);
      return;
    } catch (err) {
      if (!isConnectionError(err)) return isolate(open, err, call, log);
      if (backoff.atStart) log.warn({ err, appends: open.length }, 'Postgres did not answer, appending again');
      await pause(backoff.next());
    }
  }
}

/** Makes the halves of the batch in calls of their own, until each append at fault is alone. */
async function isolate(batch: readonly PendingAppend[], error: unknown, call: AppendCall, log: Logger): Promise<void> {
  if (batch.length === 1) return batch[0]!.answer.reject(error);
  const middle = batch.length >> 1;
  await deliver(batch.slice(0, middle), call, log);
  await deliver(batch.slice(middle), call, log);
}
