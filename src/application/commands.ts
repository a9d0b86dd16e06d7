import { setTimeout as sleep } from 'node:timers/promises';
import type { Blocked, Reservation } from '../domain/client/client.js';
import type { CoachCommand } from '../domain/coach/commands.js';
import type { Conflict } from '../domain/coach/events.js';
import { endOf, intervalOf } from '../domain/slot.js';
import type { ClientInbox } from './client-inbox.js';
import type { CoachInbox } from './coach-inbox.js';
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
export interface CommandsParts {
  readonly coaches: CoachInbox;
  readonly clients: ClientInbox;
  /** Gives ids for reservations. */
  readonly newId: () => string;
  /**
   * Milliseconds that somebody may take from reserving a client's time to using it, before it is taken from them.
   * Default 2,000. Measured from when the reservation is first found in the way, by this process alone: no clocks are
   * compared. Too short a time costs bookings a second try, and never lets a client be double-booked.
   */
  readonly patience?: number;
  /** How often a command begins anew before it gives up. */
  readonly maxAttempts?: number;
}

/** Commands over the inboxes of coaches and clients. */
export function createCommands(parts: CommandsParts): Commands {
  const { coaches, clients, newId, patience = 2_000, maxAttempts = 20 } = parts;

  /** Whether the reservation is worth anything. Once it is not, it is gone. */
  async function stands(submission: Submission, clientHashId: string, reservation: Reservation): Promise<boolean> {
    const { metadata, validateOnly, signal } = submission;
    const { id: reservationId, coachHashId, sessionId, start, duration } = reservation;
    const since = performance.now();
    const rest = { metadata: { ...metadata, requestId: '', requestFingerprint: '' }, signal };

    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const abandon = !validateOnly && performance.now() - since >= patience;
      const { now } = submission.command;
      const settle = { coachHashId, clientHashId, reservationId, sessionId, abandon, now };
      const command = { type: 'SettleReservation', ...settle } as const;
      const outcome = await coaches.submit({ command, validateOnly: false, ...rest });
      if (outcome.kind === 'accepted') {
        const reservations = [{ reservationId, clientHashId, coachHashId, sessionId, start, duration }];
        const release = { type: 'ReleaseTime', clientHashId, reservations, now } as const;
        await clients.submit(clientHashId, { command: release, validateOnly: false, ...rest });
        return false;
      }
      const pending = outcome.kind !== 'rejected' || outcome.rejection.reason === 'RESERVATION_PENDING';
      if (!pending || (validateOnly && performance.now() - since >= patience)) return true;
      await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /** Those of the wanted times that are really taken. */
  async function taken(submission: Submission, blocked: readonly Blocked[]): Promise<Blocked[]> {
    const reservations = new Map(blocked.map(({ by, wanted }) => [by.id, { by, clientHashId: wanted.clientHashId }]));
    const standing = new Set<string>();
    await Promise.all(
      [...reservations.values()].map(async ({ by, clientHashId }) => {
        if (await stands(submission, clientHashId, by)) standing.add(by.id);
      }),
    );
    return blocked.filter(({ by }) => standing.has(by.id));
  }

  return {
    async submit(submission) {
      let current = submission;
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const outcome = await coaches.submit(current);
        switch (outcome.kind) {
          case 'blocked': {
            const [first, ...others] = await taken(current, outcome.blocked);
            if (!first) break;
            const { command } = current;
            if (!isSeries(command)) {
              return { kind: 'rejected', rejection: { reason: 'CLIENT_OVERLAP', inTheWay: intervalOf(first.by) } };
            }
            const conflicts = [first, ...others].map((one) => conflictOf(one, command));
            const clientConflicts = [...command.clientConflicts, ...conflicts];
            current = { ...current, command: { ...command, clientConflicts } };
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

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;

type SeriesCommand = Extract<CoachCommand, { clientConflicts: unknown }>;

function isSeries(command: CoachCommand): command is SeriesCommand {
  return 'clientConflicts' in command;
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
