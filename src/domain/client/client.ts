/**
 * The client aggregate: which of a client's time is reserved, for which coach's session or hold. Whether a reservation
 * is used, the coach's stream says; this stream never reserves the same time for two coaches. Pure. Times are epoch
 * milliseconds, durations whole minutes.
 */
import { addEntry, type Calendar, type Entry, overlapping, removeEntry, startingAt } from '../calendar.js';
import type { Slot } from '../slot.js';
import { emptyList } from '../sorted-list.js';

// Limits

/** The most open holds that a client may have. */
export const HOLD_QUOTA = 5;

/**
 * Milliseconds that a command may take from reserving a client's time to using it. After that, whoever needs the time
 * abandons the reservation. Measured from when the reservation is first found in the way, by the finder's own
 * stopwatch: no clocks are compared. Too short a time costs bookings a second try, and never double-books a client.
 */
export const PATIENCE = 2_000;

// Stream

/** The prefix of the names of all client streams. */
export const CLIENT_STREAM_PREFIX = 'client-';

/** The stream of the reservations of a client's time. */
export function clientStream(clientHashId: string): string {
  return CLIENT_STREAM_PREFIX + clientHashId;
}

// Events, as in proto/aceup/scheduler/v1/events.proto

/** A client's time that is reserved, or was, for one session or hold of one coach. */
export interface ReservedTime extends Slot {
  readonly reservationId: string;
  readonly clientHashId: string;
  readonly coachHashId: string;
  /** The id of the session or the hold. */
  readonly sessionId: string;
}

export interface TimeReserved extends ReservedTime {
  readonly type: 'TimeReserved';
  readonly reservedAt: number;
  readonly holdExpiresAt: number | undefined;
}

export interface ReservationConfirmed extends ReservedTime {
  readonly type: 'ReservationConfirmed';
  readonly confirmedAt: number;
}

export interface TimeReleased extends ReservedTime {
  readonly type: 'TimeReleased';
  readonly releasedAt: number;
}

/** Everything that can happen to a client's time. */
export type ClientEvent = TimeReserved | ReservationConfirmed | TimeReleased;

// State

/** Time that is reserved for a session or a hold. Its `id` is that of the reservation. */
export interface Reservation extends Entry {
  readonly coachHashId: string;
  readonly sessionId: string;
  /** When the hold expires; undefined for a session, and once the hold is confirmed. */
  readonly holdExpiresAt: number | undefined;
}

/** What decisions need to know of a client's past, and no more. */
export interface ClientState {
  /**
   * The reserved time. Only entries of the same coach may overlap: that coach's own stream keeps two of them from being
   * used.
   */
  readonly reservations: Calendar<Reservation>;
  /** The reservations that were made for holds and may still be open. */
  readonly holds: readonly Reservation[];
}

/** A client to whom nothing has happened yet. */
export const initialClient: ClientState = { reservations: emptyList, holds: [] };

