import { expect } from 'vitest';
import {
  type CoachCommand,
  type CoachEvent,
  decide,
  evolve,
  initialState,
  type Rejection,
} from '../../src/domain/coach.js';

/** Reads as a sentence: `given(...events).when(command).thenHappens(...events)`, or `.thenRefused(rejection)`. */
export function given(...history: CoachEvent[]) {
  return {
    when(command: CoachCommand) {
      const decision = decide(command, history.reduce(evolve, initialState));
      return {
        thenHappens: (...events: CoachEvent[]) => expect(decision).toEqual({ kind: 'accepted', events }),
        thenRefused: (rejection: Rejection) => expect(decision).toEqual({ kind: 'rejected', rejection }),
      };
    },
  };
}
