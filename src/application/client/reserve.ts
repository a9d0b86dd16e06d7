import type { InDoubt, WantedTime } from '../../domain/client/client.js';
import type { CoachCommand } from '../../domain/coach/commands.js';
import type { CoachEvent, SessionRescheduled, SessionScheduled, SlotHeld } from '../../domain/coach/events.js';
import type { Contended, Submission } from '../submission.js';
import { type ReleaseParts, release } from './release.js';

/**
 * The rule for clients, as a coach's commands meet it. On: a client's time is reserved in the client's stream before
 * the coach's events are appended, so that no client is in two sessions at once. Off: no time is reserved.
 */
export interface ClientRule {
  /** The command with new reservations for the time that it may need. */
  withReservations(command: CoachCommand): CoachCommand;
  /** Begins a batch of commands of one coach. Nothing is reserved for it yet. */
  openBatch(): BatchReservations;
}

/** The time of clients that a batch of commands of one coach needs. */
export interface BatchReservations {
  /** The submissions that cannot have their client's time, and why. */
  readonly refusals: ReadonlyMap<Submission, Refusal>;
  /**
   * Reserves the time that the submissions need, unless it is reserved already. Answers whether all of them may go on;
   * else there is at least one refusal more.
   */
  reserve(needs: ReadonlyMap<Submission, Need>): boolean | Promise<boolean>;
  /**
   * Releases, for one submission, what was reserved and is not used by the events that were appended, and what these
   * events free. Never rejects: a reservation that stays behind is settled by whoever finds it in the way.
   * @param events those that were appended; none when the submission was refused
   * @returns undefined when there is nothing to release
   */
  release(submission: Submission, events: readonly CoachEvent[]): Promise<void> | undefined;
}

/** What a submission needs. */
export interface Need {
  /** The events that it leads to. */
  readonly events: readonly CoachEvent[];
  /** False: only find out whether the time can be reserved. */
  readonly write: boolean;
}

/** Why a submission cannot have its client's time. */
export type Refusal =
  | InDoubt
  | Contended
  /** The session has changed since: its reservations are for another time than it needs now. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What the rule needs. */
export interface ReserveParts extends ReleaseParts {
  /** Gives ids for reservations. */
  readonly newId: () => string;
}

/** The rule for clients, on. `allowClientOverlap` is its off-switch. */
export function refuseClientOverlap(parts: ReserveParts): ClientRule {
  const { clients, newId } = parts;
  return {
    withReservations(command) {
      if ('occurrences' in command) {
        return { ...command, occurrences: command.occurrences.map((one) => ({ ...one, reservationId: newId() })) };
      }
      return needsTime(command) ? { ...command, reservationId: newId() } : command;
    },

    openBatch() {
      const reserved = new Map<Submission, readonly WantedTime[]>();
      const refusals = new Map<Submission, Refusal>();

      async function reserve(submission: Submission, wanted: readonly WantedTime[], write: boolean): Promise<void> {
        const { command, metadata, cancellation } = submission;
        const { clientHashId } = wanted[0] as WantedTime;
        const reserveTime = { type: 'ReserveTime', clientHashId, wanted, now: command.now } as const;
        const submitted = { command: reserveTime, metadata, validateOnly: !write, cancellation };
        try {
          const outcome = await clients.submit(clientHashId, submitted);
          if (outcome.kind !== 'accepted') refusals.set(submission, outcome);
          else if (write) reserved.set(submission, wanted);
        } catch (error) {
          refusals.set(submission, { kind: 'failed', error });
        }
      }

      return {
        refusals,
        reserve(needs) {
          const before = refusals.size;
          const asked: Promise<void>[] = [];
          for (const [submission, { events, write }] of needs) {
            const wanted = wantedTime(submission.command, events);
            if (wanted.length === 0 || refusals.has(submission)) continue;
            const alreadyReserved = reserved.get(submission);
            if (!alreadyReserved) asked.push(reserve(submission, wanted, write));
            else if (!wanted.every((one) => isAmong(alreadyReserved, one))) {
              refusals.set(submission, { kind: 'outdated' });
            }
          }
          const areReserved = () => refusals.size === before;
          if (asked.length === 0) return areReserved();
          return (asked.length === 1 ? (asked[0] as Promise<void>) : Promise.all(asked)).then(areReserved);
        },
        release(submission, events) {
          const used = wantedTime(submission.command, events);
          const unused = (reserved.get(submission) ?? []).filter((one) => !isAmong(used, one));
          return release(parts, submission, unused, events);
        },
      };
    },
  };
}

type NeedsTime = Extract<CoachCommand, { type: 'ScheduleSession' | 'RescheduleSession' | 'HoldSlot' }>;

function needsTime(command: CoachCommand): command is NeedsTime {
  return command.type === 'ScheduleSession' || command.type === 'RescheduleSession' || command.type === 'HoldSlot';
}

function isAmong(times: readonly WantedTime[], { reservationId, start, duration }: WantedTime): boolean {
  return times.some((one) => one.reservationId === reservationId && one.start === start && one.duration === duration);
}

/**
 * The time that must be reserved before these events of a command may be appended, all of one client. Events without a
 * reservation need none: the rule for clients is off for them.
 */
function wantedTime({ type }: Pick<CoachCommand, 'type'>, events: readonly CoachEvent[]): WantedTime[] {
  // A hold that is confirmed has the client's time reserved already.
  if (type === 'ConfirmHold') return [];
  const wanted: WantedTime[] = [];
  for (const event of events) {
    if (!takesNewTime(event) || event.reservationId === undefined) continue;
    const { reservationId, clientHashId, coachHashId, start, duration } = event;
    const [sessionId, holdExpiresAt] =
      event.type === 'SlotHeld' ? [event.holdId, event.expiresAt] : [event.sessionId, undefined];
    wanted.push({ reservationId, clientHashId, coachHashId, sessionId, start, duration, holdExpiresAt });
  }
  return wanted;
}

function takesNewTime(event: CoachEvent): event is SessionScheduled | SessionRescheduled | SlotHeld {
  return event.type === 'SessionScheduled' || event.type === 'SessionRescheduled' || event.type === 'SlotHeld';
}
