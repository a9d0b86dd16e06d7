import type { HoldQueries, Reader, SessionQueries } from '../../application/read-model.js';
import { CALENDAR_END, calendarBegin } from '../../calendars/write/calendar.js';
import { type CalendarEvent, eventLines } from '../../calendars/write/event.js';
import { DAY } from '../../domain/dates.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { linkKey } from '../calendar-link/check-key.js';
import type { Handler } from '../endpoints.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import type { Turns } from '../request/turns.js';
import { etagOfDocument } from './calendar-etag.js';
import { holdEvent, sessionEvent } from './calendar-events.js';
import { type CalendarOwner, checkOwn, ownerOf } from './whose.js';

/** How far back sessions are shown, and for how long cancelled ones are, in days of UTC. */
const SHOWN_DAYS = 90;
const CANCELLED_DAYS = 30;

/**
 * The most events of a calendar. They are read at once, so that the whole is of one moment, and have at most 1 MiB, which
 * others take, and SyncTimeOff too.
 */
export const MAX_EVENTS = 2_000;

/** How many events are written in a turn: 3 ms. */
const WRITTEN_AT_ONCE = 250;

/** What the handler needs. */
export interface CalendarParts {
  readonly sessions: SessionQueries;
  readonly holds: HoldQueries;
  readonly reads: Pick<ReadYourWrites, 'waitForNow'>;
  readonly turns: Turns;
  readonly now: () => number;
  /** Throws NOT_FOUND unless the key is that of a link to this calendar. */
  readonly checkKey: (key: string, owner: CalendarOwner) => Promise<void>;
}

/** Answers the calendar of a coach or a client; see the rpc's comment. */
export function getCalendarHandler(parts: CalendarParts): Handler<typeof CalendarService.method.getCalendar> {
  return async (request, call) => {
    const owner = ownerOf(request, linkKey('key', request.key));
    if (request.key) await parts.checkKey(request.key, owner);
    else checkOwn(call.scope, owner);

    await parts.reads.waitForNow(call.cancellation);
    const events = await eventsOf(owner, parts, call);
    const texts = [calendarBegin({ method: 'PUBLISH', name: nameOf(owner) })];
    for (let begin = 0; begin < events.length; begin += WRITTEN_AT_ONCE) {
      const some = events.slice(begin, begin + WRITTEN_AT_ONCE);
      texts.push(await parts.turns.take(call, () => some.map(eventLines).join('')));
    }
    const calendar = texts.join('') + CALENDAR_END;
    return { calendar, etag: etagOfDocument(calendar) };
  };
}

/**
 * The events of a calendar, at most `MAX_EVENTS`: what is held, then sessions in order of start. What falls in and out
 * as time passes does so at midnight UTC, but for holds: until then the same state is the same text.
 */
async function eventsOf(
  owner: CalendarOwner,
  { sessions, holds, now }: CalendarParts,
  reader: Reader,
): Promise<readonly CalendarEvent[]> {
  const time = now();
  const today = time - (time % DAY);
  const from = today - SHOWN_DAYS * DAY;
  const isOfCoach = 'coachHashId' in owner;

  // Holds first: one that is confirmed meanwhile is found again, as a session.
  const open = isOfCoach
    ? await holds.list({ ...owner, states: ['open'], from }, time, undefined, MAX_EVENTS, reader)
    : [];
  const filter = { ...owner, from, cancelledSince: today - CANCELLED_DAYS * DAY };
  const found = await sessions.list(filter, undefined, MAX_EVENTS, reader);
  const confirmed = new Set(open.length > 0 ? found.map(({ id }) => id) : []);

  return [
    ...open.filter(({ id }) => !confirmed.has(id)).map(holdEvent),
    ...found.map((session) => {
      return sessionEvent(session, `Session with ${isOfCoach ? session.clientHashId : session.coachHashId}`);
    }),
  ].slice(0, MAX_EVENTS);
}

function nameOf(owner: CalendarOwner): string {
  return 'coachHashId' in owner ? `Sessions of coach ${owner.coachHashId}` : `Sessions of client ${owner.clientHashId}`;
}
