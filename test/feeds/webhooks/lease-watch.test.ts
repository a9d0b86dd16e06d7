import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLeaseWatch } from '../../../src/feeds/webhooks/lease-watch.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

test('the lease is sure for 2.5 s after a statement began that was answered, and not before the first', async () => {
  const watch = createLeaseWatch(never);
  const waiting = vi.fn();
  const first = watch.holds(never).then(waiting);
  await Promise.resolve();
  expect(waiting).not.toHaveBeenCalled();
  watch.confirm(performance.now());
  await first;

  vi.advanceTimersByTime(2_499);
  await watch.holds(never);
  vi.advanceTimersByTime(1);
  const late = vi.fn();
  const second = watch.holds(never).then(late);
  await Promise.resolve();
  expect(late).not.toHaveBeenCalled();
  watch.confirm(performance.now());
  await second;
});

test('an answer that came late counts from when its statement began', async () => {
  const watch = createLeaseWatch(never);
  const began = performance.now();
  vi.advanceTimersByTime(3_000);
  watch.confirm(began);
  const stop = new AbortController();
  const waiting = watch.holds(stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('a lease that is lost is never sure again', async () => {
  const lost = new AbortController();
  const watch = createLeaseWatch(lost.signal);
  watch.confirm(performance.now());
  lost.abort(new Error('lost'));
  await expect(watch.holds(never)).rejects.toThrow('lost');
});
