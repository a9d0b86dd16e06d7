/**
 * The client aggregate: which of a client's time is kept, for which coach's session or hold. Whether a reservation is
 * used is for the coach's stream to say; here, no time is kept twice. Pure. Times are epoch milliseconds, durations
 * whole minutes.
 */
import { addEntry, type Calendar, type Entry, overlapping, removeEntry } from '../calendar.js';
import type { Slot } from '../slot.js';
import { emptyList, itemsWhere } from '../sorted-list.js';

// Stream

/** What the names of all client streams begin with. */
export const CLIENT_STREAM_PREFIX = 'client-';

/** The stream that holds the reservations of a client's time. */
export function clientStream(clientHashId: string): string {
  return CLIENT_STREAM_PREFIX + clientHashId;
}

// Events, as in proto/aceup/scheduler/v1/events.proto

interface OfReservation extends Slot {
  readonly reservationId: string;
  readonly clientHashId: string;
  readonly coachHashId: string;
  readonly sessionId: string;
}

export interface TimeReserved extends OfReservation {
  readonly type: 'TimeReserved';
  readonly reservedAt: number;
  readonly holdExpiresAt: number | undefined;
}

export interface ReservationConfirmed extends OfReservation {
  readonly type: 'ReservationConfirmed';
  readonly confirmedAt: number;
}

export interface TimeReleased extends OfReservation {
  readonly type: 'TimeReleased';
  readonly releasedAt: number;
}

/** Everything that can happen to a client's time. */
export type ClientEvent = TimeReserved | ReservationConfirmed | TimeReleased;

// State

/** Time that is kept for a session or a hold. Its `id` is that of the reservation. */
export interface Reservation extends Entry {
  readonly coachHashId: string;
  readonly sessionId: string;
  /** When the hold expires that it was made for; undefined when it was made for a session or the hold was confirmed. */
  readonly holdExpiresAt: number | undefined;
}

/** What decisions need to know of a client's past, and no more. */
export interface ClientState {
  /**
   * The time kept. Entries of one coach may overlap each other: the coach's own stream keeps those from being used at
   * once. No others do.
   */
  readonly reservations: Calendar<Reservation>;
  /** Those that were made for holds of which some may still be open. */
  readonly holds: readonly Reservation[];
}

/** A client to whom nothing has happened yet. */
export const initialClient: ClientState = { reservations: emptyList, holds: [] };

/** The state after an event. Total: history is never refused. */
export function evolveClient({ reservations, holds }: ClientState, event: ClientEvent): ClientState {
  const reservation = reservationOf(event);
  const otherHolds = holds.length === 0 ? holds : holds.filter(({ id }) => id !== reservation.id);
  switch (event.type) {
    case 'TimeReserved': {
      if (event.holdExpiresAt === undefined) {
        return { reservations: addEntry(reservations, reservation), holds };
      }
      const open = otherHolds.filter((hold) => (hold.holdExpiresAt as number) > event.reservedAt);
      return { reservations: addEntry(reservations, reservation), holds: [...open, reservation] };
    }
    case 'ReservationConfirmed':
      return { reservations: addEntry(reservations, reservation), holds: otherHolds };
    case 'TimeReleased':
      return { reservations: removeEntry(reservations, reservation), holds: otherHolds };
    default:
      return event satisfies never;
  }
}

function reservationOf(event: ClientEvent): Reservation {
  const { reservationId: id, start, duration, coachHashId, sessionId } = event;
  const holdExpiresAt = event.type === 'TimeReserved' ? event.holdExpiresAt : undefined;
  return { id, start, duration, coachHashId, sessionId, holdExpiresAt };
}

// Decisions

/** A slot of a client's time that a coach's session or hold needs. */
export interface WantedTime extends OfReservation {
  /** When the hold expires that it is for; undefined when it is for a session. */
  readonly holdExpiresAt: number | undefined;
}

/** Keep time for sessions or a hold, all of one coach: all of it, or none. */
export interface ReserveTime {
  readonly type: 'ReserveTime';
  readonly clientHashId: string;
  readonly wanted: readonly WantedTime[];
  /** Reservations that are as good as released. */
  readonly disregarded: ReadonlySet<string>;
  /** Reservations that were made for holds which are sessions by now. */
  readonly booked: ReadonlySet<string>;
  readonly now: number;
}

