import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { watchAppends } from '../../src/event-store/append-watch.js';
import { type EventStore, NO_STREAM, StoreUnavailable } from '../../src/event-store/event-store.js';
import { anEvent } from '../support/event-store-samples.js';
import { createMemoryLog } from '../support/memory-event-store.js';

let failure: Error | undefined;
let attempts: number;
let attempt: () => Promise<void>;

beforeEach(() => {
  failure = undefined;
  attempts = 0;
  attempt = async () => {
    if (failure) throw failure;
  };
});

/** A watched store that fails with the failure. */
function watched() {
  const log = createMemoryLog().open();
  const store: EventStore = {
    ...log,
    async append(...args) {
      if (failure) throw failure;
      return log.append(...args);
    },
    tryAppend() {
      attempts += 1;
      return attempt();
    },
  };
  return watchAppends(store);
}

const append = ({ store }: ReturnType<typeof watched>) => store.append('coach-carol', 'any', [anEvent()]);

test('while appends succeed there is no problem, and nothing is tried', async () => {
  const watch = watched();
  expect(await watch.appendProblem()).toBeUndefined();
  await append(watch);
  await watch.store.append('coach-carol', NO_STREAM, [anEvent()]);
  expect(await watch.appendProblem()).toBeUndefined();
  expect(attempts).toBe(0);
});

test('an append that failed is a problem until a further one succeeds, or could', async () => {
  const watch = watched();
  failure = new StoreUnavailable('the disk is full');
  await expect(append(watch)).rejects.toThrow(failure);
  expect(await watch.appendProblem()).toBe('events cannot be appended: the disk is full');
  failure = undefined;
  expect(await watch.appendProblem()).toBeUndefined();
  expect(await watch.appendProblem()).toBeUndefined();
  expect(attempts).toBe(2);

  failure = new StoreUnavailable('the disk is full');
  await expect(append(watch)).rejects.toThrow(failure);
  failure = undefined;
  await append(watch);
  expect(await watch.appendProblem()).toBeUndefined();
  expect(attempts).toBe(2);
});

test('what is known is told without asking', async () => {
  const watch = watched();
  expect(watch.lastProblem()).toBeUndefined();
  failure = new StoreUnavailable('the disk is full');
  await expect(append(watch)).rejects.toThrow(failure);
  expect(watch.lastProblem()).toBe('events cannot be appended: the disk is full');
  expect(attempts).toBe(0);
  failure = undefined;
  await append(watch);
  expect(watch.lastProblem()).toBeUndefined();
});

test('an append that failed for a reason that nobody foresaw is a problem until one could succeed, without details', async () => {
  const watch = watched();
  failure = new Error('column "data" does not exist');
  await expect(append(watch)).rejects.toThrow(failure);
  const problem = 'events cannot be appended: the log says why';
  expect(watch.lastProblem()).toBe(problem);
  expect(await watch.appendProblem()).toBe(problem);
  failure = undefined;
  expect(await watch.appendProblem()).toBeUndefined();
});

test('a mistake of the caller is no problem of the store', async () => {
  const watch = watched();
  failure = new RangeError('an append needs an event');
  await expect(append(watch)).rejects.toThrow(failure);
  expect(await watch.appendProblem()).toBeUndefined();
});

test('a store that does not answer is a problem, which is known within a second', async () => {
  const watch = watched();
  failure = new StoreUnavailable('too late');
  await expect(append(watch)).rejects.toThrow(failure);
  attempt = () => new Promise(() => {});
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const problem = watch.appendProblem();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await Promise.race([problem, 'not known yet'])).toBe('events cannot be appended: no answer');
});
