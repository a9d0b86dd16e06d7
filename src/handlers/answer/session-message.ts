import type { SessionRow } from '../../application/read-model.js';
import type { Accepted } from '../../application/submission.js';
import type { CoachEvent, SessionEvent } from '../../domain/coach/events.js';
import { etagOf, type Party as PartyName, type Session, sessionAfter } from '../../domain/coach/session.js';
import { Party, type Session as SessionMessage, SessionState } from '../../gen/aceup/scheduler/v1/session_pb.js';
import { timestampOf } from '../../json/times.js';

/** The sessions as a command leaves them, in order of its events. Without ids and etags when nothing was written. */
export function sessionsOf({ events, revision }: Accepted): SessionMessage[] {
  return events.flatMap((event, index) => (isOfSession(event) ? [sessionLeftBy(event, index, revision)] : []));
}

/** The session as a command leaves it. */
export function lastSession({ events, revision }: Accepted): SessionMessage {
  const index = events.findLastIndex(isOfSession);
  if (index === -1) throw new Error('a command for a session led to no event of a session');
  return sessionLeftBy(events[index] as SessionEvent, index, revision);
}

/**
 * The session as an event of a command leaves it.
 * @param index the place of the event among those of the command
 * @param revision that of the first event; undefined when nothing was written
 */
function sessionLeftBy(event: SessionEvent, index: number, revision: number | undefined): SessionMessage {
  const session = sessionOf(sessionAfter(event, (revision ?? 0) + index));
  if (revision !== undefined) return session;
  // The id that was drawn for a validated session is never used.
  return { ...session, etag: '', ...(event.type === 'SessionScheduled' && { id: '', seriesId: '' }) };
}

/** A session of the read model or the domain, as callers get it. */
export function sessionOf(session: SessionRow): SessionMessage {
  const { id, coachHashId, clientHashId, duration, seriesId, occurrence, reason } = session;
  return {
    $typeName: 'aceup.scheduler.v1.Session',
    id,
    coachHashId,
    clientHashId,
    start: timestampOf(session.start),
    duration,
    state: STATES[session.state],
    createdAt: timestampOf(session.scheduledAt),
    updatedAt: timestampOf(session.updatedAt),
    etag: etagOf(session),
    seriesId: seriesId ?? '',
    occurrence: occurrence ?? 0,
    cancelledBy: partyOf(session.cancelledBy),
    absent: partyOf(session.absent),
    reason: reason ?? '',
  };
}

/** The name of a state; undefined for an unspecified state. */
export function stateName(state: SessionState): Session['state'] | undefined {
  return STATE_NAMES.find((name) => STATES[name] === state);
}

/** The name of a party; undefined for an unspecified party. */
export function partyName(party: Party): PartyName | undefined {
  return PARTY_NAMES.find((name) => PARTIES[name] === party);
}

function partyOf(name: PartyName | undefined): Party {
  return name ? PARTIES[name] : Party.UNSPECIFIED;
}

function isOfSession(event: CoachEvent): event is SessionEvent {
  return 'scheduledAt' in event && 'sessionId' in event;
}

const STATES: Readonly<Record<Session['state'], SessionState>> = {
  scheduled: SessionState.SCHEDULED,
  completed: SessionState.COMPLETED,
  cancelled: SessionState.CANCELLED,
  no_show: SessionState.NO_SHOW,
};
const STATE_NAMES = Object.keys(STATES) as Session['state'][];

const PARTIES: Readonly<Record<PartyName, Party>> = {
  coach: Party.COACH,
  client: Party.CLIENT,
  organization: Party.ORGANIZATION,
};
const PARTY_NAMES = Object.keys(PARTIES) as PartyName[];
