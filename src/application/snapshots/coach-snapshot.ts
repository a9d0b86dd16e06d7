import { setImmediate } from 'node:timers/promises';
import type { CoachState, Series } from '../../domain/coach/coach.js';
import type { Hold } from '../../domain/coach/hold.js';
import type { Session } from '../../domain/coach/session.js';
import { itemsOf, lazyList } from '../../domain/sorted-list.js';
import { createPacker, createUnpack, type Layout, seal, sizeOf, unseal } from './records.js';
import type { SnapshotCodec } from './snapshots.js';

const SESSION: Layout<Session> = {
  id: 'id',
  coachHashId: 'text',
  clientHashId: 'text',
  start: 'number',
  duration: 'integer',
  state: 'text',
  scheduledAt: 'number',
  updatedAt: 'number',
  seriesId: 'text',
  occurrence: 'ordinal',
  localStart: 'text',
  reservationId: 'id',
  cancelledBy: 'text',
  absent: 'text',
  reason: 'text',
  revision: 'integer',
};

const HOLD: Layout<Hold> = {
  id: 'id',
  coachHashId: 'text',
  clientHashId: 'text',
  start: 'number',
  duration: 'integer',
  state: 'text',
  heldAt: 'number',
  expiresAt: 'number',
  reservationId: 'id',
};

/** An entry of the calendar: its place among the sessions and, after them, the holds. */
const ENTRY: Layout<{ readonly place: number }> = { place: 'integer' };

/** What is not in the records. It is small. */
interface About {
  readonly revision: number;
  readonly sessions: number;
  readonly holds: number;
  readonly entries: number;
  readonly series: readonly Series[];
  readonly abandoned: readonly string[];
  readonly texts: readonly (string | null)[];
}

/**
 * Keeps sessions, holds and calendar as records, in the order of their lists. A state of any size is decoded at once:
 * each session is unpacked when it is first looked at.
 */
export const coachSnapshots: SnapshotCodec<CoachState> = {
  // 2: what a session or a hold does not have is undefined.
  form: 2,

  async encode({ revision, calendar, sessions, series, holds, abandoned }) {
    const { size } = placesOf(sessions.size, holds.size, calendar.size);
    const records = Buffer.alloc(size);
    const { pack, texts } = createPacker(records);
    const places = new Map<Session | Hold, number>();

    await inSlices(itemsOf(sessions), (session) => {
      places.set(session, places.size);
      pack(session, SESSION);
    });
    await inSlices(itemsOf(holds), (hold) => {
      places.set(hold, places.size);
      pack(hold, HOLD);
    });
    await inSlices(itemsOf(calendar), (entry) => pack({ place: places.get(entry) as number }, ENTRY));

    const about: About = {
      revision,
      sessions: sessions.size,
      holds: holds.size,
      entries: calendar.size,
      series: [...itemsOf(series)],
      abandoned: [...abandoned],
      texts,
    };
    return seal(records, about);
  },

  decode(bytes) {
    const { records, about } = unseal(bytes);
    const { revision, sessions, holds, entries, series, abandoned, texts } = about as About;
    const { session, hold, entry } = placesOf(sessions, holds, entries);
    const unpack = createUnpack(records, texts);
    // The calendar shares its sessions and holds with the other lists.
    const sessionAt = once((nr) => unpack(SESSION, session(nr)));
    const holdAt = once((nr) => unpack(HOLD, hold(nr)));
    return {
      revision,
      calendar: lazyList(entries, (nr) => {
        const { place } = unpack(ENTRY, entry(nr));
        return place < sessions ? sessionAt(place) : holdAt(place - sessions);
      }),
      sessions: lazyList(sessions, sessionAt),
      series: lazyList(series.length, (nr) => series[nr] as Series),
      holds: lazyList(holds, holdAt),
      abandoned: new Set(abandoned),
    };
  },
};

/** Where the records begin, by their numbers, and how many bytes they take together. */
function placesOf(sessions: number, holds: number, entries: number) {
  const session = (nr: number) => nr * SESSION_SIZE;
  const hold = (nr: number) => session(sessions) + nr * HOLD_SIZE;
  const entry = (nr: number) => hold(holds) + nr * ENTRY_SIZE;
  return { session, hold, entry, size: entry(entries) };
}

const SESSION_SIZE = sizeOf(SESSION);
const HOLD_SIZE = sizeOf(HOLD);
const ENTRY_SIZE = sizeOf(ENTRY);

// A slice takes about a millisecond.
const SLICE = 250;

/** Calls `each` with every item, and lets the event loop go on between slices of them. */
async function inSlices<Item>(items: Iterable<Item>, each: (item: Item) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    each(item);
    done += 1;
    if (done % SLICE === 0) await setImmediate();
  }
}

/** Makes the item of a number once, and answers the same from then on. */
function once<Item>(make: (nr: number) => Item): (nr: number) => Item {
  const made: Item[] = [];
  return (nr) => {
    made[nr] ??= make(nr);
    return made[nr];
  };
}