/** Let go of reservations. Those that are not there are let go of already. */
export interface ReleaseTime {
  readonly type: 'ReleaseTime';
  readonly clientHashId: string;
  readonly reservations: readonly OfReservation[];
  readonly now: number;
}

/** The hold that a reservation was made for became a session: it counts as a hold no longer. */
export interface ConfirmReservation {
  readonly type: 'ConfirmReservation';
  readonly clientHashId: string;
  readonly reservation: OfReservation;
  readonly now: number;
}

/** Everything that can be asked of a client. */
export type ClientCommand = ReserveTime | ReleaseTime | ConfirmReservation;

/** Time that is wanted, and a reservation in its way. */
export interface Blocked {
  readonly wanted: WantedTime;
  readonly by: Reservation;
}

/** What a command leads to. */
export type ClientDecision =
  | { readonly kind: 'accepted'; readonly events: readonly ClientEvent[] }
  /** What is in the way of all that is wanted. Whether it is worth anything is for the coaches to say. */
  | { readonly kind: 'blocked'; readonly blocked: readonly Blocked[] }
  /** The open holds, which are too many. Whether they are worth anything is for the coaches to say. */
  | { readonly kind: 'quota'; readonly clientHashId: string; readonly holds: readonly Reservation[] };

/** The most open holds of a client at a time. */
export const HOLD_QUOTA = 5;

/** Decides a command against a client's state. */
export function decideClient(command: ClientCommand, state: ClientState): ClientDecision {
  switch (command.type) {
    case 'ReserveTime':
      return reserveTime(command, state);
    case 'ReleaseTime': {
      const there = command.reservations.filter((one) => isThere(state, one));
      const { now: releasedAt } = command;
      return { kind: 'accepted', events: there.map((one) => ({ type: 'TimeReleased', ...toldOf(one), releasedAt })) };
    }
    case 'ConfirmReservation': {
      const { reservation, now: confirmedAt } = command;
      const counts = state.holds.some(({ id }) => id === reservation.reservationId);
      if (!counts) return { kind: 'accepted', events: [] };
      return { kind: 'accepted', events: [{ type: 'ReservationConfirmed', ...toldOf(reservation), confirmedAt }] };
    }
    default:
      return command satisfies never;
  }
}

function reserveTime(command: ReserveTime, { reservations, holds }: ClientState): ClientDecision {
  const { clientHashId, wanted, disregarded, booked, now } = command;
  const blocked: Blocked[] = [];
  for (const one of wanted) {
    for (const by of overlapping(reservations, one)) {
      if (by.coachHashId !== one.coachHashId && !disregarded.has(by.id)) blocked.push({ wanted: one, by });
    }
  }
  if (blocked.length > 0) return { kind: 'blocked', blocked };

  if (wanted.some(({ holdExpiresAt }) => holdExpiresAt !== undefined)) {
    const counts = ({ id }: Reservation) => !disregarded.has(id) && !booked.has(id);
    const open = holds.filter((hold) => (hold.holdExpiresAt as number) > now && counts(hold));
    if (open.length >= HOLD_QUOTA) return { kind: 'quota', clientHashId, holds: open };
  }

  const events = wanted.map((one): TimeReserved => {
    const { holdExpiresAt } = one;
    return { type: 'TimeReserved', ...toldOf(one), reservedAt: now, holdExpiresAt };
  });
  return { kind: 'accepted', events };
}

function isThere({ reservations }: ClientState, { start, reservationId }: OfReservation): boolean {
  for (const one of itemsWhere(reservations, (entry) => entry.start >= start)) {
    if (one.start > start) return false;
    if (one.id === reservationId) return true;
  }
  return false;
}

function toldOf(one: OfReservation): OfReservation {
  const { reservationId, clientHashId, coachHashId, sessionId, start, duration } = one;
  return { reservationId, clientHashId, coachHashId, sessionId, start, duration };
}
