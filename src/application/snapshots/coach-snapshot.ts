import type { KeptTimeOff, Offering, TimeOffKey } from '../../domain/availability/offering.js';
import { byTime, type Entry } from '../../domain/calendar.js';
import type { CoachState, Identified, Series } from '../../domain/coach/coach.js';
import { type Hold, isHold } from '../../domain/coach/hold.js';
import type { Reminders } from '../../domain/coach/reminders.js';
import type { Session } from '../../domain/coach/session.js';
import { emptyList } from '../../domain/sorted-list.js';
import { type Layout, packRecords, type Texts, unpackRecords } from './records.js';
import type { ListFormat } from './segments.js';
import type { SnapshotCodec } from './snapshots.js';

const SESSION: Layout<Omit<Session, 'reminders'>> = {
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

const ENTRY: Layout<Entry> = { id: 'id', start: 'number', duration: 'integer' };

const IDENTIFIED: Layout<Identified> = { id: 'id' };

/** The few sessions with reminders have them beside the records, by their places. */
const sessions: ListFormat<Session, Identified> = {
  key: IDENTIFIED,
  pack(items) {
    const { records, texts } = packRecords(items, SESSION);
    const reminders = items.flatMap((session, place) => (session.reminders ? [[place, session.reminders]] : []));
    return { records, about: { texts, ...(reminders.length > 0 && { reminders }) } };
  },
  unpack({ records, about }) {
    const { texts, reminders = [] } = about as { texts: Texts; reminders?: readonly [number, Reminders][] };
    const ofPlace = new Map(reminders);
    return unpackRecords({ records, texts }, SESSION).map((session, place) => {
      return { ...session, reminders: ofPlace.get(place) };
    });
  },
};

const holds = recordsOf(HOLD);

/** Sessions are packed as entries, the few open holds as they are. */
const calendar: ListFormat<Entry | Hold, Entry> = {
  key: ENTRY,
  pack(entries) {
    const { records } = packRecords(
      entries.filter((entry) => !isHold(entry)),
      ENTRY,
    );
    return { records, about: { holds: entries.filter(isHold) } };
  },
  unpack({ records, about }) {
    const { holds } = about as { holds: readonly Hold[] };
    const entries: (Entry | Hold)[] = unpackRecords({ records, texts: [] }, ENTRY);
    return holds.length > 0 ? [...entries, ...holds].sort(byTime) : entries;
  },
};

/** Series are packed as JSON: each has as many ids as sessions. */
const series: ListFormat<Series, Identified> = {
  key: IDENTIFIED,
  pack: (items) => ({ records: Buffer.alloc(0), about: { items } }),
  unpack: ({ about }) => (about as { items: Series[] }).items,
};

/** Time off is packed as JSON: much of it is optional. */
const timeOff: ListFormat<KeptTimeOff, TimeOffKey> = {
  key: { until: 'number', timeOffId: 'id' },
  pack: (items) => ({ records: Buffer.alloc(0), about: { items } }),
  unpack: ({ about }) => (about as { items: KeptTimeOff[] }).items,
};

/** The coach's lists, in segments, and the little that there is besides. */
export const coachSnapshots: SnapshotCodec<CoachState> = {
  // 3: in segments. 4: with the offering, which nothing of form 3 has. 5: with reminders, which no older form has.
  form: 5,
  olderForms: [3, 4],
  formats: [calendar, sessions, series, holds, timeOff],

  takeApart({ revision, abandoned, offering, ...lists }) {
    const { availability, policy } = offering;
    return {
      lists: [lists.calendar, lists.sessions, lists.series, lists.holds, offering.timeOff],
      rest: { revision, abandoned: [...abandoned], availability, policy },
    };
  },

  putTogether({ lists, rest }) {
    const [calendar, sessions, series, holds, timeOff = emptyList] = lists as [
      CoachState['calendar'],
      CoachState['sessions'],
      CoachState['series'],
      CoachState['holds'],
      Offering['timeOff'] | undefined,
    ];
    const { revision, abandoned, availability, policy } = rest as Rest;
    const offering = { availability, policy, timeOff };
    return { revision, calendar, sessions, series, holds, abandoned: new Set(abandoned), offering };
  },
};

/** What a snapshot has besides lists. JSON leaves out what is undefined. */
interface Rest extends Pick<Offering, 'availability' | 'policy'> {
  readonly revision: number;
  readonly abandoned: readonly string[];
}

function recordsOf<Item extends Identified>(layout: Layout<Item>): ListFormat<Item, Identified> {
  return {
    key: IDENTIFIED,
    pack(items) {
      const { records, texts } = packRecords(items, layout);
      return { records, about: { texts } };
    },
    unpack: ({ records, about }) => unpackRecords({ records, texts: (about as { texts: Texts }).texts }, layout),
  };
}
