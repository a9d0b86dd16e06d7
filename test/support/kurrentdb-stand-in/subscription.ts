import type { EventLog, StoredEvent } from './event-log.js';

/** A place in the log, as the protocol names it. */
export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** What a node sends to a subscriber of the whole log. */
export type SubscriptionMessage =
  | { readonly kind: 'confirmation' }
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'checkpoint'; readonly place: Place }
  | { readonly kind: 'caughtUp' };

/** What a subscriber asks for. */
export interface SubscriptionRequest {
  /** The place after which to begin; `undefined`: the start of the log. */
  readonly from: Place | undefined;
  readonly matches: (event: StoredEvent) => boolean;
  /** Events that a page looks at while the subscription catches up. */
  readonly window: number;
  /** Windows after which a checkpoint comes. */
  readonly interval: number;
}

/** No event begins at the place where the subscription shall begin. */
export class InvalidPlace extends Error {}

/** Matching events that a page has at most. */
const PAGE = 32;

const NOWHERE: Place = { commit: -1n, prepare: -1n };

/** How the protocol writes -1. */
const FARTHEST: Place = { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n };

/**
 * Follows the log until the signal aborts. Throws `InvalidPlace`. It does what a real node was seen to do: while it
 * catches up, a checkpoint names the beginning of a page that has been read, with a prepare position of 0; and it does
 * not say where it was when it had caught up.
 */
export async function* subscription(
  log: EventLog,
  { from, matches, window, interval }: SubscriptionRequest,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionMessage> {
  const spacing = window * interval;
  let sent = from ?? NOWHERE;
  let reported = NOWHERE;

  function* event(candidate: StoredEvent): Generator<SubscriptionMessage> {
    if (!matches(candidate) || !isAfter(placeOf(candidate), sent)) return;
    sent = placeOf(candidate);
    yield { kind: 'event', event: candidate };
  }

  function* checkpoint(place: Place): Generator<SubscriptionMessage> {
    if (isAfter(place, sent)) sent = place;
    if (!isAfter(sent, reported)) return;
    reported = sent;
    yield { kind: 'checkpoint', place: sent };
  }

  yield { kind: 'confirmation' };
  let next = from ? log.indexOf(from.commit) : 0;
  if (next === undefined) throw new InvalidPlace();

  if (!from || from.commit < log.at(log.length - 1)!.position) {
    let considered = 0;
    for (
      let page = from ?? { commit: 0n, prepare: 0n };
      ;
      page = { commit: log.at(next)?.position ?? 0n, prepare: 0n }
    ) {
      const end = next + window;
      for (let found = 0; next < end && found < PAGE && next < log.length; next++, considered++) {
        for (const message of event(log.at(next)!)) {
          found++;
          yield message;
        }
      }
      if (next < end && next === log.length) break;
      if (considered >= spacing) {
        considered %= spacing;
        yield* checkpoint(page);
      }
    }
    // From the start of a short log it reports a place that does not exist, and no checkpoint after that.
    if (sent === NOWHERE) {
      reported = FARTHEST;
      yield { kind: 'checkpoint', place: FARTHEST };
    }
    yield* checkpoint(NOWHERE);
  } else {
    next = log.length;
  }
  yield { kind: 'caughtUp' };

  for (let considered = 1; !signal.aborted; ) {
    const candidate = log.at(next);
    if (candidate) {
      next++;
      yield* event(candidate);
      if (considered++ % spacing === 0 && !isAfter(sent, placeOf(candidate))) yield* checkpoint(placeOf(candidate));
    } else {
      await log.nextCommit(signal);
    }
  }
}

function placeOf({ position }: StoredEvent): Place {
  return { commit: position, prepare: position };
}

function isAfter(a: Place, b: Place): boolean {
  return a.commit === b.commit ? a.prepare > b.prepare : a.commit > b.commit;
}
