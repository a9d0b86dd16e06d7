import type { EventStore, Position, RecordedEvent } from '../event-store/event-store.js';
import { START } from '../event-store/event-store.js';
import { linkedSignal } from '../waiting.js';
import { createClients } from './clients.js';
import type { Coach } from './coach.js';
import { createCoaches } from './coaches.js';
import type { Faults } from './faults.js';
import { checkLogOrder } from './log-order.js';
import type { Session } from './session.js';
import { type ClientEvent, type CoachEvent, type Entry, nameOf, readEvent } from './stored-events.js';

const COACH_PREFIX = 'coach-';
const CLIENT_PREFIX = 'client-';

/** What to audit. */
export interface AuditParts {
  readonly store: EventStore;
  /** Whether the store leaves gaps between positions, and has streams that are not the service's. */
  readonly isShared: boolean;
  /** The last position to look at (inclusive). */
  readonly end: Position;
  readonly faults: Faults;
  readonly signal: AbortSignal;
  /** Compares with what the events leave, while the log is read. */
  readonly beside?: Beside | undefined;
  readonly onProgress?: (events: number, part: number) => void;
}

/** What is compared with the events up to a position (inclusive) of the log. */
export interface Beside {
  readonly upTo: Position;
  /** Changes of sessions, in the order of the log. */
  changes(changes: readonly SessionChange[]): Promise<void>;
  /** Called once, with the coaches as they were at the position. */
  compare(coaches: ReadonlyMap<string, Coach>): Promise<void>;
}

/** A session as an event left it. */
export interface SessionChange {
  readonly type: string;
  readonly session: Session;
  readonly entry: Entry;
}

/** What there is in the log. */
export interface LogCounts {
  readonly events: number;
  readonly streams: number;
  readonly coaches: number;
  readonly sessions: number;
  /** See `Clients`. */
  readonly overlaps: number;
  readonly unsettled: number;
}

/**
 * Reads the whole log once, in order, folds it by rules of its own, and adds what must not be to the faults. Keeps every
 * session in memory, and no event. Throws the signal's reason, and `StoreUnavailable`.
 */
export async function auditLog(parts: AuditParts): Promise<LogCounts> {
  const { faults, beside } = parts;
  const order = checkLogOrder(parts.isShared, faults);
  const clients = createClients(faults);
  const coaches = createCoaches(clients, faults);
  let isCompared = beside === undefined;

  /** Answers the change of a session, if the event is one. */
  function audit(recorded: RecordedEvent): SessionChange | undefined {
    order.check(recorded);
    const { stream, position } = recorded;
    const wrong = (what: string) => faults.add({ stream, position, revision: Number(recorded.revision), what });
    try {
      const entry = readEvent(recorded);
      if (stream.startsWith(COACH_PREFIX) && isOfCoach(entry)) {
        const session = coaches.apply(stream.slice(COACH_PREFIX.length), entry);
        return session && { type: nameOf(entry.event), session, entry };
      }
      if (stream.startsWith(CLIENT_PREFIX) && isOfClient(entry)) {
        if (entry.event.clientHashId !== stream.slice(CLIENT_PREFIX.length)) {
          wrong(`the event is of client ${entry.event.clientHashId}, whose stream this is not`);
        }
        clients.apply(entry);
      } else {
        wrong(`${nameOf(entry.event)} is not an event of this stream`);
      }
    } catch (error) {
      wrong(`the event cannot be read: ${(error as Error).message}`);
    }
    return undefined;
  }

  async function compare(changes: SessionChange[]): Promise<void> {
    if (changes.length > 0) await beside?.changes(changes.splice(0));
    isCompared = true;
    await beside?.compare(coaches.byId);
  }

  for await (const events of eventsUpTo(parts)) {
    const changes: SessionChange[] = [];
    for (const event of events) {
      if (!isCompared && event.position > beside!.upTo) await compare(changes);
      const change = audit(event);
      if (change && !isCompared) changes.push(change);
    }
    if (changes.length > 0) await beside?.changes(changes);
    const last = events.at(-1);
    if (last) parts.onProgress?.(order.events, Number(last.position) / Number(parts.end));
  }
  if (!isCompared) await compare([]);
  coaches.finish();

  let sessions = 0;
  for (const coach of coaches.byId.values()) sessions += coach.sessions.size;
  const { events, streams } = order;
  const { overlaps, unsettled } = clients;
  return { events, streams, coaches: coaches.byId.size, sessions, overlaps, unsettled };
}

async function* eventsUpTo({ store, isShared, end, signal }: AuditParts): AsyncGenerator<readonly RecordedEvent[]> {
  if (end === START) return;
  const until = linkedSignal(signal);
  // Where the log is the service's own, a stream of another name is a fault.
  const prefixes = isShared ? [COACH_PREFIX, CLIENT_PREFIX] : [''];
  try {
    for await (const { events, position } of store.subscribe(START, { prefixes }, until.signal)) {
      signal.throwIfAborted();
      yield position <= end ? events : events.filter((event) => event.position <= end);
      if (position >= end) return;
    }
    signal.throwIfAborted();
  } finally {
    until.end();
  }
}

function isOfClient(entry: Entry): entry is Entry<ClientEvent> {
  switch (entry.event.$typeName) {
    case 'aceup.scheduler.v1.TimeReserved':
    case 'aceup.scheduler.v1.ReservationConfirmed':
    case 'aceup.scheduler.v1.TimeReleased':
      return true;
    default:
      return false;
  }
}

function isOfCoach(entry: Entry): entry is Entry<CoachEvent> {
  return !isOfClient(entry);
}
