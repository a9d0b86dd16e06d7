import type { Faults } from './faults.js';
import type { Hold } from './hold.js';
import { createIdSet } from './id-set.js';
import type { Session } from './session.js';
import { type ClientEvent, type Entry, timeOf } from './stored-events.js';
import { createTimetable, type Span, type Timetable } from './timetable.js';

/** A session or an open hold: what takes time. */
export type Taken = Session | Hold;

/** A client's time that is reserved. Its `id` is that of the reservation. */
interface Reservation extends Span {
  readonly coach: string;
  readonly sessionId: string;
}

interface Client {
  /** What takes the client's time, at any coach. */
  readonly taken: Timetable<Taken>;
  /** What is reserved and not released. */
  readonly reserved: Timetable<Reservation>;
  readonly byId: Map<string, Reservation>;
}

/** Where an event stands, for a fault. */
export type Place = Pick<Entry, 'position' | 'stream' | 'revision'>;

/** The clients, as their own streams and those of all coaches say. */
export interface Clients {
  /** Pairs of a client's sessions at one time of which at least one has no reservation: the rule does not see it. */
  readonly overlaps: number;
  /** Reservations that stand and that nothing uses. The next command that needs the time settles them. */
  readonly unsettled: number;
  /** An event of a client's stream. Throws when a time is missing in it. */
  apply(entry: Entry<ClientEvent>): void;
  /** A session or a hold takes time from now on. */
  take(taken: Taken, place: Place): void;
  /** A session or a hold takes this time no longer. */
  free(taken: Taken): void;
  /** Checks that nothing else takes the client's time, once all events of an append are applied. */
  checkFree(taken: Taken, place: Place): void;
}

/** No clients yet. */
export function createClients(faults: Faults): Clients {
  const clients = new Map<string, Client>();
  const everReserved = createIdSet();
  /** By the reservation. */
  const uses = new Map<string, Taken>();
  let overlaps = 0;
  let standing = 0;

  function clientOf(id: string): Client {
    const known = clients.get(id);
    if (known) return known;
    const client: Client = { taken: createTimetable(), reserved: createTimetable(), byId: new Map() };
    clients.set(id, client);
    return client;
  }

  function reserve(reservation: Reservation, client: Client, wrong: (what: string) => void): void {
    const { id, coach } = reservation;
    if (!everReserved.add(id)) wrong(`reservation ${id} is made again`);
    for (const other of client.reserved.overlapping(reservation)) {
      if (other.coach === coach) continue;
      wrong(`reservation ${id} for coach ${coach} overlaps reservation ${other.id} for coach ${other.coach}`);
    }
    if (!client.byId.has(id)) standing += 1;
    client.byId.set(id, reservation);
    client.reserved.add(reservation);
  }

  function release(id: string, client: Client, wrong: (what: string) => void): void {
    const reservation = client.byId.get(id);
    if (!reservation) {
      wrong(`reservation ${id} is released and was not there`);
      return;
    }
    const use = uses.get(id);
    if (use) wrong(`reservation ${id} is released while ${nameOf(use)} of coach ${use.coach} uses it`);
    standing -= 1;
    client.byId.delete(id);
    client.reserved.remove(reservation);
  }

  return {
    get overlaps() {
      return overlaps;
    },
    get unsettled() {
      return standing - uses.size;
    },

    apply({ event, position, stream, revision }) {
      const client = clientOf(event.clientHashId);
      const wrong = (what: string) => faults.add({ position, stream, revision, what });
      const start = timeOf(event.start);
      const { reservationId: id, coachHashId: coach, sessionId, duration } = event;
      switch (event.$typeName) {
        case 'aceup.scheduler.v1.TimeReserved':
          return reserve({ id, coach, sessionId, start, end: start + duration * 60_000 }, client, wrong);
        case 'aceup.scheduler.v1.ReservationConfirmed':
          if (!client.byId.has(id)) wrong(`reservation ${id} is confirmed and was not there`);
          return;
        case 'aceup.scheduler.v1.TimeReleased':
          return release(id, client, wrong);
        default:
          return event satisfies never;
      }
    },

    take(taken, place) {
      const client = clientOf(taken.client);
      client.taken.add(taken);
      const { reservationId: id } = taken;
      if (id === null) return;
      const reservation = client.byId.get(id);
      if (!reservation || !isFor(reservation, taken)) {
        const what = `${nameOf(taken)} uses reservation ${id}, which does not keep its time for client ${taken.client}`;
        faults.add({ ...place, what });
      } else {
        uses.set(id, taken);
      }
    },

    free(taken) {
      clientOf(taken.client).taken.remove(taken);
      if (taken.reservationId !== null && uses.get(taken.reservationId) === taken) uses.delete(taken.reservationId);
    },

    checkFree(taken, place) {
      for (const other of clientOf(taken.client).taken.overlapping(taken)) {
        // Those of one coach are that coach's to check.
        if (other.coach === taken.coach) continue;
        if (taken.reservationId === null || other.reservationId === null) {
          overlaps += 1;
          continue;
        }
        const both = `${nameOf(taken)} and in ${nameOf(other)} of coach ${other.coach}`;
        faults.add({ ...place, what: `client ${taken.client} is in ${both} at once` });
      }
    },
  };
}

function isFor(reservation: Reservation, { coach, id, start, end }: Taken): boolean {
  return (
    reservation.coach === coach &&
    reservation.sessionId === id &&
    reservation.start === start &&
    reservation.end === end
  );
}

/** A session or a hold in words. */
export function nameOf({ kind, id }: Taken): string {
  return `${kind} ${id}`;
}
