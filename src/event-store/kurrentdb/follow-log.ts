import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Batch, Position, RecordedEvent, StreamFilter } from '../event-store.js';
import type { Delivery, KurrentdbClient } from './calls.js';
import { Lost } from './lost.js';

/** Milliseconds until a lost subscription is opened again: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * The pace of a subscription: the number of events after which a checkpoint comes. While the log is busy, few
 * checkpoints cost less, and events move the position. While it is quiet, each event must move the position, whether it
 * matches or not.
 */
const BUSY = 1_000;
const QUIET = 1;

/** Milliseconds without a delivery after which the log is quiet. */
const QUIET_AFTER = 250;

/** What it takes to follow the log. */
export interface LogSource {
  readonly client: KurrentdbClient;
  /** Milliseconds that a question may take. */
  readonly limit: number;
  /** Milliseconds without a delivery after which to ask whether one is missing. */
  readonly silence: number;
  readonly log: Logger;
}

/**
 * Follows the log from a position on until the signal aborts. A subscription that is lost is opened again where it was,
 * for ever.
 */
export async function* followLog(
  from: Position,
  { prefixes }: StreamFilter,
  source: LogSource,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { log } = source;
  let position = from;
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      for (const pace of [BUSY, QUIET]) {
        for await (const batch of subscription(position, prefixes, pace, source, signal)) {
          position = batch.position;
          pause = FIRST_PAUSE;
          yield batch;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Lost)) throw error;
      if (pause === FIRST_PAUSE) log.warn({ reason: error.message, position }, 'lost the subscription to KurrentDB');
      await sleep(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }
}

/** One subscription, until its pace is no longer right. Throws `Lost`. */
async function* subscription(
  from: Position,
  prefixes: readonly string[],
  pace: number,
  { client, limit, silence }: LogSource,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  // Asked before the subscription begins: when it has caught up it has passed this position, though nothing says so.
  const end = await unlessAborted(client.head(limit), signal);
  if (end < from) throw new Lost(`the log ends at ${end}, before the position ${from} that was reached in it`);

  const subscribed = client.subscribe(from, prefixes, pace);
  const stop = () => subscribed.close();
  signal.addEventListener('abort', stop);
  try {
    let position = from;
    let due = end;
    let heard = false;
    let caughtUp = 0;
    for (;;) {
      const mayTurnQuiet = pace === BUSY && caughtUp > 0;
      const deliveries = await subscribed.take(mayTurnQuiet ? QUIET_AFTER : silence);
      if (deliveries.length > 0) {
        heard = true;
        const batch = gather(deliveries, position, end);
        if (batch.position > position) {
          position = batch.position;
          yield batch;
        }
        caughtUp += deliveries.filter(({ kind }) => kind === 'caughtUp').length;
        // It had fallen behind.
        if (pace === QUIET && caughtUp > 1) return;
      } else {
        if (mayTurnQuiet) return;
        if (!heard || position < due) throw new Lost('the subscription is silent');
        due = await unlessAborted(client.head(limit), signal);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    subscribed.close();
  }
}

/** @param end a position that the subscription has reached when it has caught up */
function gather(deliveries: readonly Delivery[], from: Position, end: Position): Batch {
  const events: RecordedEvent[] = [];
  let position = from;
  const reach = (reached: Position) => {
    if (reached > position) position = reached;
  };
  for (const delivery of deliveries) {
    switch (delivery.kind) {
      case 'event':
        // At or before the position, it is one that came already.
        if (delivery.event.position > position) events.push(delivery.event);
        reach(delivery.event.position);
        break;
      case 'checkpoint':
        reach(delivery.position);
        break;
      case 'caughtUp':
        reach(end);
        break;
      default:
        throw delivery satisfies never;
    }
  }
  return { events, position };
}

/** What the promise resolves to. Throws `Lost` as soon as the signal aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(new Lost('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
