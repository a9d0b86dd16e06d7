import { expect, onTestFinished, test } from 'vitest';
import { lookAgain } from '../src/look-again.js';

/** Looks that find these problems, one after the other; undefined: none. After the last one, there is none. */
function lookThrough(...problems: (string | undefined)[]) {
  const told: string[] = [];
  let looks = 0;
  const look = async () => {
    const problem = problems[looks++];
    if (problem !== undefined) throw new Error(problem);
  };
  const stop = lookAgain(look, 1, (problem) => told.push(problem));
  onTestFinished(stop);
  return { told, stop, looks: () => looks, done: () => expect.poll(() => looks).toBeGreaterThan(problems.length) };
}

test.each([
  ['once, however long it lasts', ['a', 'a', 'a', 'a'], ['a']],
  ['only when it lasts', ['a', undefined, 'a', 'b', 'a'], []],
  ['again, when all was well between', ['a', 'a', undefined, 'a', 'a'], ['a', 'a']],
  ['with the next one', ['a', 'a', 'b', 'b'], ['a', 'b']],
])('a problem is told %s', async (_, problems, expected) => {
  const { told, done } = lookThrough(...problems);
  await done();
  expect(told).toEqual(expected);
});

test('after the stop there is no further look', async () => {
  const { stop, looks, done } = lookThrough();
  await done();
  stop();
  const before = looks();
  const other = lookThrough(undefined, undefined, undefined);
  await other.done();
  expect(looks()).toBe(before);
});
