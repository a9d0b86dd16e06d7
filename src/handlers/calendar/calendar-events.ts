import type { HoldRow, SessionRow } from '../../application/read-model.js';
import type { CalendarEvent } from '../../calendars/write/event.js';
import { endOf } from '../../domain/slot.js';

/** A session in a calendar, under a title. Its sequence is its etag as a number. */
export function sessionEvent(session: SessionRow, title: string): CalendarEvent {
  const isCancelled = session.state === 'cancelled';
  return {
    uid: session.id,
    sequence: session.revision,
    status: isCancelled ? 'CANCELLED' : 'CONFIRMED',
    start: session.start,
    end: endOf(session),
    // Not all calendars hide what is cancelled, or say that it is.
    summary: isCancelled ? `Cancelled: ${title}` : title,
    createdAt: session.scheduledAt,
    changedAt: session.updatedAt,
  };
}

/** An open hold in a calendar. The session that it may become has its id, and a later sequence. */
export function holdEvent(hold: HoldRow): CalendarEvent {
  return {
    uid: hold.id,
    sequence: 0,
    status: 'TENTATIVE',
    start: hold.start,
    end: endOf(hold),
    summary: `Held for ${hold.clientHashId}`,
    createdAt: hold.heldAt,
    changedAt: hold.heldAt,
  };
}
