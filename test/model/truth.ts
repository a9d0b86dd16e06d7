/**
 * Who is where by the log, kept in the plainest way and without code of the domain. The promises are checked after every
 * append.
 */
import type { JsonObject, NewEvent } from '../../src/event-store/event-store.js';
import { asRead } from '../support/event-store-samples.js';

/** The span of time [start, end), in epoch milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Time of a coach and a client that a session or a hold takes, while it does. */
export interface Taken extends Span {
  readonly kind: 'session' | 'hold';
  readonly id: string;
  readonly coach: string;
  readonly client: string;
  readonly reservationId: string;
  /** When the hold expires; never, for a session. */
  readonly expiresAt: number;
  /** The append that took it, and the one that freed it, by their places in the log. */
  readonly from: number;
  to: number;
}

interface Kept extends Span {
  readonly client: string;
  readonly coach: string;
  released: boolean;
}

/** An event of the log, without its place. */
export type WrittenEvent = ReturnType<typeof asRead>;

/** An append, by its place in the log. */
export interface Append {
  readonly place: number;
  readonly stream: string;
  readonly events: readonly WrittenEvent[];
}

/** The log of a run, and what follows from it. */
export interface Truth {
  /** The place of the last append; they are counted from 1. */
  readonly place: number;
  readonly log: readonly Append[];
  readonly taken: readonly Taken[];
  /** The times that are kept for clients, by reservation. */
  readonly reservations: ReadonlyMap<string, Readonly<Kept>>;
  readonly streams: ReadonlyMap<string, readonly WrittenEvent[]>;
  /** The appends to a coach's stream, in order. */
  appendsOf(coach: string): readonly Append[];
  /** Takes an append in. Throws when it breaks a promise. */
  append(stream: string, events: readonly NewEvent[]): void;
}

/** Whether two spans have time in common. */
export function meets(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}

/** An empty log. */
export function createTruth(): Truth {
  const streams = new Map<string, WrittenEvent[]>();
  const log: Append[] = [];
  const taken: Taken[] = [];
  const current = new Map<string, Taken>();
  const reservations = new Map<string, Kept>();
  const abandoned = new Set<string>();
  const requests = new Map<string, number>();
  const reminders = new Set<string>();
  let place = 0;

  function free(id: string): void {
    const before = current.get(id);
    if (!before) throw new Error(`${id} does not take any time that could be freed`);
    before.to = place;
    current.delete(id);
  }

  function take(kind: Taken['kind'], id: string, data: JsonObject, expiresAt = Number.POSITIVE_INFINITY): void {
    if (current.has(id)) throw new Error(`${id} takes time already`);
    const { coachHashId: coach, clientHashId: client, reservationId } = texts(data);
    const one = { kind, id, coach, client, reservationId, expiresAt, from: place, to: Number.POSITIVE_INFINITY };
    const added = { ...one, ...spanOf(data) };
    current.set(id, added);
    taken.push(added);
  }

  function noteReminder(id: string, data: JsonObject): void {
    const { start } = spanOf(data);
    const offset = data['offsetMinutes'] as number;
    const at = timeOf(data['remindedAt']);
    const isInTime = at >= start - offset * 60_000 && at < start;
    if (current.get(id)?.start !== start || !isInTime) throw new Error(`a reminder of ${id} is stale, early or late`);
    const key = [id, start, offset].join(' ');
    if (reminders.has(key)) throw new Error(`a reminder of ${id} is told twice`);
    reminders.add(key);
  }

  function applyToCoach({ type, data }: WrittenEvent): void {
    const { sessionId, holdId, reservationId } = texts(data);
    switch (type.slice(type.lastIndexOf('.') + 1)) {
      case 'SessionScheduled':
        take('session', sessionId, data);
        break;
      case 'SessionRescheduled':
        free(sessionId);
        take('session', sessionId, data);
        break;
      case 'SessionCancelled':
        free(sessionId);
        break;
      case 'SlotHeld':
        take('hold', holdId, data, timeOf(data['expiresAt']));
        break;
      case 'HoldConfirmed':
      case 'HoldReleased':
      case 'HoldExpired':
        free(holdId);
        break;
      case 'ReservationAbandoned':
        abandoned.add(reservationId);
        break;
      case 'SessionReminderDue':
        noteReminder(sessionId, data);
    }
  }

  function applyToClient({ type, data }: WrittenEvent): void {
    const { reservationId, clientHashId: client, coachHashId: coach } = texts(data);
    if (type.endsWith('.TimeReserved')) {
      reservations.set(reservationId, { client, coach, released: false, ...spanOf(data) });
    } else if (type.endsWith('.TimeReleased')) {
      reservations.get(reservationId)!.released = true;
    }
  }

  function checkNobodyIsTwice(): void {
    for (const one of current.values()) {
      if (one.from !== place) continue;
      for (const other of current.values()) {
        if (other === one || !meets(one, other)) continue;
        if (one.coach === other.coach) throw new Error(`coach ${one.coach} is in ${one.id} and ${other.id} at once`);
        if (one.client === other.client) {
          throw new Error(`client ${one.client} is in ${one.id} and ${other.id} at once`);
        }
      }
    }
  }

  function checkTimeIsKept(): void {
    for (const { id, client, coach, start, end, reservationId } of current.values()) {
      const kept = reservations.get(reservationId);
      const isKept = kept && !kept.released && kept.start === start && kept.end === end;
      if (!isKept || kept.client !== client || kept.coach !== coach) {
        throw new Error(`reservation ${reservationId} does not keep the time of client ${client} for ${id}`);
      }
      if (abandoned.has(reservationId)) throw new Error(`${id} uses the abandoned reservation ${reservationId}`);
    }
  }

  function checkRequestsComeOnce(stream: string, events: readonly WrittenEvent[]): void {
    for (const request of new Set(events.map(requestOf))) {
      if (request === undefined) continue;
      const key = `${stream} ${request}`;
      if (requests.has(key)) throw new Error(`request ${request} is in ${stream} twice`);
      requests.set(key, place);
    }
  }

  return {
    get place() {
      return place;
    },
    log,
    taken,
    reservations,
    streams,
    appendsOf: (coach) => log.filter(({ stream }) => stream === `coach-${coach}`),

    append(stream, appended) {
      place += 1;
      const events = appended.map(asRead);
      streams.set(stream, [...(streams.get(stream) ?? []), ...events]);
      log.push({ place, stream, events });
      if (stream.startsWith('coach-')) {
        checkRequestsComeOnce(stream, events);
        for (const event of events) applyToCoach(event);
        checkNobodyIsTwice();
      } else {
        for (const event of events) applyToClient(event);
      }
      checkTimeIsKept();
    },
  };
}

/** The request of an event, told apart from all others. */
function requestOf({ metadata: { requestId, subject = '' } }: WrittenEvent): string | undefined {
  return requestId === undefined ? undefined : `${requestId} of ${subject}`;
}

/** The time that an event is about. */
function spanOf(data: JsonObject): Span {
  const start = timeOf(data['start']);
  return { start, end: start + (data['duration'] as number) * 60_000 };
}

function timeOf(json: unknown): number {
  return Date.parse(json as string);
}

/** Fields of text; protobuf JSON leaves out what is empty. */
function texts(
  data: JsonObject,
): Record<'sessionId' | 'holdId' | 'reservationId' | 'coachHashId' | 'clientHashId', string> {
  const {
    sessionId = '',
    holdId = '',
    reservationId = '',
    coachHashId = '',
    clientHashId = '',
  } = data as Record<string, string>;
  return { sessionId, holdId, reservationId, coachHashId, clientHashId };
}
