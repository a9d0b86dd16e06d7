import { HOLD_QUOTA } from '../../src/domain/client/client.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import type { Slot } from '../../src/domain/slot.js';
import { type Asking, startOf } from './acts.js';
import type { Call } from './check-answer.js';
import type { Random } from './random.js';
import { meets, type Span, type Taken, type Truth } from './truth.js';

/** What looking at the end of a run needs. */
export interface AfterwardsParts {
  readonly truth: Truth;
  readonly random: Random;
  readonly nameOf: (what: string) => string;
  readonly newId: () => string;
  /** Carries a command out in a new process, while no other process works. */
  readonly book: (asking: Asking) => Promise<Call>;
}

/**
 * Throws when the processes before, however they ended, left something in anybody's way: a time that no session and no
 * open hold takes can be booked, and no other.
 */
export async function checkAfterwards({ truth, random, nameOf, newId, book }: AfterwardsParts): Promise<void> {
  /** Wants a time, and throws unless it is booked exactly when it can be. */
  async function want(
    wanted: Pick<Taken, 'coach' | 'client' | 'start' | 'end'>,
    command: (slot: Slot & { now: number }) => CoachCommand,
    isInTheWay: (taken: readonly Taken[]) => boolean,
  ): Promise<void> {
    const { coach, client, start, end } = wanted;
    const duration = (end - start) / 60_000;
    let now = 0;
    const call = await book({
      coach,
      content: '',
      command: (clock) => {
        now = clock;
        return command({ start, duration, now });
      },
    });
    const taken = truth.taken.filter(({ from, to, expiresAt }) => {
      return from <= call.begin && to > call.begin && expiresAt > now;
    });
    const told = call.told?.kind;
    if (told !== (isInTheWay(taken) ? 'rejected' : 'accepted')) {
      throw new Error(`in the end ${client} was told ${told} of ${new Date(start).toISOString()} with ${coach}`);
    }
  }

  function wantSession(coach: string, client: string, span: Span): Promise<void> {
    const who = { coachHashId: coach, clientHashId: client };
    return want(
      { coach, client, ...span },
      (slot) => ({ type: 'ScheduleSession', sessionId: newId(), ...who, ...slot, reservationId: newId(), ...ANYWAY }),
      (taken) => taken.some((one) => (one.coach === coach || one.client === client) && meets(one, span)),
    );
  }

  /** For a coach that no other step uses. */
  function wantHold(client: string): Promise<void> {
    const coach = `coach-of-${client}`;
    const who = { coachHashId: coach, clientHashId: client };
    return want(
      { coach, client, ...halfAnHour(100, 0) },
      (slot) => {
        const expiresAt = slot.now + 60_000;
        return { type: 'HoldSlot', holdId: newId(), ...who, ...slot, expiresAt, reservationId: newId() };
      },
      (taken) => taken.filter((one) => one.kind === 'hold' && one.client === client).length >= HOLD_QUOTA,
    );
  }

  for (const { client, start, end } of left(truth)) await wantSession(nameOf('new-coach'), client, { start, end });
  for (const client of [0, 1]) await wantHold(nameOf(`client${client}`));
  for (let time = 0; time < 3; time += 1) {
    const span = halfAnHour(random.below(4), random.below(5));
    await wantSession(nameOf(`coach${random.below(2)}`), nameOf(`client${random.below(2)}`), span);
  }
}

/** Whatever hours and policy the coach has by then. */
const ANYWAY = { ignorePolicy: true } as const;

function halfAnHour(day: number, at: number): Span {
  const start = startOf({ day, at });
  return { start, end: start + 30 * 60_000 };
}

/** Throws when time of a client is kept for nothing. */
export function checkNothingIsLeft(truth: Truth): void {
  const [one] = left(truth);
  if (one) throw new Error(`time of client ${one.client} is kept for nothing, though nothing went wrong`);
}

/** What is kept of clients' time and not used. */
function left({ taken, reservations }: Truth) {
  const used = new Set(taken.filter(({ to }) => to === Number.POSITIVE_INFINITY).map((one) => one.reservationId));
  return [...reservations].filter(([id, { released }]) => !released && !used.has(id)).map(([, one]) => one);
}
