import { coachStream, evolveCoach, initialCoach } from '../../src/domain/coach/coach.js';
import { dueAt } from '../../src/domain/coach/reminders.js';
import type { Session } from '../../src/domain/coach/session.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import { type EventStore, type Position, START } from '../../src/event-store/event-store.js';
import type { DueReminder, Lease, Offset, Progress } from '../../src/reminders/lease.js';
import { readAll } from '../support/event-store-follow.js';
import { itemsOf } from '../support/items-of.js';

/** What a database keeps of reminders, and a read model that shows a part of the log. */
export interface MemoryDatabase {
  /** How far the read model has come. */
  shown: Position;
  /** What was saved last. */
  saved: (Progress & { readonly offsets: readonly Offset[] }) | undefined;
  /** Opens a lease, as a process of its own. */
  lease(signal: AbortSignal): Lease;
}

/** A database beside a log in memory, for the coach ann. It has saved nothing, and shows nothing. */
export function createMemoryDatabase(store: EventStore): MemoryDatabase {
  async function scheduled(): Promise<Session[]> {
    const events = (await readAll(store, coachStream('ann'))).filter(({ position }) => position <= database.shown);
    const { sessions } = events.map((recorded) => coachEvents.decode(recorded)).reduce(evolveCoach, initialCoach);
    return itemsOf(sessions).filter(({ state }) => state === 'scheduled');
  }

  const database: MemoryDatabase = {
    shown: START,
    saved: undefined,
    lease: (signal) => ({
      lost: signal,
      async resume(wanted, fresh) {
        const { toldUpTo, position, offsets } = database.saved ?? { ...fresh, offsets: [] };
        const present = wanted.map((offsetMinutes) => {
          return offsets.find((one) => one.offsetMinutes === offsetMinutes) ?? { offsetMinutes, since: fresh.toldUpTo };
        });
        database.saved = { toldUpTo, position, offsets: present };
        return database.saved;
      },
      async save(offsets, progress) {
        signal.throwIfAborted();
        database.saved = { ...progress, offsets };
      },
      readModelPosition: async () => database.shown,
      async *due({ offsetMinutes, after, upTo }) {
        for (const { id, coachHashId, start } of await scheduled()) {
          const due = dueAt(start, offsetMinutes);
          const reminder: DueReminder = { sessionId: id, coachHashId, start, offsetMinutes };
          if (due > after && due <= upTo && start > upTo) yield [reminder];
        }
      },
      async nextDue(offsets, after) {
        const sessions = await scheduled();
        const dues = offsets.flatMap(({ offsetMinutes }) => sessions.map(({ start }) => dueAt(start, offsetMinutes)));
        const ahead = dues.filter((due) => due > after);
        return ahead.length > 0 ? Math.min(...ahead) : undefined;
      },
      beat: async () => signal.throwIfAborted(),
    }),
  };
  return database;
}
