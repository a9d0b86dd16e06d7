import type { CalendarReader } from '../calendars/read/calendar-reader.js';
import type { CalendarReading } from '../domain/availability/calendar-reading.js';
import type { SyncTimeOff } from '../domain/availability/commands.js';
import type { TimeOffSynced } from '../domain/availability/events.js';
import { termsOf } from '../domain/availability/terms.js';
import { timeOffToSync } from '../domain/coach/decide-offering.js';
import type { ZoneRules } from '../domain/zones/zone-rules.js';
import type { Position } from '../event-store/event-store.js';
import type { Cancellation } from '../waiting.js';
import type { LookAtCoach } from './coach/look.js';
import { createOwnUids, type OwnUidsParts } from './own-uids.js';
import type { Accepted } from './submission.js';

/** An iCalendar document whose busy times are to be the time off of a source. */
export interface CalendarToSync {
  readonly coachHashId: string;
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Which came with it, if any. */
  readonly charset: string | undefined;
  /** Callers take turns with reading. */
  readonly caller: string;
  readonly cancellation: Cancellation;
}

/** What became of the time off of the source. */
export interface CalendarSynced {
  /** How many busy times the document has. */
  readonly total: number;
  readonly added: number;
  readonly removed: number;
  readonly reading: CalendarReading;
  /** Undefined when nothing was written. */
  readonly position: Position | undefined;
}

/**
 * Takes the busy times of a document in the place of the time off of a source. What of the source is over stays. Throws
 * `CalendarRefused` for a document that cannot be read, `TooMuchWaits`, `ReadModelUnavailable`, `StoreUnavailable`, and
 * what `submit` throws: then nothing was written.
 * @param submit carries the command out, for whoever syncs, and throws unless it is accepted
 */
export type SyncCalendar = (
  calendar: CalendarToSync,
  submit: (command: SyncTimeOff) => Promise<Accepted>,
) => Promise<CalendarSynced>;

/** What syncing needs. */
export interface CalendarSyncParts extends OwnUidsParts {
  readonly reader: CalendarReader;
  readonly look: LookAtCoach;
  readonly zoneRules: ZoneRules;
  /** Gives ids for times off. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Reads documents and submits their busy times. One for all who sync. */
export function createCalendarSync(parts: CalendarSyncParts): SyncCalendar {
  const { reader, look, zoneRules, newId } = parts;
  const ownUids = createOwnUids(parts);

  return async ({ coachHashId, source, bytes, charset, caller, cancellation }, submit) => {
    const zone = await look(coachHashId, ({ offering }) => termsOf(offering, zoneRules).zone.name, cancellation);
    const now = parts.now();
    const ownAmong = (uids: readonly string[]) => ownUids(uids, cancellation);
    const { signal } = cancellation;
    const { intervals, ...reading } = await reader.read({ bytes, charset, zone, now, caller, signal, ownAmong });
    const timeOff = intervals.map(({ start, end }) => ({ timeOffId: newId(), start, end, source, ...ONLY_TIME }));
    const command: SyncTimeOff = { type: 'SyncTimeOff', coachHashId, source, timeOff, calendar: reading, now };
    const { events, position } = await submit(command);
    return { ...syncedBy(events[0] as TimeOffSynced | undefined, command, reading), position };
  };
}

/** Titles and UIDs are not kept. */
const ONLY_TIME = { firstDate: undefined, lastDate: undefined, reason: undefined, externalId: undefined } as const;

/** A command that is sent again gets what was read the first time. */
function syncedBy(event: TimeOffSynced | undefined, command: SyncTimeOff, reading: CalendarReading) {
  if (!event) return { total: timeOffToSync(command).size, added: 0, removed: 0, reading };
  const { total, added, removed, calendar = reading } = event;
  return { total, added: added.length, removed: removed.length, reading: calendar };
}
