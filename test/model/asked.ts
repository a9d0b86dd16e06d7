import type { Occurrence } from '../../src/domain/coach/commands.js';
import type { Truth } from './truth.js';

/** Something that a command asked for: it may have come to be or not. */
export interface Asked {
  readonly kind: 'session' | 'hold' | 'series';
  readonly id: string;
  readonly coach: string;
  /** Of a series. */
  readonly occurrences?: readonly Occurrence[];
}

/** All that was asked for in a run. */
export interface AskedFor {
  add(asked: Asked): void;
  /** One of what there is, if there is any, else of what may yet be; undefined when nothing was asked for. */
  pick(which: number, ...kinds: Asked['kind'][]): Asked | undefined;
}

/** Nothing asked for yet. */
export function createAskedFor(truth: Truth): AskedFor {
  const all: Asked[] = [];

  return {
    add: (asked) => all.push(asked),

    pick(which, ...kinds) {
      const ids = new Set(truth.taken.map(({ id }) => id));
      const isThere = ({ id, occurrences = [] }: Asked) =>
        ids.has(id) || occurrences.some(({ sessionId }) => ids.has(sessionId));
      const ofKind = all.filter(({ kind }) => kinds.includes(kind));
      const there = ofKind.filter(isThere);
      const some = there.length > 0 ? there : ofKind;
      return some[some.length - 1 - (which % some.length)];
    },
  };
}
