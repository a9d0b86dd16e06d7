import type { Commands } from '../application/client/book.js';
import { ownMetadata } from '../application/own-metadata.js';
import { Cancellation } from '../waiting.js';
import type { DueReminder } from './lease.js';

/** What reminding needs. */
export interface RemindParts {
  readonly commands: Commands;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Gives an id for the events of each reminder. */
  readonly newId: () => string;
}

/** Who asked for the reminders, as the history tells it. */
export const ACTOR = 'reminders';

/** Milliseconds that a reminder may wait for its turn; then it is tried again. */
const PATIENCE = 10_000;

/**
 * Gives the command for a reminder. Resolves once nothing is left to do: the coach has told it, now or before, or says
 * that it is not due. Throws when it is to be tried again.
 */
export type Remind = (reminder: DueReminder) => Promise<void>;

/** Reminds by commands, each decided before the session begins. */
export function createRemind({ commands, now, newId }: RemindParts): Remind {
  return async ({ sessionId, coachHashId, start, offsetMinutes }) => {
    const decidedAt = now();
    if (decidedAt >= start) return;
    const cancellation = new Cancellation();
    const tooLate = setTimeout(
      () => cancellation.abort(new Error('a reminder waited too long for its turn')),
      Math.min(PATIENCE, start - decidedAt),
    );
    try {
      const outcome = await commands.submit({
        command: { type: 'RemindOfSession', coachHashId, sessionId, offsetMinutes, now: decidedAt },
        metadata: ownMetadata(ACTOR, newId()),
        validateOnly: false,
        cancellation,
      });
      if (outcome.kind === 'contended') throw new Error('other processes changed the coach all the time');
    } finally {
      clearTimeout(tooLate);
    }
  };
}
