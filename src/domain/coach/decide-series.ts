import { addEntry, removeEntry } from '../calendar.js';
import { intervalOf, isInCalendar, type Slot } from '../slot.js';
import type { ZoneRules } from '../zones/zone-rules.js';
import { type CoachState, findSeries, findSession, isAbandoned, type Series } from './coach.js';
import type { CancelSeries, Occurrence, RescheduleSeries, ScheduleSeries } from './commands.js';
import { accept, type Decision, reject } from './decision.js';
import { isWanted, type WantedEtag } from './etag.js';
import type { CoachEvent, Conflict, HoldExpired, SessionRescheduled, SessionScheduled } from './events.js';
import { holdAfter } from './hold.js';
import { cancelled, etagOfSeries, rescheduled, type Session, scheduled, sessionAfter } from './session.js';
import { type WayRefusal, wayUnderPolicy } from './way-under-policy.js';

/** @param clientConflicts the occurrences at which the client has no time, the earliest conflict of each first */
export function scheduleSeries(
  command: ScheduleSeries,
  state: CoachState,
  zoneRules: ZoneRules,
  clientConflicts: readonly Conflict[],
): Decision {
  const { seriesId, coachHashId, clientHashId, duration, now, ignorePolicy } = command;
  const { localStart, timeZone, recurrence, disambiguation, zoneRulesVersion } = command;
  const placed = place(command, state, zoneRules, clientConflicts, (occurrence) => {
    const slot = { start: occurrence.start, duration };
    return [slot, scheduled({ ...occurrence, ...slot, seriesId, coachHashId, clientHashId, now, ignorePolicy })];
  });
  if ('kind' in placed) return placed;
  const { conflicts, expired, events } = placed;
  if (events.length === 0 || (conflicts.length > 0 && !command.skipConflicts)) return rejectFor(conflicts, events);
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
      zoneRulesVersion,
      ignoredPolicy: ignorePolicy || undefined,
    },
    ...events,
  );
}

/** @param clientConflicts as for `scheduleSeries` */
export function rescheduleSeries(
  command: RescheduleSeries,
  state: CoachState,
  zoneRules: ZoneRules,
  clientConflicts: readonly Conflict[],
): Decision {
  const series = findSeries(state, command.seriesId);
  if (!series) return reject('SERIES_NOT_FOUND');
  const stale = staleEtag(series, command.etag, state);
  if (stale) return stale;
  const asked = new Set(command.occurrences.map(({ sessionId }) => sessionId));
  const sessions = stillScheduled(series, command.fromOccurrence, state).filter(({ id }) => asked.has(id));
  if (sessions.length === 0) return reject('SERIES_OVER');

  const moved = new Map(sessions.map((session) => [session.id, session]));
  const occurrences = command.occurrences.filter(({ sessionId }) => moved.has(sessionId));
  const withoutThem = { ...state, calendar: sessions.reduce(removeEntry, state.calendar) };
  const placed = place({ ...command, occurrences }, withoutThem, zoneRules, clientConflicts, (occurrence) => {
    const session = moved.get(occurrence.sessionId) as Session;
    const slot = { start: occurrence.start, duration: command.duration ?? session.duration };
    const { reason, now, zoneRulesVersion, ignorePolicy } = command;
    return [slot, rescheduled(session, slot, { ...occurrence, reason, now, zoneRulesVersion, ignorePolicy })];
  });
  if ('kind' in placed) return placed;
  const { conflicts, expired, events } = placed;
  if (conflicts.length > 0) return rejectFor(conflicts, events);
  const { fromOccurrence, localStart, duration = 0, reason, now: rescheduledAt, zoneRulesVersion } = command;
  const ignoredPolicy = command.ignorePolicy || undefined;
  const change = { fromOccurrence, localStart, duration, reason, rescheduledAt, zoneRulesVersion, ignoredPolicy };
  return accept(...expired, { type: 'SeriesRescheduled', ...seriesFields(series), ...change }, ...events);
}

