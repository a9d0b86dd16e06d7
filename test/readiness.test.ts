import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lag } from '../src/application/read-model.js';
import { createReadiness, type Readiness } from '../src/readiness.js';

let lag: () => Promise<Lag>;
let appendProblem: () => Promise<string | undefined>;
let lastProblem: string | undefined;
let readiness: Readiness;

beforeEach(() => {
  vi.useFakeTimers();
  lag = async () => ({ behind: 0, hasCaughtUp: true });
  appendProblem = async () => undefined;
  lastProblem = undefined;
  const appends = { appendProblem: () => appendProblem(), lastProblem: () => lastProblem };
  readiness = createReadiness(appends, () => lag(), 5_000);
});

afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

/** The answer, which must come within 100 ms. */
async function atOnce(): Promise<readonly string[]> {
  const answered = readiness();
  await vi.advanceTimersByTimeAsync(100);
  return Promise.race([answered, ['no answer yet']]);
}

test('a service whose databases answer is ready', async () => {
  expect(await readiness()).toEqual([]);
});

test('a read model that is further behind than the limit is a problem', async () => {
  lag = async () => ({ behind: 5_000, hasCaughtUp: true });
  expect(await readiness()).toEqual([]);
  lag = async () => ({ behind: 5_001, hasCaughtUp: true });
  expect(await readiness()).toEqual(['the read model is 5001 ms behind, more than 5000']);
});

test('a read model that has not caught up since the start is a problem, however short the lag', async () => {
  lag = async () => ({ behind: 0, hasCaughtUp: false });
  expect(await readiness()).toEqual(['the read model has not caught up with the events since the start']);
});

test('what a question throws is a problem', async () => {
  lag = async () => {
    throw new Error('Postgres does not answer');
  };
  expect(await readiness()).toEqual(['Postgres does not answer']);
});

test('events that cannot be appended are a problem', async () => {
  appendProblem = async () => 'the disk is full';
  expect(await readiness()).toEqual(['the disk is full']);
});

test('before the databases have answered once, a service is not ready', async () => {
  lag = never;
  expect(await atOnce()).toEqual(['the databases have not answered yet']);
});

test('while the databases do not answer, the last answer counts for 2 s, and nobody waits', async () => {
  await readiness();
  lag = never;
  for (let ms = 0; ms < 1_900; ms += 100) expect(await atOnce()).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(await atOnce()).toEqual(['the databases do not answer within 2000 ms']);
});

test('an append that failed is a problem at once, though the store does not answer', async () => {
  await readiness();
  appendProblem = never;
  lastProblem = 'the disk is full';
  expect(await atOnce()).toEqual(['the disk is full']);
});

test('callers who ask at the same time share a question', async () => {
  let asked = 0;
  lag = async () => {
    asked += 1;
    return { behind: 0, hasCaughtUp: true };
  };
  await Promise.all([readiness(), readiness(), readiness()]);
  expect(asked).toBe(1);
});
