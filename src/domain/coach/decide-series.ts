import { removeEntry } from '../calendar.js';
import { endOf, LAST_END, type Slot } from '../slot.js';
import type { CancelSeries, Occurrence, RescheduleSeries, ScheduleSeries } from './commands.js';
import { cancelled, rescheduled, scheduled } from './decide-sessions.js';
import { accept, type Decision, reject } from './decision.js';
import type { CoachEvent, Conflict, HoldExpired, SessionRescheduled, SessionScheduled } from './events.js';
import type { Session } from './session.js';
import { type CoachState, evolveCoach, findSeries, findSession, type Series } from './state.js';
import { expiryOf, overlapWith, wayOf } from './time.js';

export function scheduleSeries(command: ScheduleSeries, state: CoachState): Decision {
  const { seriesId, coachHashId, clientHashId, duration, now } = command;
  const { localStart, timeZone, recurrence, disambiguation } = command;
  const placed = place(command, state, (occurrence) => {
    const slot = { start: occurrence.start, duration };
    return [slot, scheduled({ ...occurrence, ...slot, seriesId, coachHashId, clientHashId, now })];
  });
  if ('kind' in placed) return placed;
  const { conflicts, expired, events } = placed;
  if (events.length === 0 || (conflicts.length > 0 && !command.skipConflicts)) return conflict(conflicts, events);
  return accept(
    ...expired,
    {
      type: 'SeriesScheduled',
      seriesId,
      coachHashId,
      clientHashId,
      localStart,
      timeZone,
      duration,
      recurrence,
      disambiguation,
      skipped: conflicts,
      scheduledAt: now,
    },
    ...events,
  );
}

export function rescheduleSeries(command: RescheduleSeries, state: CoachState): Decision {
  const series = findSeries(state, command.seriesId);
  if (!series) return reject('SERIES_NOT_FOUND');
  const asked = new Set(command.occurrences.map(({ sessionId }) => sessionId));
  const sessions = stillScheduled(series, command.fromOccurrence, state).filter(({ id }) => asked.has(id));
  if (sessions.length === 0) return reject('SERIES_OVER');

  const moved = new Map(sessions.map((session) => [session.id, session]));
  const occurrences = command.occurrences.filter(({ sessionId }) => moved.has(sessionId));
  const withoutThem = { ...state, calendar: sessions.reduce(removeEntry, state.calendar) };
  const placed = place({ ...command, occurrences }, withoutThem, (occurrence) => {
    const session = moved.get(occurrence.sessionId) as Session;
    const slot = { start: occurrence.start, duration: command.duration ?? session.duration };
    return [slot, rescheduled(session, slot, { ...occurrence, reason: command.reason, now: command.now })];
  });
  if ('kind' in placed) return placed;
  const { conflicts, expired, events } = placed;
  if (conflicts.length > 0) return conflict(conflicts, events);
  const { fromOccurrence, localStart, duration = 0, reason, now: rescheduledAt } = command;
  const told = { ...toldOf(series), fromOccurrence, localStart, duration, reason, rescheduledAt };
  return accept(...expired, { type: 'SeriesRescheduled', ...told }, ...events);
}

export function cancelSeries(command: CancelSeries, state: CoachState): Decision {
  const series = findSeries(state, command.seriesId);
  if (!series) return reject('SERIES_NOT_FOUND');
  const sessions = stillScheduled(series, command.fromOccurrence, state);
  if (sessions.length === 0) return reject('SERIES_OVER');
  const { fromOccurrence, cancelledBy, reason, now: cancelledAt } = command;
  return accept(
    { type: 'SeriesCancelled', ...toldOf(series), fromOccurrence, cancelledBy, reason, cancelledAt },
    ...sessions.map((session) => cancelled(session, command)),
  );
}

interface Placed {
  /** In order of the occurrences. */
  readonly conflicts: readonly Conflict[];
  readonly expired: readonly HoldExpired[];
  readonly events: readonly CoachEvent[];
}

/** Places the occurrences one after the other: each may be in the way of those that follow. */
function place(
  command: Pick<ScheduleSeries, 'occurrences' | 'clientConflicts' | 'now'>,
  state: CoachState,
  at: (occurrence: Occurrence) => [Slot, SessionScheduled | SessionRescheduled],
): Placed | Decision {
  const { occurrences, clientConflicts, now } = command;
  // The first that is told of an occurrence counts: it is the earliest.
  const ofClient = new Map(clientConflicts.toReversed().map((conflict) => [conflict.occurrence, conflict]));
  const conflicts: Conflict[] = [];
  const expired: HoldExpired[] = [];
  const events: CoachEvent[] = [];
  let current = state;

  for (const one of occurrences) {
    if (state.abandoned.has(one.reservationId)) return reject('RESERVATION_ABANDONED');
    const [slot, event] = at(one);
    if (endOf(slot) > LAST_END) return reject('ENDS_TOO_LATE');
    const way = wayOf(current.calendar, slot, now);
    const found = way.inTheWay
      ? conflictOf(one.occurrence, slot, overlapWith(way.inTheWay))
      : ofClient.get(one.occurrence);
    if (found) {
      conflicts.push(found);
      continue;
    }
    const expiry = expiryOf(way.expired, now);
    expired.push(...expiry);
    events.push(event);
    current = [...expiry, event].reduce(evolveCoach, current);
  }
  return { conflicts, expired, events };
}

/** Whoever asks for a series wants to know of every conflict: also those that only the client has. */
function conflict(conflicts: readonly Conflict[], free: readonly CoachEvent[]): Decision {
  return { kind: 'rejected', rejection: { reason: 'SERIES_CONFLICT', conflicts }, free };
}

function conflictOf(occurrence: number, slot: Slot, { reason, inTheWay }: ReturnType<typeof overlapWith>): Conflict {
  const { start: inTheWayStart, end: inTheWayEnd } = inTheWay;
  return { occurrence, start: slot.start, end: endOf(slot), reason, inTheWayStart, inTheWayEnd };
}

function stillScheduled({ sessionIds }: Series, fromOccurrence: number, state: CoachState): Session[] {
  return sessionIds
    .map((id) => findSession(state, id) as Session)
    .filter(({ occurrence, state: one }) => one === 'scheduled' && occurrence >= fromOccurrence);
}

function toldOf({ id: seriesId, coachHashId, clientHashId }: Series) {
  return { seriesId, coachHashId, clientHashId };
}
