import {
  type Blocked,
  type ClientCommand,
  HOLD_QUOTA,
  type InDoubt,
  PATIENCE,
  type Reservation,
} from '../../domain/client/client.js';
import { createBackoff, jittered, pause } from '../../waiting.js';
import { Overloaded } from '../streams/inbox.js';
import type { Submission } from '../submission.js';
import type { ClientInbox } from './client-inbox.js';

/** What a coach uses a reservation for. Pending: for nothing so far, but a command may be about to use it. */
export type Use = 'session' | 'hold' | 'nothing' | 'pending';

/**
 * Asks a coach what a reservation is used for. After the answer `nothing` the coach never uses the reservation.
 * @param abandon true: the answer is not `pending`, since a reservation without a use is abandoned
 * @param submission in whose way the reservation is; with `validateOnly` nothing is written
 */
export type AskCoach = (
  reservation: Reservation,
  clientHashId: string,
  abandon: boolean,
  submission: Submission,
) => Promise<Use>;

/** What is left of a doubt once the coaches have been asked. */
export interface Settled {
  /** The wanted times that sessions or open holds of the client take, each with the first of them. */
  readonly taken: readonly Blocked[];
  /** Whether the client has as many open holds as the quota allows. Not asked when time is taken. */
  readonly isFull: boolean;
}

/**
 * Finds out from the coaches which reservations of a client are used. Those that are not used are released; those whose
 * hold became a session count as holds no longer. With `validateOnly` the client's stream stays as it is, and a
 * reservation that may yet be used is taken for abandoned, so that nobody waits.
 *
 * Asks one question at a time, and none about time that is known to be taken: a client may have a reservation for each
 * minute of a day that one request wants. All reservations share the patience, since all were found in the way at once.
 *
 * Throws `Overloaded` when too many commands are being settled, and what `AskCoach` and `ClientInbox.submit` throw.
 */
export type Settle = (doubt: InDoubt, submission: Submission) => Promise<Settled>;

/** A stopwatch and a way to wait. Milliseconds; the stopwatch never goes back. */
export interface Waiting {
  readonly elapsed: () => number;
  /** Resolves after about so long. Rejects with the signal's reason when that aborts first. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What settling needs. */
export interface SettleParts {
  readonly clients: ClientInbox;
  readonly askCoach: AskCoach;
  /** See `PATIENCE`, which is the default. */
  readonly patience?: number | undefined;
  /** How many commands may be settled at once. Default 1,000: others need the inboxes, too. */
  readonly maxSettling?: number | undefined;
  readonly waiting?: Waiting | undefined;
}

/** Settles doubts by asking the coaches for whom the reservations were made. */
export function createSettle(parts: SettleParts): Settle {
  const { clients, askCoach, patience = PATIENCE, maxSettling = 1_000, waiting = REAL_TIME } = parts;
  let settling = 0;

  /**
   * What the coach uses the reservation for, once that is certain.
   * @param since when the reservation was found in the way
   */
  async function useOf(reservation: Reservation, clientHashId: string, submission: Submission, since: number) {
    const { validateOnly, cancellation } = submission;
    const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
    for (;;) {
      const abandon = validateOnly || waiting.elapsed() - since >= patience;
      const use = await askCoach(reservation, clientHashId, abandon, submission);
      if (use !== 'pending') return use;
      await waiting.pause(backoff.next(), cancellation.signal);
    }
  }

  /** What the coach uses the reservation for, once that is certain and the client's stream has followed. */
  async function settle(reservation: Reservation, clientHashId: string, submission: Submission, since: number) {
    const use = await useOf(reservation, clientHashId, submission, since);
    const { validateOnly, command } = submission;
    if (validateOnly || use === 'hold') return use;
    const { id: reservationId, coachHashId, sessionId, start, duration } = reservation;
    const time = { reservationId, clientHashId, coachHashId, sessionId, start, duration };
    const about = { clientHashId, now: command.now };
    const submit = (forClient: ClientCommand) => clients.submit(clientHashId, { ...submission, command: forClient });
    if (use === 'nothing') {
      await submit({ type: 'ReleaseTime', ...about, reservations: [time] });
    } else if (reservation.holdExpiresAt !== undefined) {
      // A session now uses what was reserved for a hold.
      await submit({ type: 'ConfirmReservation', ...about, reservation: time });
    }
    return use;
  }

  async function settleAll({ clientHashId, blocked, holds }: InDoubt, submission: Submission): Promise<Settled> {
    const since = waiting.elapsed();
    const known = new Map<string, Use>();
    async function ask(reservation: Reservation): Promise<Use> {
      const use = known.get(reservation.id) ?? (await settle(reservation, clientHashId, submission, since));
      known.set(reservation.id, use);
      return use;
    }

    const taken: Blocked[] = [];
    for (const one of blocked) {
      if (taken.at(-1)?.wanted === one.wanted) continue;
      if ((await ask(one.by)) !== 'nothing') taken.push(one);
    }
    if (taken.length > 0 || holds.length === 0) return { taken, isFull: false };

    let open = 0;
    for (const hold of holds) if ((await ask(hold)) === 'hold') open += 1;
    return { taken, isFull: open >= HOLD_QUOTA };
  }

  return async (doubt, submission) => {
    if (settling >= maxSettling)
      throw new Overloaded(`${settling} commands are already asking coaches about reservations`);
    settling += 1;
    try {
      return await settleAll(doubt, submission);
    } finally {
      settling -= 1;
    }
  };
}

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;

const REAL_TIME: Waiting = {
  elapsed: () => performance.now(),
  // Commands that wait for the same reservation should not ask again at the same moment.
  pause: (ms, signal) => pause(jittered(ms), signal),
};
