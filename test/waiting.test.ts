import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  Cancellation,
  createBackoff,
  createBell,
  createDeferred,
  createTimeLimits,
  jittered,
  linkedSignal,
  pause,
  pauseQuietly,
  waitAtMost,
  within,
} from '../src/waiting.js';

const REASON = new Error('enough');
const LATE = new Error('too late');
const late = { ms: 100, error: () => LATE };

let stopping: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  stopping = new AbortController();
});

afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  expect(getEventListeners(stopping.signal, 'abort'), 'listeners left behind').toEqual([]);
  vi.useRealTimers();
});

type State = 'pending' | { readonly value: unknown } | { readonly reason: unknown };

/** What has become of the promises so far. */
async function statesOf(...promises: Promise<unknown>[]): Promise<State[]> {
  const states = promises.map((): State => 'pending');
  for (const [i, promise] of promises.entries()) {
    promise.then(
      (value) => {
        states[i] = { value };
      },
      (reason) => {
        states[i] = { reason };
      },
    );
  }
  await vi.advanceTimersByTimeAsync(0);
  return states;
}

const DONE = { value: undefined };

test.each([
  { name: 'pause', wait: pause, aborted: { reason: REASON } },
  { name: 'pauseQuietly', wait: pauseQuietly, aborted: DONE },
])('$name ends after its time, and earlier when the signal aborts', async ({ wait, aborted }) => {
  const whole = wait(100, stopping.signal);
  await vi.advanceTimersByTimeAsync(99);
  expect(await statesOf(whole)).toEqual(['pending']);
  await vi.advanceTimersByTimeAsync(1);
  expect(await statesOf(whole)).toEqual([DONE]);

  const cut = wait(100, stopping.signal);
  stopping.abort(REASON);
  const tooLate = wait(100, stopping.signal);
  expect(await statesOf(cut, tooLate)).toEqual([aborted, aborted]);
});

test('pauses double up to the longest, and begin again after a reset', () => {
  const backoff = createBackoff(20, 100);
  expect(backoff.atStart).toBe(true);
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([20, 40, 80, 100, 100]);
  expect(backoff.atStart).toBe(false);
  backoff.reset();
  expect(backoff.atStart).toBe(true);
  expect(backoff.next()).toBe(20);
});

test('jitter moves a pause by at most half of its length, either way', () => {
  const pauses = Array.from({ length: 1_000 }, () => jittered(100));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(150);
  expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(50);
});

test('a deferred promise keeps what it was settled with first', async () => {
  const onSettled = vi.fn();
  const deferred = createDeferred<number>({ limit: late, signal: stopping.signal }, onSettled);
  const failed = createDeferred();
  expect([deferred.settled, failed.settled]).toEqual([false, false]);
  deferred.resolve(1);
  deferred.resolve(2);
  deferred.reject(REASON);
  failed.reject(REASON);
  failed.resolve(1);
  expect([deferred.settled, failed.settled]).toEqual([true, true]);
  expect(await statesOf(deferred.promise, failed.promise)).toEqual([{ value: 1 }, { reason: REASON }]);
  expect(onSettled).toHaveBeenCalledOnce();
});

