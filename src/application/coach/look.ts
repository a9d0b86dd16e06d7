import type { CoachState } from '../../domain/coach/coach.js';
import type { CoachEvent } from '../../domain/coach/events.js';
import type { Cancellation } from '../../waiting.js';
import type { Aggregates } from '../streams/aggregates.js';

/**
 * Looks at a coach as it is, after everything that was acknowledged before: no command of the coach is decided meanwhile,
 * so `see` takes what it needs, and is quick. It may be called more than once. Throws as commands do.
 */
export type LookAtCoach = <Result>(
  coachHashId: string,
  see: (state: CoachState) => Result,
  cancellation: Cancellation,
) => Promise<Result>;

/** A look that waits in a coach's inbox. */
export interface Look {
  readonly see: (state: CoachState) => unknown;
  readonly cancellation: Cancellation;
}

/** What a look led to. */
export interface Seen {
  readonly kind: 'seen';
  readonly result: unknown;
}

/** Whether an item of an inbox is a look. */
export function isLook(item: object): item is Look {
  return 'see' in item;
}

/** Looks at a coach's latest state. */
export async function seeAll(
  coaches: Aggregates<CoachState, CoachEvent>,
  coachHashId: string,
  looks: readonly Look[],
): Promise<Seen[]> {
  const done = await coaches.transact(coachHashId, ({ state }) => ({
    facts: [],
    state,
    isFinal: false,
    seen: looks.map(({ see }): Seen => ({ kind: 'seen', result: see(state) })),
  }));
  if (done.kind === 'contended') throw new Error('a look writes nothing that could be in the way');
  return done.decision.seen;
}
