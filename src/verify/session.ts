import { Party, SessionState } from '../gen/aceup/scheduler/v1/session_pb.js';
import { type SessionEvent, timeOf } from './stored-events.js';
import type { Span } from './timetable.js';

/** Where a session is in its life. */
export type State = 'scheduled' | 'completed' | 'cancelled' | 'no_show';

/** A session as an event left it. Times are epoch milliseconds; what it does not have is null. */
export interface Session extends Span {
  readonly kind: 'session';
  readonly coach: string;
  readonly client: string;
  readonly duration: number;
  readonly state: State;
  readonly scheduledAt: number;
  readonly updatedAt: number;
  readonly seriesId: string | null;
  readonly occurrence: number | null;
  readonly localStart: string | null;
  readonly reservationId: string | null;
  readonly cancelledBy: string | null;
  readonly absent: string | null;
  readonly reason: string | null;
  readonly revision: number;
  /** The offsets of the reminders since the session was booked or last changed, in minutes. */
  readonly reminders: readonly number[];
  /** When the last reminder was told, or the last change made. */
  readonly lastAt: number;
}

/**
 * The session as the event at a revision leaves it. Throws when a time or a word is missing in the event.
 * @param before as the events before left it, if they did
 */
export function sessionAfter(event: SessionEvent, revision: number, before: Session | undefined): Session {
  const start = timeOf(event.start);
  const change = changeBy(event);
  const isReminder = event.$typeName === 'aceup.scheduler.v1.SessionReminderDue';
  return {
    kind: 'session',
    id: event.sessionId,
    coach: event.coachHashId,
    client: event.clientHashId,
    start,
    duration: event.duration,
    end: start + event.duration * 60_000,
    scheduledAt: timeOf(event.scheduledAt),
    seriesId: event.seriesId || null,
    occurrence: event.occurrence || null,
    localStart: event.localStart || null,
    reservationId: event.reservationId || null,
    cancelledBy: null,
    absent: null,
    reason: null,
    revision: isReminder ? event.sessionRevision : revision,
    reminders: isReminder ? [...(before?.reminders ?? []), event.offsetMinutes] : [],
    lastAt: isReminder ? timeOf(event.remindedAt) : change.updatedAt,
    ...change,
  };
}

type Change = Pick<Session, 'state' | 'updatedAt'> & Partial<Pick<Session, 'cancelledBy' | 'absent' | 'reason'>>;

function changeBy(event: SessionEvent): Change {
  switch (event.$typeName) {
    case 'aceup.scheduler.v1.SessionScheduled':
      return { state: 'scheduled', updatedAt: timeOf(event.scheduledAt) };
    case 'aceup.scheduler.v1.SessionRescheduled':
      return { state: 'scheduled', updatedAt: timeOf(event.rescheduledAt), reason: event.reason || null };
    case 'aceup.scheduler.v1.SessionCancelled': {
      const { cancelledAt, cancelledBy, reason } = event;
      return {
        state: 'cancelled',
        updatedAt: timeOf(cancelledAt),
        cancelledBy: partyOf(cancelledBy),
        reason: reason || null,
      };
    }
    case 'aceup.scheduler.v1.SessionCompleted':
      return { state: 'completed', updatedAt: timeOf(event.completedAt) };
    case 'aceup.scheduler.v1.SessionMarkedNoShow':
      return { state: 'no_show', updatedAt: timeOf(event.markedAt), absent: partyOf(event.absent) };
    case 'aceup.scheduler.v1.SessionOutcomeCorrected': {
      const { correctedAt, outcome, absent, reason } = event;
      return {
        state: outcomeOf(outcome),
        updatedAt: timeOf(correctedAt),
        absent: partyOf(absent),
        reason: reason || null,
      };
    }
    case 'aceup.scheduler.v1.SessionReminderDue':
      return { state: 'scheduled', updatedAt: timeOf(event.updatedAt), reason: event.reason || null };
    default:
      return event satisfies never;
  }
}

const PARTIES: Readonly<Record<Party, string | null>> = {
  [Party.UNSPECIFIED]: null,
  [Party.COACH]: 'coach',
  [Party.CLIENT]: 'client',
  [Party.ORGANIZATION]: 'organization',
};

function partyOf(party: Party): string | null {
  return PARTIES[party];
}

function outcomeOf(outcome: SessionState): State {
  if (outcome === SessionState.COMPLETED) return 'completed';
  if (outcome === SessionState.NO_SHOW) return 'no_show';
  throw new Error(`its outcome is neither completed nor no-show: ${outcome}`);
}

