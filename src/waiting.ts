import { setMaxListeners } from 'node:events';

/** Pauses, patience and signals. All times are in milliseconds. No wait leaves a timer or a listener behind. */

/** Resolves after `ms`. Rejects with the signal's reason as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => startClock(resolve, () => reject(signal?.reason), ms, signal));
}

/** Resolves after `ms`, or as soon as the signal aborts. Never rejects. */
export function pauseQuietly(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => startClock(resolve, resolve, ms, signal));
}

/** Between half of `ms` and one and a half times `ms`, at random: processes that lost one server return one by one. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random());
}

/** The lengths of the pauses between attempts. */
export interface Backoff {
  /** Whether no pause was taken since the beginning, or since `reset`: the moment to log an outage, once. */
  readonly atStart: boolean;
  /** The length of the next pause: the first one, then twice the one before, up to the longest. */
  next(): number;
  /** Begins with the first pause again. To be called after a success. */
  reset(): void;
}

/** Pauses that double from the first to the longest. */
export function createBackoff(first: number, longest: number): Backoff {
  let last: number | undefined;
  return {
    get atStart() {
      return last === undefined;
    },
    next: () => {
      last = last === undefined ? first : Math.min(2 * last, longest);
      return last;
    },
    reset: () => {
      last = undefined;
    },
  };
}

/** How long a wait may last. Without members: for ever. */
export interface Patience {
  /** After `ms` the wait rejects with what `error` returns then. */
  readonly limit?: { readonly ms: number; readonly error: () => unknown };
  /** As soon as it aborts, the wait rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A promise that other code settles. Only the first call of `resolve` or `reject` counts. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly settled: boolean;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/**
 * A promise for other code to settle before the patience ends.
 * @param onSettled called once, just before the promise settles for any reason; at once if the signal has aborted
 */
export function createDeferred<T>({ limit, signal }: Patience = {}, onSettled?: () => void): Deferred<T> {
  let settled = false;
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  let stopClock = () => {};
  const settle = (how: () => void) => {
    if (settled) return;
    settled = true;
    stopClock();
    onSettled?.();
    how();
  };
  const expire = () => settle(() => reject(limit?.error()));
  const abort = () => settle(() => reject(signal?.reason));
  stopClock = startClock(expire, abort, limit?.ms, signal);
  return {
    promise,
    get settled() {
      return settled;
    },
    resolve: (value) => settle(() => resolve(value)),
    reject: (reason) => settle(() => reject(reason)),
  };
}

/** Settles as the promise does, unless the patience ends before. The work behind the promise goes on. */
export function within<T>(promise: Promise<T>, patience: Patience): Promise<T> {
  const deferred = createDeferred<T>(patience);
  promise.then(deferred.resolve, deferred.reject);
  return deferred.promise;
}

/** Resolves when the promise has settled, either way, and after `ms` at the latest. Never rejects. */
export async function waitAtMost(ms: number, promise: Promise<unknown>): Promise<void> {
  await within(promise, { limit: { ms, error: () => undefined } }).catch(() => {});
}

/** Waits for the promise and calls `act` every `ms` meanwhile. Rejects as the promise does, or as a call of `act` does. */
export async function meanwhile<T>(promise: Promise<T>, ms: number, act: () => Promise<void>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  // When `act` rejects, nobody awaits it any more.
  settled.catch(() => {});
  for (;;) {
    await waitAtMost(ms, settled);
    if (isSettled) return settled;
    await act();
  }
}

/** A signal that aborts with the first of others, or when it is ended. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Aborts it, and lets go of the others. To be called when it is of no more use; only the first call counts. */
  end(reason?: unknown): void;
}

/**
 * Links a signal to others. `AbortSignal.any` would leave up to 3 kB behind for each that somebody has listened to, as
 * long as the others live: https://github.com/nodejs/node/issues/64476
 */
export function linkedSignal(...others: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const follow = ({ target }: Event) => end((target as AbortSignal).reason);

  function end(reason?: unknown): void {
    for (const other of others) other.removeEventListener('abort', follow);
    controller.abort(reason);
  }

  for (const other of others) {
    if (other.aborted) end(other.reason);
    else if (!signal.aborted) other.addEventListener('abort', follow);
  }
  return { signal, end };
}

/**
 * Tells whether a caller still waits for an outcome, and if not, why. Does what an `AbortController` does, which takes
 * ten times as long to make: this class makes one only when its signal is asked for.
 */
