/** Choices that are the same for the same seed. */
export interface Random {
  /** From 0 to n - 1. */
  below(n: number): number;
  chance(probability: number): boolean;
}

/** Mulberry32. @param seed 32 bits of it count */
export function createRandom(seed: number): Random {
  let state = seed | 0;

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return { below: (n) => Math.floor(next() * n), chance: (probability) => next() < probability };
}
