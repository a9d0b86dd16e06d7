import type { Logger } from 'pino';
import { createBackoff, pauseQuietly, within } from '../../waiting.js';
import type { Batch, Position, RecordedEvent, StreamFilter } from '../event-store.js';
import { type Delivery, type KurrentdbClient, NoAnswer } from './client-port.js';

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

/** What a subscription asks, and how patiently. */
export interface LogSource {
  readonly client: KurrentdbClient;
  /** Milliseconds that a call may take. */
  readonly limit: number;
  /** Milliseconds without a delivery after which to ask whether one is missing. */
  readonly silence: number;
  readonly log: Logger;
}

/**
 * Follows the log from a position (exclusive) on until the signal aborts. Opens a lost subscription again where it was,
 * however often.
 */
export async function* followLog(
  from: Position,
  { prefixes }: StreamFilter,
  source: LogSource,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { log } = source;
  let position = from;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  while (!signal.aborted) {
    try {
      for (const pace of [BUSY, QUIET]) {
        for await (const batch of subscription(position, prefixes, pace, source, signal)) {
          position = batch.position;
          backoff.reset();
          yield batch;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof NoAnswer)) throw error;
      if (backoff.atStart) log.warn({ reason: error.message, position }, 'lost the subscription to KurrentDB');
      await pauseQuietly(backoff.next(), signal);
    }
  }
}

/** One subscription, until its pace is no longer right. Throws `NoAnswer`, and the signal's reason. */
async function* subscription(
  from: Position,
  prefixes: readonly string[],
  pace: number,
  { client, limit, silence }: LogSource,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  // Asked before the subscription begins: once it has caught up it has passed this position, though no delivery says
  // so.
  const end = await within(client.head(limit), { signal });
  if (end < from)
    throw new NoAnswer(`the log ends at ${end}, before position ${from}, which the subscription had reached`);

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
        // It caught up a second time, so it had fallen behind: the log is busy.
        if (pace === QUIET && caughtUp > 1) return;
      } else {
        if (mayTurnQuiet) return;
        if (!heard || position < due) throw new NoAnswer('the subscription is silent');
        due = await within(client.head(limit), { signal });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    subscribed.close();
  }
}

/** @param end a position that the subscription has passed once it has caught up */
function gather(deliveries: readonly Delivery[], from: Position, end: Position): Batch {
  const events: RecordedEvent[] = [];
  let position = from;
  const reach = (reached: Position) => {
    if (reached > position) position = reached;
  };
  for (const delivery of deliveries) {
    switch (delivery.kind) {
      case 'event':
        // An event at or before the position was delivered already.
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
