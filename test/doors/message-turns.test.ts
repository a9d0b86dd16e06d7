import { expect, test } from 'vitest';
import { createMessageTurns } from '../../src/doors/interceptors/message-turns.js';
import { createRoundTurns } from '../../src/doors/interceptors/round-turns.js';
import { noteRounds } from '../support/rounds.js';

/** Turns by a clock that only messages move, and which messages were sent in which round of the event loop. */
function turns() {
  let time = 0;
  const { of } = createMessageTurns(createRoundTurns(() => time));
  const { done: sent, perRound, note } = noteRounds();

  /** Sends messages, one after the other. */
  function stream(caller: string, count: number, ms = 1): void {
    const { take } = of(caller);
    function sendOn(left: number): void {
      if (left === 0) return;
      take(() => {
        note(caller);
        time += ms;
        queueMicrotask(() => sendOn(left - 1));
      });
    }
    sendOn(count);
  }
  return { sent, stream, perRound };
}

test('a message is sent at once', () => {
  const { sent, stream } = turns();
  stream('a', 1);
  expect(sent.length).toBe(1);
});

test('many streams together have no more time than one', async () => {
  const { stream, perRound } = turns();
  for (let nr = 0; nr < 50; nr += 1) stream('a', 10);
  expect(Math.max(...(await perRound(500)))).toBe(16);
});

test('a stream sends 16 messages in its turn', async () => {
  const { sent, stream, perRound } = turns();
  for (const caller of ['a', 'b']) stream(caller, 64);
  await perRound(128);
  const runs = sent
    .map(({ caller }) => caller)
    .join('')
    .match(/a+|b+/g)!;
  // While there was time, nobody waited for a turn: the first 8 of each.
  expect(runs.slice(16).map((run) => run.length)).toEqual([16, 16, 16, 16, 16, 16, 8, 8]);
});

test('callers take turns, however many streams one has', async () => {
  const { sent, stream, perRound } = turns();
  for (let nr = 0; nr < 50; nr += 1) stream('a', 10);
  const before = sent.length;
  stream('b', 100);
  await perRound(600);
  const meanwhile = sent.slice(before, sent.findLastIndex(({ caller }) => caller === 'b') + 1);
  // In a round, a stream of the other has 10, and this one has what time is left for.
  expect(meanwhile.length).toBeLessThanOrEqual(280);
});
