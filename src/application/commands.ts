import type { Blocked } from '../domain/client/client.js';
import type { CoachCommand } from '../domain/coach/commands.js';
import type { Conflict } from '../domain/coach/events.js';
import { endOf, intervalOf } from '../domain/slot.js';
import { createWorthOf, type WorthParts } from './client/settle.js';
import type { Outcome, Submission } from './submission.js';

/** Where commands go: to their coach, and to the client whose time they need. */
export interface Commands {
  /**
   * Carries a command out, or refuses it. That a client's time is taken is said only when a coach's stream has a session
   * or a hold at that time; what a crash left in the way is cleared away.
   *
   * Throws as `CoachInbox.submit` does.
   */
  submit(submission: Submission): Promise<Outcome>;
}

/** What carrying out commands needs. */
export interface CommandsParts extends WorthParts {
  /** Gives ids for reservations. */
  readonly newId: () => string;
  /** How often a command begins anew before it gives up. */
  readonly maxAttempts?: number;
}

/** Commands over the inboxes of coaches and clients. */
export function createCommands(parts: CommandsParts): Commands {
  const { coaches, newId, maxAttempts = 20 } = parts;
  const worthOf = createWorthOf(parts);

  return {
    async submit(submission) {
      let current = submission;
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const outcome = await coaches.submit(current);
        switch (outcome.kind) {
          case 'blocked': {
            const { blocked } = outcome;
            const { clientHashId } = (blocked[0] as Blocked).wanted;
            const inTheWay = new Map(blocked.map(({ by }) => [by.id, by])).values();
            const worth = await worthOf(current, clientHashId, inTheWay);
            const taken = blocked.filter(({ by }) => !worth.disregarded.has(by.id));
            const [first] = taken;
            if (first && !isSeries(current.command)) {
              return { kind: 'rejected', rejection: { reason: 'CLIENT_OVERLAP', inTheWay: intervalOf(first.by) } };
            }
            current = { ...current, command: withClientConflicts(current.command, taken), ...worth };
            break;
          }
          case 'quota': {
            const worth = await worthOf(current, outcome.clientHashId, outcome.holds);
            const isFull = outcome.holds.every(({ id }) => !worth.disregarded.has(id) && !worth.booked.has(id));
            if (isFull) return { kind: 'rejected', rejection: { reason: 'HOLD_QUOTA' } };
            current = { ...current, ...worth };
            break;
          }
          case 'outdated':
            current = { ...current, command: withNewReservations(current.command) };
            break;
          case 'rejected':
            if (outcome.rejection.reason !== 'RESERVATION_ABANDONED') return outcome;
            current = { ...current, command: withNewReservations(current.command) };
            break;
          default:
            return outcome;
        }
      }
      return { kind: 'contended' };
    },
  };

  function withNewReservations(command: CoachCommand): CoachCommand {
    if ('occurrences' in command) {
      return { ...command, occurrences: command.occurrences.map((one) => ({ ...one, reservationId: newId() })) };
    }
    return 'reservationId' in command ? { ...command, reservationId: newId() } : command;
  }
}

type SeriesCommand = Extract<CoachCommand, { clientConflicts: unknown }>;

function isSeries(command: CoachCommand): command is SeriesCommand {
  return 'clientConflicts' in command;
}

function withClientConflicts(command: CoachCommand, taken: readonly Blocked[]): CoachCommand {
  if (!isSeries(command)) return command;
  const conflicts = taken.map((one) => conflictOf(one, command));
  return { ...command, clientConflicts: [...command.clientConflicts, ...conflicts] };
}

function conflictOf({ wanted, by }: Blocked, { occurrences }: SeriesCommand): Conflict {
  const { occurrence = 0 } = occurrences.find(({ sessionId }) => sessionId === wanted.sessionId) ?? {};
  return {
    occurrence,
    start: wanted.start,
    end: endOf(wanted),
    reason: 'CLIENT_OVERLAP',
    inTheWayStart: by.start,
    inTheWayEnd: endOf(by),
  };
}
