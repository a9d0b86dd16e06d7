import { describe, expect, test } from 'vitest';
import { createFairShares, type Work } from '../src/fair-shares.js';

/** Shares, and the work that has begun, in order. */
function sharing(capacity: number, maxWaiting = 100) {
  const shares = createFairShares(capacity, maxWaiting);
  const begun: string[] = [];
  const dropped: string[] = [];
  /** @param name the caller's, and a number */
  function work(name: string, cost = 1) {
    const one = {
      caller: name[0]!,
      cost,
      isOver: false,
      begin: () => void begun.push(name),
      drop: () => void dropped.push(name),
    };
    return one satisfies Work;
  }
  function enter(name: string, cost?: number) {
    const one = work(name, cost);
    return {
      ...one,
      isTaken: shares.enter(one),
      leave: () => shares.leave(one),
      giveUp: () => {
        one.isOver = true;
      },
    };
  }
  return { begun, dropped, enter };
}

const numbered = (caller: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${caller}${index + 1}`);

test('work begins at once while there is room', () => {
  const { begun, enter } = sharing(10);
  expect(enter('a1').isTaken).toBe(true);
  expect(begun).toEqual(['a1']);
});

test('one caller alone takes two thirds, and leaves room for the next ones', () => {
  const { begun, enter } = sharing(12);
  for (const name of numbered('a', 20)) enter(name);
  expect(begun).toEqual(numbered('a', 8));
  for (const name of ['b1', 'c1']) enter(name);
  expect(begun.slice(8)).toEqual(['b1', 'c1']);
});

test('what costs more takes more of the share', () => {
  const { begun, enter } = sharing(12);
  for (const name of numbered('a', 20)) enter(name, 4);
  expect(begun).toEqual(numbered('a', 2));
});

test('what waits begins when work ends, in order of arrival', () => {
  const { begun, enter } = sharing(3);
  const [first] = numbered('a', 5).map((name) => enter(name));
  expect(begun).toEqual(['a1', 'a2']);
  first!.leave();
  expect(begun).toEqual(['a1', 'a2', 'a3']);
});

test('callers take turns, however much waits for one of them', () => {
  const { begun, enter } = sharing(4);
  const first = numbered('a', 40).map((name) => enter(name));
  for (const name of ['b1', 'b2', 'c1']) enter(name);
  expect(begun).toEqual(['a1', 'a2', 'a3', 'b1']);
  for (const { leave } of first.slice(0, 3)) leave();
  expect(begun.slice(4)).toEqual(['b2', 'c1', 'a4']);
});

test('work that is over before its turn is dropped, and takes no room', () => {
  const { begun, dropped, enter } = sharing(3);
  const all = numbered('a', 5).map((name) => enter(name));
  all[2]!.giveUp();
  all[0]!.leave();
  expect([begun, dropped]).toEqual([['a1', 'a2', 'a4'], ['a3']]);
});

test('ten thousand that are over are dropped at one turn', () => {
  const { dropped, enter } = sharing(3, 100_000);
  const all = numbered('a', 10_002).map((name) => enter(name));
  for (const work of all.slice(2)) work.giveUp();
  all[0]!.leave();
  expect(dropped).toHaveLength(10_000);
});

describe('when too much waits', () => {
  test('one caller alone takes half of the room to wait, and leaves room for the next one', () => {
    const { enter } = sharing(3, 10);
    const taken = numbered('a', 20).map((name) => enter(name).isTaken);
    expect(taken.filter(Boolean)).toHaveLength(2 + 5);
    expect([enter('b1'), enter('b2'), enter('b3')].map(({ isTaken }) => isTaken)).toEqual([true, true, true]);
  });

  test('nothing waits where nothing may', () => {
    const { enter } = sharing(3, 0);
    expect(numbered('a', 3).map((name) => enter(name).isTaken)).toEqual([true, true, false]);
  });
});

test('callers without work are forgotten, and those with work are not', () => {
  const { begun, enter } = sharing(3_000);
  const busy = numbered('a', 2_000).map((name) => enter(name));
  for (let code = 0x100; code < 0x1000; code += 1) enter(`${String.fromCharCode(code)}1`).leave();
  begun.length = 0;
  enter('a2001');
  expect(begun).toEqual([]);
  for (const { leave } of busy) leave();
  expect(begun).toEqual(['a2001']);
});
