import type { ConfirmReservation, ReleaseTime, WantedTime } from '../../domain/client/client.js';
import type { CoachEvent, HoldConfirmed } from '../../domain/coach/events.js';
import type { ClientRefusal, Verdict } from '../coach/decide-batch.js';
import { type Submission, withoutRequest } from '../submission.js';
import type { ClientInbox } from './client-inbox.js';
import { freedTime, wantedTime } from './client-time.js';

/**
 * The time of clients that a batch of commands needs. It is kept in the streams of the clients before the coach's events
 * are appended, and let go of when they are not.
 */
export interface Reservations {
  /** The submissions that cannot have their client's time, and why. */
  readonly refusals: ReadonlyMap<Submission, ClientRefusal>;
  /**
   * Keeps the time that the verdicts need, as far as it is not kept yet. Answers whether all of them may stand; else
   * there are new refusals.
   */
  reserve(submissions: readonly Submission[], verdicts: readonly Verdict[]): Promise<boolean>;
  /**
   * Lets go, for one submission, of what was kept and is not needed for the events that were appended, and of what they
   * have made free. Never rejects: what stays behind by a failure is settled by whoever finds it in the way.
   * @param events those appended; none when it was refused
   */
  tidy(submission: Submission, events: readonly CoachEvent[]): Promise<void>;
}

/**
 * No time kept yet.
 * @param onLeftBehind told of what could not be let go of
 */
export function createReservations(clients: ClientInbox, onLeftBehind: (error: unknown) => void): Reservations {
  const refusals = new Map<Submission, ClientRefusal>();
  /** What is kept, by submission. */
  const kept = new Map<Submission, readonly WantedTime[]>();

  async function reserve(submission: Submission, wanted: readonly WantedTime[], write: boolean): Promise<boolean> {
    const { signal, command, disregarded = NOTHING, booked = NOTHING } = submission;
    const { clientHashId } = wanted[0] as WantedTime;
    try {
      const outcome = await clients.submit(clientHashId, {
        command: { type: 'ReserveTime', clientHashId, wanted, disregarded, booked, now: command.now },
        metadata: withoutRequest(submission.metadata),
        validateOnly: !write,
        signal,
      });
      if (outcome.kind !== 'accepted') refusals.set(submission, outcome);
      else if (write) kept.set(submission, wanted);
      return outcome.kind === 'accepted';
    } catch (error) {
      refusals.set(submission, { kind: 'failed', error });
      return false;
    }
  }

  /** Whether the verdict may stand as far as the client goes. */
  async function clear(submission: Submission, verdict: Verdict): Promise<boolean> {
    const wanted = wantedTime(submission.command, eventsOf(verdict));
    if (wanted.length === 0 || refusals.has(submission)) return true;
    const before = kept.get(submission);
    if (!before) return reserve(submission, wanted, verdict.kind === 'accepted');
    if (wanted.every((one) => before.some((other) => isSame(one, other)))) return true;
    // The session has been moved since: another time is needed than was kept.
    refusals.set(submission, { kind: 'outdated' });
    return false;
  }

  return {
    refusals,

    async reserve(submissions, verdicts) {
      // Who sends the same command again gets the verdict of the first: the time is kept once.
      const firsts = new Map(
        [...submissions.entries()].reverse().map(([index, one]) => [verdicts[index] as Verdict, one]),
      );
      const cleared = await Promise.all([...firsts].map(([verdict, submission]) => clear(submission, verdict)));
      return cleared.every(Boolean);
    },

    async tidy(submission, events) {
      const used = wantedTime(submission.command, events);
      const unused = (kept.get(submission) ?? []).filter((one) => !used.some((other) => isSame(one, other)));
      const steps = [...releases([...unused, ...freedTime(events)]), ...events.filter(isConfirmed).map(confirmation)];
      if (steps.length === 0) return;

      const { now } = submission.command;
      const rest = { metadata: withoutRequest(submission.metadata), validateOnly: false, signal: NEVER };
      const done = steps.map((step) => clients.submit(step.clientHashId, { command: { ...step, now }, ...rest }));
      for (const one of await Promise.allSettled(done)) if (one.status === 'rejected') onLeftBehind(one.reason);
    },
  };
}

const NEVER = new AbortController().signal;
const NOTHING: ReadonlySet<string> = new Set();

function eventsOf(verdict: Verdict): readonly CoachEvent[] {
  if (verdict.kind === 'accepted' || verdict.kind === 'valid') return verdict.events;
  return verdict.kind === 'rejected' ? (verdict.free ?? []) : [];
}

function isSame(one: WantedTime, other: WantedTime): boolean {
  return one.reservationId === other.reservationId && one.start === other.start && one.duration === other.duration;
}

type Release = Omit<ReleaseTime, 'now'>;

/** One release for each client. */
function releases(freed: ReleaseTime['reservations']): Release[] {
  const clients = new Set(freed.map(({ clientHashId }) => clientHashId));
  return [...clients].map((clientHashId) => ({
    type: 'ReleaseTime',
    clientHashId,
    reservations: freed.filter((one) => one.clientHashId === clientHashId),
  }));
}

function confirmation(hold: HoldConfirmed): Omit<ConfirmReservation, 'now'> {
  const { clientHashId, holdId: sessionId } = hold;
  return { type: 'ConfirmReservation', clientHashId, reservation: { ...hold, sessionId } };
}

function isConfirmed(event: CoachEvent): event is HoldConfirmed {
  return event.type === 'HoldConfirmed' && event.reservationId !== '';
}