test('a deferred promise rejects when its time is up, and when its signal aborts', async () => {
  const onSettled = vi.fn();
  const expiring = createDeferred({ limit: late, signal: stopping.signal }, onSettled);
  const expired = statesOf(expiring.promise);
  await vi.advanceTimersByTimeAsync(99);
  expect(expiring.settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(expiring.settled).toBe(true);
  expect(await expired).toEqual([{ reason: LATE }]);

  const cut = createDeferred({ limit: late, signal: stopping.signal }, onSettled);
  stopping.abort(REASON);
  const tooLate = createDeferred({ limit: late, signal: stopping.signal }, onSettled);
  expect([cut.settled, tooLate.settled]).toEqual([true, true]);
  expect(await statesOf(cut.promise, tooLate.promise)).toEqual([{ reason: REASON }, { reason: REASON }]);
  expect(onSettled).toHaveBeenCalledTimes(3);
});

test('within passes on what comes in time, and does not wait longer', async () => {
  const patience = { limit: late, signal: stopping.signal };
  const [kept, broken] = [within(Promise.resolve(1), patience), within(Promise.reject(REASON), patience)];
  expect(await statesOf(kept, broken)).toEqual([{ value: 1 }, { reason: REASON }]);

  const work = createDeferred<void>();
  const states = statesOf(within(work.promise, patience), within(work.promise, { signal: stopping.signal }));
  await vi.advanceTimersByTimeAsync(100);
  expect(await states).toEqual([{ reason: LATE }, 'pending']);
  stopping.abort(REASON);
  expect(await states).toEqual([{ reason: LATE }, { reason: REASON }]);
  expect(await statesOf(within(work.promise, patience))).toEqual([{ reason: REASON }]);
  // Nobody waits any more: this must not count as unhandled.
  work.reject(new Error('the work failed later'));
});

test('waitAtMost ends with the promise, or with its time, never with an error', async () => {
  const endless = waitAtMost(100, new Promise(() => {}));
  const [kept, broken] = [waitAtMost(100, Promise.resolve()), waitAtMost(100, Promise.reject(REASON))];
  expect(await statesOf(kept, broken, endless)).toEqual([DONE, DONE, 'pending']);
  await vi.advanceTimersByTimeAsync(99);
  expect(await statesOf(endless)).toEqual(['pending']);
  await vi.advanceTimersByTimeAsync(1);
  expect(await statesOf(endless)).toEqual([DONE]);
});

test('a bell wakes everyone who waits, and nobody who comes later', async () => {
  const bell = createBell();
  const waiting = [bell.wait(), bell.wait(100), bell.wait(100, stopping.signal)];
  expect(await statesOf(...waiting)).toEqual(['pending', 'pending', 'pending']);
  bell.ring();
  expect(await statesOf(...waiting)).toEqual([DONE, DONE, DONE]);

  const later = bell.wait();
  expect(await statesOf(later)).toEqual(['pending']);
  bell.ring();
  expect(await statesOf(later)).toEqual([DONE]);
});

test('a wait for a bell ends after its time, and when the signal aborts', async () => {
  const bell = createBell();
  const [short, cut] = [bell.wait(100), bell.wait(undefined, stopping.signal)];
  await vi.advanceTimersByTimeAsync(100);
  expect(await statesOf(short, cut)).toEqual([DONE, 'pending']);
  stopping.abort();
  expect(await statesOf(cut, bell.wait(100, stopping.signal))).toEqual([DONE, DONE]);
});

describe('a linked signal', () => {
  const other = () => new AbortController();

  test('aborts with the first of the others, and with its reason', () => {
    const { signal } = linkedSignal(other().signal, stopping.signal);
    expect(signal.aborted).toBe(false);
    stopping.abort(REASON);
    expect(signal.reason).toBe(REASON);
  });

  test('has aborted when one of the others had', () => {
    const aborted = other();
    aborted.abort(REASON);
    expect(linkedSignal(stopping.signal, aborted.signal, other().signal).signal.reason).toBe(REASON);
  });

  test('lets go of the others when it is ended, and is not aborted again', () => {
    const linked = linkedSignal(stopping.signal);
    linked.end(REASON);
    linked.end(LATE);
    stopping.abort(LATE);
    expect(linked.signal.reason).toBe(REASON);
  });
});

describe('a cancellation', () => {
  test('has the reason of the first abort only, in its signal too, whenever that was asked for', () => {
    const [asked, notAsked] = [new Cancellation(), new Cancellation()];
    const { signal } = asked;
    for (const cancellation of [asked, notAsked]) {
      expect(cancellation).toMatchObject({ aborted: false, reason: undefined });
      cancellation.abort(REASON);
      cancellation.abort(LATE);
      expect(cancellation).toMatchObject({ aborted: true, reason: REASON });
      expect(cancellation.signal).toMatchObject({ aborted: true, reason: REASON });
    }
    expect(asked.signal).toBe(signal);
  });

  test('calls its listener once, and none that was taken away', () => {
    const [listened, left] = [new Cancellation(), new Cancellation()];
    const listener = vi.fn();
    listened.notify(listener);
    left.notify(listener);
    left.notify(undefined);
    for (const cancellation of [listened, listened, left]) cancellation.abort(REASON);
    expect(listener.mock.calls).toEqual([[REASON]]);
  });

  test('lets any number of waits share its signal without a warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warn.mockRestore());
    const cancellation = new Cancellation();
    const waits = Array.from({ length: 104 }, () => pause(60_000, cancellation.signal));
    cancellation.abort(REASON);
    expect(await Promise.allSettled(waits)).toHaveLength(104);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('time limits', () => {
  /** Time limits of 100 ms, and the items whose time was up. */
  function limited() {
    const timeUp: string[] = [];
    return { timeUp, limits: createTimeLimits<string>(100, (item) => timeUp.push(item)) };
  }

  test('end each item after its own time, in order, with one timer', () => {
    const { timeUp, limits } = limited();
    limits.begin('first');
    vi.advanceTimersByTime(40);
    limits.begin('second');
    limits.begin('third');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(59);
    expect(timeUp).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(timeUp).toEqual(['first']);
    vi.advanceTimersByTime(40);
    expect(timeUp).toEqual(['first', 'second', 'third']);
  });

  test.each([[0], [1], [2]])('do nothing to an item that ended before, wherever it stood: %i', (ended) => {
    const { timeUp, limits } = limited();
    const items = ['first', 'second', 'third'];
    const begun = items.map((item) => limits.begin(item));
    limits.end(begun[ended]!);
    limits.end(begun[ended]!);
    vi.advanceTimersByTime(1_000);
    expect(timeUp).toEqual(items.toSpliced(ended, 1));
  });

  test('of which all have ended leave no timer behind', () => {
    const { timeUp, limits } = limited();
    limits.end(limits.begin('only'));
    vi.advanceTimersByTime(100);
    expect(timeUp).toEqual([]);
  });

  test('may begin and end others while one is up', () => {
    const ended: string[] = [];
    const limits = createTimeLimits<string>(100, (item) => {
      ended.push(item);
      if (item !== 'first') return;
      limits.end(second);
      limits.begin('third');
    });
    limits.begin('first');
    const second = limits.begin('second');
    vi.advanceTimersByTime(100);
    expect(ended).toEqual(['first']);
    vi.advanceTimersByTime(100);
    expect(ended).toEqual(['first', 'third']);
  });
});
