import { expect, test } from 'vitest';
import { createRoundTurns } from '../../src/doors/interceptors/round-turns.js';
import { noteRounds } from '../support/rounds.js';

/** Turns by a clock that only work moves, and which work was done in which round of the event loop. */
function turns() {
  let time = 0;
  const { isFree, wait } = createRoundTurns(() => time);
  const { done, perRound, note } = noteRounds();

  /** Wants a piece of work of a caller done. @param later the part of its milliseconds that microtasks take */
  function want(caller: string, ms = 1, later = 0): void {
    const work = () => {
      note(caller);
      time += ms - later;
      queueMicrotask(() => {
        time += later;
      });
    };
    if (isFree()) work();
    else wait(caller, work);
  }
  return { done, want, perRound };
}

test('work is done at once', () => {
  const { done, want } = turns();
  want('a');
  expect(done.length).toBe(1);
});

test('work is done for 16 ms in a round of the event loop', async () => {
  const { want, perRound } = turns();
  for (let nr = 0; nr < 40; nr += 1) want('a');
  expect(await perRound(40)).toEqual([16, 16, 8]);
});

test('work that takes longer has a round of its own', async () => {
  const { want, perRound } = turns();
  for (let nr = 0; nr < 3; nr += 1) want('a', 30);
  expect(await perRound(3)).toEqual([1, 1, 1]);
});

test('what microtasks take counts', async () => {
  const { want, perRound } = turns();
  want('a', 20);
  for (let nr = 0; nr < 4; nr += 1) want('a', 8, 7);
  expect(await perRound(5)).toEqual([1, 2, 2]);
});

test('callers take turns, whichever waited first', async () => {
  const { done, want, perRound } = turns();
  for (let nr = 0; nr < 4; nr += 1) want('a', 20);
  want('b', 20);
  await perRound(5);
  expect(done.map(({ caller }) => caller).join('')).toBe('aabaa');
});

test('who comes later does not overtake those who wait', async () => {
  const { done, want, perRound } = turns();
  want('a', 20);
  want('a', 20);
  setImmediate(() => want('b'));
  await perRound(3);
  expect(done.map(({ caller }) => caller).join('')).toBe('aab');
});
