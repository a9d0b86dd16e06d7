import type { HoldQueries, ListKey, Reader, SessionQueries } from '../../application/read-model.js';
import { merged } from '../../domain/availability/terms.js';
import { FIRST_TIME, type Interval, intervalOf, LAST_TIME, type Slot } from '../../domain/slot.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** The time that a client's sessions and holds take, with any coach. */
export type ClientBusy = (
  clientHashId: string,
  within: Interval,
  now: number,
  reader: Reader,
) => Promise<readonly Taken[]>;

/** Time that a session or a hold takes. */
export interface Taken extends Interval {
  /** The id of the session or the hold. */
  readonly id: string;
  readonly coachHashId: string;
}

/** What finding a client's time needs. */
export interface ClientBusyParts {
  readonly sessions: SessionQueries;
  readonly holds: HoldQueries;
  readonly reads: ReadYourWrites;
}

const PAGE = 1_000;

/**
 * Finds a client's time in the read model, once it has everything acknowledged before the call: what is there was decided
 * by a coach. Throws `StoreUnavailable`, `ReadModelUnavailable`.
 */
export function createClientBusy({ sessions, holds, reads }: ClientBusyParts): ClientBusy {
  return async (clientHashId, { start, end }, now, reader) => {
    await reads.waitForNow(reader.cancellation);
    // Searches look beyond the calendar, where nothing can be.
    const filter = { clientHashId, from: Math.max(start, FIRST_TIME), to: Math.min(end, LAST_TIME) };
    const booked = await all((after) => sessions.list({ ...filter, states: TAKING_TIME }, after, PAGE, reader));
    const held = await all((after) => holds.list({ ...filter, states: ['open'] }, now, after, PAGE, reader));
    return [...booked, ...held].map((one) => ({ id: one.id, coachHashId: one.coachHashId, ...intervalOf(one) }));
  };
}

/** The time of clients who may be in two sessions at once: nothing that they have is in the way of a booking. */
export const neverBusy: ClientBusy = async () => [];

const TAKING_TIME = ['scheduled', 'completed', 'no_show'] as const;

/**
 * The client's time as it is in the way of each coach: that coach's own sessions are in the coach's calendar.
 * @param moving the session that is to be moved, if there is one
 */
export function busyElsewhere(taken: readonly Taken[], moving: string): (coachHashId: string) => readonly Interval[] {
  const others = taken.filter(({ id }) => id !== moving);
  const coaches = new Set(others.map(({ coachHashId }) => coachHashId));
  const everywhere = merged(others);
  return (coachHashId) => {
    if (!coaches.has(coachHashId)) return everywhere;
    return merged(others.filter((one) => one.coachHashId !== coachHashId));
  };
}

interface Row extends Slot {
  readonly id: string;
  readonly coachHashId: string;
}

async function all(read: (after: ListKey | undefined) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let page = await read(undefined); ; ) {
    found.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || !last) return found;
    page = await read({ time: last.start, id: last.id });
  }
}