export class Cancellation {
  #aborted = false;
  #reason: unknown;
  #controller: AbortController | undefined;
  #onAbort: ((reason: unknown) => void) | undefined;
  #closed = false;
  #onClosed: (() => void) | undefined;

  /** Whether nobody waits any more. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Why nobody waits any more. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Aborts when nobody waits any more, with the reason. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Calls the one listener at the abort, before the signal aborts. Undefined: calls nobody. */
  notify(listener: ((reason: unknown) => void) | undefined): void {
    this.#onAbort = listener;
  }

  /** From now on nobody waits. Only the first call counts. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#onAbort?.(reason);
    this.#controller?.abort(reason);
  }

  /** Calls the one listener once the caller has taken the outcome, or has gone: at once if that is so. */
  whenClosed(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClosed = listener;
  }

  /** The caller has taken the outcome, or has gone. Only the first call counts. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed?.();
  }
}

/** Time limits of one length. They end in the order in which they began, so that one timer is enough for all of them. */
export interface TimeLimits<Item> {
  /** Begins a time limit for the item. */
  begin(item: Item): TimeLimit<Item>;
  /** Ends a time limit before its time is up. Does nothing when it has ended. */
  end(limit: TimeLimit<Item>): void;
}

/**
 * A time limit among the others, in the order of their ends. A list by links: a `Map` that many objects come into and
 * leave keeps those that left from the collector of young objects, which took 7 µs of a booking.
 */
export interface TimeLimit<Item> {
  readonly item: Item;
  /** When the time is up, by `performance.now()`. */
  readonly end: number;
  before: TimeLimit<Item> | undefined;
  after: TimeLimit<Item> | undefined;
}

/**
 * Time limits without items.
 * @param ms the length of each
 * @param onTimeUp called with an item whose time is up, and whose time limit has ended
 */
export function createTimeLimits<Item>(ms: number, onTimeUp: (item: Item) => void): TimeLimits<Item> {
  let first: TimeLimit<Item> | undefined;
  let last: TimeLimit<Item> | undefined;
  let isArmed = false;

  function arm(delay: number): void {
    isArmed = true;
    // The timer may outlive the last time limit by up to `ms`: it must not keep the process alive.
    setTimeout(look, Math.ceil(delay)).unref();
  }

  function look(): void {
    isArmed = false;
    const now = performance.now();
    while (first && first.end <= now) {
      const { item } = first;
      end(first);
      onTimeUp(item);
    }
    if (first && !isArmed) arm(first.end - now);
  }

  function end(limit: TimeLimit<Item>): void {
    const { before, after } = limit;
    if (!before && limit !== first) return;
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    else last = before;
    limit.before = undefined;
    limit.after = undefined;
  }

  return {
    begin(item) {
      const limit: TimeLimit<Item> = { item, end: performance.now() + ms, before: last, after: undefined };
      if (last) last.after = limit;
      else first = limit;
      last = limit;
      if (!isArmed) arm(ms);
      return limit;
    },
    end,
  };
}

/** Wakes callers that wait for something to happen. */
export interface Bell {
  /** Wakes every caller that waits now. */
  ring(): void;
  /** Resolves at the next ring, after `ms` if given, or as soon as the signal aborts. Never rejects. */
  wait(ms?: number, signal?: AbortSignal): Promise<void>;
}

/** A bell that nobody waits for yet. */
export function createBell(): Bell {
  const sleepers = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of sleepers) wake();
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        let stopClock = () => {};
        const wake = () => {
          stopClock();
          sleepers.delete(wake);
          resolve();
        };
        sleepers.add(wake);
        stopClock = startClock(wake, wake, ms, signal);
      }),
  };
}

/** Calls one of the two, once: `onTime` after `ms`, or `onAbort` when the signal aborts. Returns what stops both. */
function startClock(onTime: () => void, onAbort: () => void, ms?: number, signal?: AbortSignal): () => void {
  const stop = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  const stopAnd = (call: () => void) => () => {
    stop();
    call();
  };
  const abort = stopAnd(onAbort);
  const timer = ms === undefined || signal?.aborted ? undefined : setTimeout(stopAnd(onTime), ms);
  if (signal?.aborted) {
    onAbort();
  } else if (signal) {
    // Any number of waits may share a signal: each removes its own listener. Node takes more than ten for a leak.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort);
  }
  return stop;
}