/** The state after an event. Total: no event of the past is refused. */
export function evolveClient({ reservations, holds }: ClientState, event: ClientEvent): ClientState {
  const reservation = reservationOf(event);
  const otherHolds = holds.length === 0 ? holds : holds.filter(({ id }) => id !== reservation.id);
  switch (event.type) {
    case 'TimeReserved': {
      if (event.holdExpiresAt === undefined) {
        return { reservations: addEntry(reservations, reservation), holds };
      }
      const open = otherHolds.filter((hold) => isOpen(hold, event.reservedAt));
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

function isOpen({ holdExpiresAt }: Reservation, now: number): boolean {
  return holdExpiresAt !== undefined && holdExpiresAt > now;
}

// Commands

/** A slot of a client's time that a coach's session or hold needs. */
export interface WantedTime extends ReservedTime {
  /** When the hold expires that needs the time; undefined for a session. */
  readonly holdExpiresAt: number | undefined;
}

/** Reserve time for sessions or a hold, all of one coach: all of the time, or none. */
export interface ReserveTime {
  readonly type: 'ReserveTime';
  readonly clientHashId: string;
  readonly wanted: readonly WantedTime[];
  readonly now: number;
}

/** Release reservations. Those that do not exist count as released. */
export interface ReleaseTime {
  readonly type: 'ReleaseTime';
  readonly clientHashId: string;
  readonly reservations: readonly ReservedTime[];
  readonly now: number;
}

/** Record that the hold of a reservation became a session: it counts as a hold no longer. */
export interface ConfirmReservation {
  readonly type: 'ConfirmReservation';
  readonly clientHashId: string;
  readonly reservation: ReservedTime;
  readonly now: number;
}

/** Everything that can be asked of a client. */
export type ClientCommand = ReserveTime | ReleaseTime | ConfirmReservation;

// Decisions

/** Time that is wanted, and a reservation in its way. */
export interface Blocked {
  readonly wanted: WantedTime;
  readonly by: Reservation;
}

/**
 * Why time cannot be reserved, as far as the client's stream knows. Whether these reservations are used, the coaches'
 * streams say: see settle.ts of the application.
 */
export interface InDoubt {
  readonly kind: 'in-doubt';
  readonly clientHashId: string;
  /** Every reservation in the way of the wanted times: those of one time side by side, in order of their starts. */
  readonly blocked: readonly Blocked[];
  /** The client's open holds when there are as many as the quota allows and one more is wanted; else none. */
  readonly holds: readonly Reservation[];
}

/** What a command leads to. */
export type ClientDecision = { readonly kind: 'accepted'; readonly events: readonly ClientEvent[] } | InDoubt;

/** Decides a command against a client's state. */
export function decideClient(command: ClientCommand, state: ClientState): ClientDecision {
  switch (command.type) {
    case 'ReserveTime':
      return reserveTime(command, state);
    case 'ReleaseTime': {
      const existing = command.reservations.filter((one) => exists(state, one));
      const { now: releasedAt } = command;
      const events = existing.map((one) => ({ type: 'TimeReleased', ...fieldsOf(one), releasedAt }) as const);
      return { kind: 'accepted', events };
    }
    case 'ConfirmReservation': {
      const { reservation, now: confirmedAt } = command;
      const counts = state.holds.some(({ id }) => id === reservation.reservationId);
      if (!counts) return { kind: 'accepted', events: [] };
      return { kind: 'accepted', events: [{ type: 'ReservationConfirmed', ...fieldsOf(reservation), confirmedAt }] };
    }
    default:
      return command satisfies never;
  }
}

function reserveTime({ clientHashId, wanted, now }: ReserveTime, { reservations, holds }: ClientState): ClientDecision {
  const blocked: Blocked[] = [];
  for (const one of wanted) {
    for (const by of overlapping(reservations, one)) {
      if (by.coachHashId !== one.coachHashId) blocked.push({ wanted: one, by });
    }
  }
  const open = wanted.some(isForHold) ? holds.filter((hold) => isOpen(hold, now)) : [];
  const isFull = open.length >= HOLD_QUOTA;
  if (blocked.length > 0 || isFull) return { kind: 'in-doubt', clientHashId, blocked, holds: isFull ? open : [] };

  const events = wanted.map((one): TimeReserved => {
    const { holdExpiresAt } = one;
    return { type: 'TimeReserved', ...fieldsOf(one), reservedAt: now, holdExpiresAt };
  });
  return { kind: 'accepted', events };
}

function isForHold({ holdExpiresAt }: WantedTime): boolean {
  return holdExpiresAt !== undefined;
}

function exists({ reservations }: ClientState, { start, reservationId }: ReservedTime): boolean {
  return startingAt(reservations, start).some(({ id }) => id === reservationId);
}

function fieldsOf(one: ReservedTime): ReservedTime {
  const { reservationId, clientHashId, coachHashId, sessionId, start, duration } = one;
  return { reservationId, clientHashId, coachHashId, sessionId, start, duration };
}
