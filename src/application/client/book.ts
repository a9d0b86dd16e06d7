import type { Blocked } from '../../domain/client/client.js';
import type { CoachCommand } from '../../domain/coach/commands.js';
import type { Conflict } from '../../domain/coach/events.js';
import { endOf, intervalOf } from '../../domain/slot.js';
import type { Attempt, AttemptOutcome, ClientInDoubt, Outcome, Submission } from '../submission.js';
import type { ClientRule } from './reserve.js';
import type { Settle } from './settle.js';

/** Carries commands out: at their coach, under the rule for clients. */
export interface Commands {
  /**
   * Carries a command out, or refuses it. A client's time counts as taken only when the stream of a coach has a session
   * or an open hold at that time; reservations that a crash left in the way are released.
   *
   * Throws `Overloaded`, `StoreUnavailable` (then the events may have been written, or yet be), `ReadModelUnavailable`
   * (only with a `request_id`; nothing was written), or the reason of the cancellation.
   */
  submit(submission: Submission): Promise<Outcome>;
}

/** What carrying out commands needs. */
export interface CommandsParts {
  readonly submitToCoach: (attempt: Attempt) => Promise<AttemptOutcome>;
  readonly rule: ClientRule;
  readonly settle: Settle;
  /** How many attempts a command has. Default 20. */
  readonly maxAttempts?: number;
}

/**
 * The way of a command over two streams: its client's time is reserved, its coach's events are appended, what is free
 * is released (all by the inbox of coaches), and a doubt about the client is settled before the next attempt.
 */
export function createCommands({ submitToCoach, rule, settle, maxAttempts = 20 }: CommandsParts): Commands {
  /** The attempt, or the first one, with ids of reservations that no attempt has used. */
  function withNewReservations(attempt: Submission | Attempt): Attempt {
    return { ...attempt, command: rule.withReservations(attempt.command) };
  }

  /** What to do once the coaches have been asked: answer, or try again. */
  async function afterDoubt(doubt: ClientInDoubt, attempt: Attempt): Promise<Outcome | Attempt> {
    const { command } = attempt;
    const { taken, isFull } = await settle(doubt, attempt);
    if (isFull) return { kind: 'rejected', rejection: { reason: 'HOLD_QUOTA' } };
    const [first] = taken;
    // A command that is only validated releases nothing: another attempt would meet the same doubt.
    if (!first) return attempt.validateOnly ? doubt.ifFree : attempt;
    if (!('occurrences' in command)) {
      return { kind: 'rejected', rejection: { reason: 'CLIENT_OVERLAP', inTheWay: intervalOf(first.by) } };
    }
    const conflicts = taken.map((one) => conflictOf(one, command));
    return { ...attempt, clientConflicts: [...(attempt.clientConflicts ?? []), ...conflicts] };
  }

  return {
    async submit(submission) {
      let attempt = withNewReservations(submission);
      for (let number = 1; number <= maxAttempts; number += 1) {
        const outcome = await submitToCoach(attempt);
        if (outcome.kind === 'outdated') {
          attempt = withNewReservations(attempt);
        } else if (outcome.kind === 'in-doubt') {
          const next = await afterDoubt(outcome, attempt);
          if ('kind' in next) return next;
          attempt = next;
        } else {
          return outcome;
        }
      }
      return { kind: 'contended' };
    },
  };
}

type SeriesCommand = Extract<CoachCommand, { occurrences: unknown }>;

function conflictOf({ wanted, by }: Blocked, { occurrences }: SeriesCommand): Conflict {
  const { occurrence = 0 } = occurrences.find(({ sessionId }) => sessionId === wanted.sessionId) ?? {};
  return {
    occurrence,
    start: wanted.start,
    end: endOf(wanted),
    reason: 'CLIENT_OVERLAP',
    inTheWayStart: by.start,
    inTheWayEnd: endOf(by),
    obstacles: [],
  };
}
