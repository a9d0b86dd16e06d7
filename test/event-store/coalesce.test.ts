import { expect, test } from 'vitest';
import { coalesce } from '../../src/event-store/coalesce.js';

/** Runs that end when told, each with its number from 1. */
function manualRuns() {
  const ends: ((error?: Error) => void)[] = [];
  const run = () =>
    new Promise<number>((resolve, reject) => {
      const number = ends.length + 1;
      ends.push((error) => (error ? reject(error) : resolve(number)));
    });
  return { run, ends };
}

test('calls during a run share the next one', async () => {
  const { run, ends } = manualRuns();
  const shared = coalesce(run);
  const first = shared();
  const [second, third] = [shared(), shared()];
  expect(ends).toHaveLength(1);
  ends[0]!();
  expect(await first).toBe(1);
  ends[1]!();
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  expect(ends).toHaveLength(2);
});

test('a call after the last run has ended starts a new one', async () => {
  const { run, ends } = manualRuns();
  const shared = coalesce(run);
  const first = shared();
  ends[0]!();
  await first;
  const second = shared();
  ends[1]!();
  expect(await second).toBe(2);
});

test('a run that fails does not fail the next one', async () => {
  const { run, ends } = manualRuns();
  const shared = coalesce(run);
  const first = shared();
  const second = shared();
  ends[0]!(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  ends[1]!();
  expect(await second).toBe(2);
});
