import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createDecodingTurns } from '../../src/doors/interceptors/decoding-turns.js';

const [SMALL, LARGE] = [200, 200_000];

/** Turns, and the requests that were decoded, in order. */
function turns() {
  const decodeInTurn = createDecodingTurns();
  const decoded: string[] = [];
  /** @param name the caller's, and a number */
  function send(name: string, bytes: number) {
    const call = { caller: name[0]!, isOver: false };
    const isTaken = decodeInTurn(call, bytes, () => decoded.push(name));
    return { call, isTaken };
  }
  return { decoded, send };
}

test('a small request is decoded at once', () => {
  const { decoded, send } = turns();
  send('a1', SMALL);
  expect(decoded).toEqual(['a1']);
});

test('of large requests one is decoded each time that the loop comes round', async () => {
  const { decoded, send } = turns();
  for (const name of ['a1', 'a2', 'a3']) send(name, LARGE);
  expect(decoded).toEqual(['a1']);
  await setImmediate();
  expect(decoded).toEqual(['a1', 'a2']);
  await setImmediate();
  expect(decoded).toEqual(['a1', 'a2', 'a3']);
});

test('several that are not so large are decoded together', () => {
  const { decoded, send } = turns();
  for (const name of ['a1', 'a2', 'a3']) send(name, 20_000);
  expect(decoded).toEqual(['a1', 'a2', 'a3']);
});

test('a small request does not overtake a large one of its caller, and waits for no other caller', async () => {
  const { decoded, send } = turns();
  for (const name of ['a1', 'a2']) send(name, LARGE);
  send('a3', SMALL);
  send('b1', SMALL);
  expect(decoded).toEqual(['a1', 'b1']);
  await expect.poll(() => decoded).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('callers take turns', async () => {
  const { decoded, send } = turns();
  for (const name of ['a1', 'a2', 'a3', 'b1']) send(name, LARGE);
  await expect.poll(() => decoded).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('what is over before its turn is not decoded', async () => {
  const { decoded, send } = turns();
  send('a1', LARGE);
  const { call } = send('a2', LARGE);
  send('a3', LARGE);
  call.isOver = true;
  await expect.poll(() => decoded).toEqual(['a1', 'a3']);
});

test('when too many wait, a request is not taken', () => {
  const { send } = turns();
  const taken = Array.from({ length: 10_000 }, (_, nr) => send(`a${nr}`, LARGE).isTaken);
  expect(taken.lastIndexOf(true)).toBeLessThan(9_999);
  expect(send('b1', LARGE).isTaken).toBe(true);
});