/** Whether a session takes the time of its coach and its client. */
export function takesTime({ state }: Session): boolean {
  return state !== 'cancelled';
}

/** What is wrong with a change of a session that was booked; nothing when the change is right. */
export function wrongInChange(before: Session, after: Session, event: SessionEvent): string[] {
  return [...wrongStep(before, after, event), ...wrongFields(before, after, event)];
}

function wrongStep(before: Session, after: Session, event: SessionEvent): string[] {
  const wrong: string[] = [];
  switch (event.$typeName) {
    case 'aceup.scheduler.v1.SessionScheduled':
      return ['is booked again'];
    case 'aceup.scheduler.v1.SessionRescheduled':
      if (before.state !== 'scheduled') wrong.push(`is rescheduled although it is ${before.state}`);
      if (
        timeOf(event.previousStart) !== before.start ||
        event.previousDuration !== before.duration ||
        (event.previousReservationId || null) !== before.reservationId
      ) {
        wrong.push('is rescheduled from another time or reservation than it had');
      }
      return wrong;
    case 'aceup.scheduler.v1.SessionCancelled':
      if (before.state !== 'scheduled') wrong.push(`is cancelled although it is ${before.state}`);
      if (after.cancelledBy === null) wrong.push('is cancelled by nobody');
      return wrong;
    case 'aceup.scheduler.v1.SessionCompleted':
    case 'aceup.scheduler.v1.SessionMarkedNoShow':
      if (before.state !== 'scheduled') wrong.push(`is ${after.state} although it is ${before.state}`);
      if (after.updatedAt < before.start) wrong.push(`is ${after.state} before it has started`);
      if (after.state === 'no_show' && !canBeAbsent(after)) wrong.push(`is a no-show of ${after.absent ?? 'nobody'}`);
      return wrong;
    case 'aceup.scheduler.v1.SessionOutcomeCorrected':
      if (before.state !== 'completed' && before.state !== 'no_show') {
        wrong.push(`has its outcome corrected although it is ${before.state}`);
      } else if (before.state === after.state && before.absent === after.absent) {
        wrong.push('has its outcome corrected to the same one');
      }
      if ((after.state === 'no_show') !== canBeAbsent(after)) {
        wrong.push(`is corrected to ${after.state} with ${after.absent ?? 'nobody'} absent`);
      }
      return wrong;
    case 'aceup.scheduler.v1.SessionReminderDue':
      if (before.state !== 'scheduled') wrong.push(`is reminded of although it is ${before.state}`);
      return [...wrong, ...wrongInReminder(before, event.offsetMinutes, after.lastAt)];
    default:
      return event satisfies never;
  }
}

function wrongInReminder(
  { start, updatedAt, reminders }: Session,
  offsetMinutes: number,
  remindedAt: number,
): string[] {
  const due = start - offsetMinutes * 60_000;
  const wrong: string[] = [];
  if (due <= updatedAt) wrong.push(`is reminded of ${offsetMinutes} minutes ahead, which was past at its last change`);
  if (remindedAt < due) wrong.push(`is reminded of ${offsetMinutes} minutes ahead before that time`);
  if (remindedAt >= start) wrong.push('is reminded of after its start');
  if (reminders.includes(offsetMinutes)) wrong.push(`is reminded of ${offsetMinutes} minutes ahead again`);
  return wrong;
}

function canBeAbsent({ absent }: Session): boolean {
  return absent === 'coach' || absent === 'client';
}

const FIXED = ['coach', 'client', 'scheduledAt', 'seriesId', 'occurrence'] as const;
const MOVED = ['start', 'duration', 'reservationId', 'localStart'] as const;
/** What changes with every event but a reminder. */
const CHANGED = ['updatedAt', 'reason', 'revision'] as const;

function wrongFields(before: Session, after: Session, event: SessionEvent): string[] {
  const isMove = event.$typeName === 'aceup.scheduler.v1.SessionRescheduled';
  const isReminder = event.$typeName === 'aceup.scheduler.v1.SessionReminderDue';
  const mayNotChange = [...FIXED, ...(isMove ? [] : MOVED), ...(isReminder ? CHANGED : [])];
  const changed = mayNotChange.filter((field) => before[field] !== after[field]);
  const wrong = changed.map((field) => `has another ${field} than before: ${after[field]}, not ${before[field]}`);
  if (after.lastAt < before.lastAt) wrong.push('goes back in time');
  return wrong;
}
