import { expect, test } from 'vitest';
import { createDecodingTurns } from '../../src/doors/interceptors/decoding-turns.js';
import { createRoundTurns } from '../../src/doors/interceptors/round-turns.js';

/** Turns by a clock that only requests move, and the requests that were decoded, in order. */
function turns() {
  let time = 0;
  const decodeInTurn = createDecodingTurns(createRoundTurns(() => time));
  const decoded: string[] = [];
  /**
   * @param name the caller's, and a number
   * @param ms to decode it, and for what follows at once
   */
  function send(name: string, ms: number) {
    const call = { caller: name[0]!, isOver: false };
    const isTaken = decodeInTurn(call, () => {
      decoded.push(name);
      time += ms;
    });
    return { call, isTaken };
  }
  return { decoded, send };
}

test('a request is decoded at once', () => {
  const { decoded, send } = turns();
  send('a1', 1);
  expect(decoded).toEqual(['a1']);
});

test('a request does not overtake another one of its caller', async () => {
  const { decoded, send } = turns();
  for (const name of ['a1', 'a2']) send(name, 20);
  send('a3', 1);
  expect(decoded).toEqual(['a1']);
  await expect.poll(() => decoded).toEqual(['a1', 'a2', 'a3']);
});

test('what is over before its turn is not decoded', async () => {
  const { decoded, send } = turns();
  send('a1', 20);
  const { call } = send('a2', 20);
  send('a3', 20);
  call.isOver = true;
  await expect.poll(() => decoded).toEqual(['a1', 'a3']);
});

test('when too many of a caller wait, its next one is not taken, and those of others are', () => {
  const { send } = turns();
  const taken = Array.from({ length: 10_000 }, (_, nr) => send(`a${nr}`, 20).isTaken);
  expect(taken.lastIndexOf(true)).toBeLessThan(9_999);
  expect(send('b1', 20).isTaken).toBe(true);
});
