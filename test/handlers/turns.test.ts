import { describe, expect, test } from 'vitest';
import { createTurns } from '../../src/handlers/request/turns.js';
import { Cancellation } from '../../src/waiting.js';

const callOf = (caller: string) => ({ caller, cancellation: new Cancellation() });

/** Uses so many milliseconds. */
function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('computations of callers', () => {
  test('the first one is done at once', () => {
    const done: string[] = [];
    void createTurns().take(callOf('ann'), () => void done.push('ann'));
    expect(done).toEqual(['ann']);
  });

  test('others are served between those of a crowd', async () => {
    const turns = createTurns();
    const began = performance.now();
    let served = 0;
    const timer = setInterval(() => {
      served += 1;
    }, 1);
    await Promise.all(Array.from({ length: 50 }, () => turns.take(callOf('ann'), () => compute(6))));
    clearInterval(timer);
    expect(performance.now() - began).toBeGreaterThan(300);
    // One between two turns, and a machine that is busy leaves some out.
    expect(served).toBeGreaterThan(25);
  });

  test('callers take turns, and each is served in order', async () => {
    const turns = createTurns();
    const done: string[] = [];
    const ask = (caller: string, name: string) => turns.take(callOf(caller), () => void done.push(name));
    await Promise.all([ask('ann', 'a1'), ask('ann', 'a2'), ask('ann', 'a3'), ask('bob', 'b1'), ask('ann', 'a4')]);
    expect(done).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  test('one that fails fails alone', async () => {
    const turns = createTurns();
    const failing = turns.take(callOf('ann'), () => {
      throw new Error('no such rule');
    });
    await expect(failing).rejects.toThrow('no such rule');
    expect(await turns.take(callOf('ann'), () => 7)).toBe(7);
  });

  test('one that nobody waits for any more is not done', async () => {
    const turns = createTurns();
    const call = callOf('ann');
    void turns.take(call, () => {});
    const second = turns.take(call, () => 'done');
    call.cancellation.abort(new Error('the caller hung up'));
    await expect(second).rejects.toThrow('the caller hung up');
  });
});
