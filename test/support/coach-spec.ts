import { expect } from 'vitest';
import { evolveCoach, initialCoach } from '../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { decideCoach } from '../../src/domain/coach/decide.js';
import type { Rejection, SimpleReason } from '../../src/domain/coach/decision.js';
import type { CoachEvent, Conflict } from '../../src/domain/coach/events.js';
import { zoneRules } from './zone-rules.js';

/**
 * Reads as a sentence: `given(...events).when(command).thenHappens(...events)`, or `.thenRefused(rejection)`. A reason
 * stands for a rejection that has no more words.
 */
export function given(...history: CoachEvent[]) {
  return {
    when(command: CoachCommand, clientConflicts?: readonly Conflict[]) {
      const decision = decideCoach(command, history.reduce(evolveCoach, initialCoach), zoneRules, clientConflicts);
      return {
        thenHappens: (...events: CoachEvent[]) => expect(decision).toEqual({ kind: 'accepted', events }),
        thenRefused: (expected: Rejection | SimpleReason) => {
          const rejection = typeof expected === 'string' ? { reason: expected } : expected;
          expect(decision).toMatchObject({ kind: 'rejected', rejection });
          expect(decision.kind === 'rejected' && decision.rejection).toEqual(rejection);
        },
      };
    },
  };
}
