import { setTimeout as sleep } from 'node:timers/promises';
import type { Reservation } from '../../domain/client/client.js';
import type { CoachInbox } from '../coach/coach-inbox.js';
import { type Submission, withoutRequest } from '../submission.js';
import type { ClientInbox } from './client-inbox.js';

/** What coaches say of a client's reservations, by their ids, with what the submission knows already. */
export interface Worth {
  /** Worth nothing: they are released, and can never be used. */
  readonly disregarded: ReadonlySet<string>;
  /** Of sessions. */
  readonly booked: ReadonlySet<string>;
}

/**
 * Finds out what reservations are worth. With `validateOnly` they are left as they are, and nobody is waited for.
 *
 * Throws as `CoachInbox.submit` does.
 */
export type WorthOf = (
  submission: Submission,
  clientHashId: string,
  reservations: Iterable<Reservation>,
) => Promise<Worth>;

/** How to wait, and for how long one has. Milliseconds, by a clock of this process that never goes back. */
export interface Waiting {
  /** Since whenever. */
  readonly elapsed: () => number;
  /** Resolves after about so long. Rejects with the signal's reason when that aborts first. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What it takes to find out. */
export interface WorthParts {
  readonly coaches: CoachInbox;
  readonly clients: ClientInbox;
  /**
   * Milliseconds that somebody may take from reserving a client's time to using it, before it is taken from them.
   * Default 2,000. Measured from when the reservation is first found in the way, by this process alone: no clocks are
   * compared. Too short a time costs bookings a second try, and never lets a client be double-booked.
   */
  readonly patience?: number;
  readonly waiting?: Waiting;
}

/** Asks the coaches that the reservations were made for. */
export function createWorthOf(parts: WorthParts): WorthOf {
  const { coaches, clients, patience = 2_000, waiting = REAL_TIME } = parts;

  async function ask(
    submission: Submission,
    clientHashId: string,
    reservation: Reservation,
  ): Promise<'worthless' | 'booked' | 'held'> {
    const { metadata, validateOnly, signal } = submission;
    const { id: reservationId, coachHashId, sessionId, start, duration } = reservation;
    const since = waiting.elapsed();
    const rest = { metadata: withoutRequest(metadata), validateOnly, signal };

    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const abandon = validateOnly || waiting.elapsed() - since >= patience;
      const { now } = submission.command;
      const settle = { coachHashId, clientHashId, reservationId, sessionId, abandon, now };
      const outcome = await coaches.submit({ command: { type: 'SettleReservation', ...settle }, ...rest });
      if (outcome.kind === 'accepted') {
        const reservations = [{ reservationId, clientHashId, coachHashId, sessionId, start, duration }];
        const release = { type: 'ReleaseTime', clientHashId, reservations, now } as const;
        await clients.submit(clientHashId, { command: release, ...rest });
        return 'worthless';
      }
      if (outcome.kind === 'rejected') {
        if (outcome.rejection.reason === 'RESERVATION_BOOKED') return 'booked';
        if (outcome.rejection.reason === 'RESERVATION_HELD') return 'held';
      }
      await waiting.pause(pause, signal);
    }
  }

  return async (submission, clientHashId, reservations) => {
    const disregarded = new Set(submission.disregarded);
    const booked = new Set(submission.booked);
    const asking = [...reservations].map(async (one) => {
      const worth = await ask(submission, clientHashId, one);
      if (worth === 'worthless') disregarded.add(one.id);
      if (worth === 'booked') booked.add(one.id);
    });
    await Promise.all(asking);
    return { disregarded, booked };
  };
}

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;

const REAL_TIME: Waiting = {
  elapsed: () => performance.now(),
  // Who waits for the same thing should not come back at the same moment.
  async pause(ms, signal) {
    await sleep(ms * (0.5 + Math.random()), undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};