export function cancelSeries(command: CancelSeries, state: CoachState): Decision {
  const series = findSeries(state, command.seriesId);
  if (!series) return reject('SERIES_NOT_FOUND');
  const stale = staleEtag(series, command.etag, state);
  if (stale) return stale;
  const sessions = stillScheduled(series, command.fromOccurrence, state);
  if (sessions.length === 0) return reject('SERIES_OVER');
  const { fromOccurrence, cancelledBy, reason, now: cancelledAt } = command;
  return accept(
    { type: 'SeriesCancelled', ...seriesFields(series), fromOccurrence, cancelledBy, reason, cancelledAt },
    ...sessions.map((session) => cancelled(session, command)),
  );
}

/** The refusal of a command that is for another version of the series. */
function staleEtag({ sessionIds }: Series, wanted: WantedEtag, state: CoachState): Decision | undefined {
  if (wanted === undefined) return undefined;
  const etag = etagOfSeries(sessionIds.map((id) => findSession(state, id) as Session));
  return isWanted(wanted, etag) ? undefined : reject({ reason: 'STALE_ETAG', etag });
}

interface Placed {
  /** In order of the occurrences. */
  readonly conflicts: readonly Conflict[];
  readonly expired: readonly HoldExpired[];
  readonly events: readonly CoachEvent[];
}

/** Places the occurrences one after the other: each may be in the way of those that follow. */
function place(
  command: Pick<ScheduleSeries, 'occurrences' | 'now' | 'ignorePolicy'>,
  state: CoachState,
  zoneRules: ZoneRules,
  clientConflicts: readonly Conflict[],
  at: (occurrence: Occurrence) => [Slot, SessionScheduled | SessionRescheduled],
): Placed | Decision {
  // The first conflict of an occurrence counts: it is the earliest.
  const ofClient = new Map(clientConflicts.toReversed().map((one) => [one.occurrence, one]));
  const conflicts: Conflict[] = [];
  const expired: HoldExpired[] = [];
  const events: CoachEvent[] = [];
  let { calendar } = state;

  for (const one of command.occurrences) {
    if (isAbandoned(state, one.reservationId)) return reject('RESERVATION_ABANDONED');
    const [slot, event] = at(one);
    if (!isInCalendar(slot)) return reject('ENDS_TOO_LATE');
    const way = wayUnderPolicy(command, slot, { ...state, calendar }, zoneRules);
    const found = way.refusal ? conflictOf(one.occurrence, slot, way.refusal) : ofClient.get(one.occurrence);
    if (found) {
      conflicts.push(found);
      continue;
    }
    expired.push(...way.expiry);
    events.push(event);
    calendar = addEntry(way.expiry.map(holdAfter).reduce(removeEntry, calendar), sessionAfter(event, state.revision));
  }
  return { conflicts, expired, events };
}

/** Names every conflict. `free` lets the caller look for those that only the client has, to name them too. */
function rejectFor(conflicts: readonly Conflict[], free: readonly CoachEvent[]): Decision {
  return { kind: 'rejected', rejection: { reason: 'SERIES_CONFLICT', conflicts }, free };
}

function conflictOf(occurrence: number, slot: Slot, refusal: WayRefusal): Conflict {
  const { start, end } = intervalOf(slot);
  const { reason } = refusal;
  const [inTheWay, obstacles] =
    reason === 'AGAINST_POLICY' ? [{ start, end }, refusal.obstacles.map(({ code }) => code)] : [refusal.inTheWay, []];
  const { start: inTheWayStart, end: inTheWayEnd } = inTheWay;
  return { occurrence, start, end, reason, inTheWayStart, inTheWayEnd, obstacles: [...new Set(obstacles)] };
}

function stillScheduled({ sessionIds }: Series, fromOccurrence: number, state: CoachState): Session[] {
  return sessionIds
    .map((id) => findSession(state, id) as Session)
    .filter((session) => session.state === 'scheduled' && (session.occurrence ?? 0) >= fromOccurrence);
}

function seriesFields({ id: seriesId, coachHashId, clientHashId }: Series) {
  return { seriesId, coachHashId, clientHashId };
}
