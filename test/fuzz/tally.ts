import type { Answered } from './answers.js';
import type { Input, Right } from './inputs.js';

/** Counts what came of inputs: a service that refuses everything would pass every other check. */
export interface Tally {
  add(input: Input, answered: Answered): void;
  /** For people: for each right, how often each code was answered. */
  lines(): string[];
  /** What should have been among the answers, and was not. */
  missing(): string[];
}

/** With so many inputs, every caller with rights gets some of what it asks for. */
const ENOUGH = 1_000;

export function createTally(): Tally {
  const codes = new Map<Right, Map<string, number>>();
  const served = new Map<string, number>();
  let count = 0;

  return {
    add({ right, caller }, { code = 'no answer' }) {
      count += 1;
      const ofRight = codes.get(right) ?? new Map<string, number>();
      codes.set(right, ofRight);
      ofRight.set(code, (ofRight.get(code) ?? 0) + 1);
      if (caller?.isAccepted) served.set(caller.name, (served.get(caller.name) ?? 0) + Number(code === 'OK'));
    },

    lines: () =>
      [...codes].map(([right, answers]) => {
        const most = [...answers].sort(([, one], [, other]) => other - one);
        return `${right}: ${most.map(([code, times]) => `${times} ${code}`).join(', ')}`;
      }),

    missing() {
      if (count < ENOUGH) return [];
      const refused = [...served].filter(([, times]) => times === 0);
      return refused.map(([name]) => `${name}: nothing was answered OK`);
    },
  };
}
