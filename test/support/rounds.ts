import { expect, onTestFinished } from 'vitest';

/** What was done in which round of the event loop. */
export function noteRounds() {
  let round = 0;
  const done: { readonly caller: string; readonly round: number }[] = [];
  let next = setImmediate(countRound);
  function countRound(): void {
    round += 1;
    next = setImmediate(countRound);
  }
  onTestFinished(() => clearImmediate(next));

  /** How much was done in each round, once so much was done. */
  async function perRound(count: number): Promise<number[]> {
    await expect.poll(() => done.length).toBe(count);
    const counts: number[] = [];
    for (const { round } of done) counts[round] = (counts[round] ?? 0) + 1;
    return Object.values(counts);
  }
  return { done, perRound, note: (caller: string) => void done.push({ caller, round }) };
}
