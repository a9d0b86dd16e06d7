/**
 * Carol, a coach, and what happens to her on the first of January 2030. Everything here can be changed by what is given
 * last: `scheduled('09:00', 60, { clientHashId: 'dora' })`.
 */
import type {
  CancelSeries,
  CancelSession,
  CompleteSession,
  ConfirmHold,
  CorrectOutcome,
  HoldSlot,
  MarkNoShow,
  Occurrence,
  ReleaseHold,
  RemindOfSession,
  RescheduleSeries,
  RescheduleSession,
  ScheduleSeries,
  ScheduleSession,
  SettleReservation,
} from '../../src/domain/coach/commands.js';
import type {
  Conflict,
  HoldConfirmed,
  HoldExpired,
  HoldReleased,
  ReservationAbandoned,
  SeriesCancelled,
  SeriesRescheduled,
  SeriesScheduled,
  SessionCancelled,
  SessionCompleted,
  SessionMarkedNoShow,
  SessionOutcomeCorrected,
  SessionReminderDue,
  SessionRescheduled,
  SessionScheduled,
  SlotHeld,
} from '../../src/domain/coach/events.js';

/** A time of the day, such as `09:00`, in epoch milliseconds. */
export const at = (time: string) => Date.parse(`2030-01-01T${time}:00Z`);

/** The hour that begins at a time, as an interval. */
export const hour = (time: string) => ({ start: at(time), end: at(time) + 3_600_000 });

/** When everything below is decided, by default. */
export const MIDNIGHT = at('00:00');

const carol = { coachHashId: 'carol', now: MIDNIGHT } as const;
const alone = { seriesId: undefined, occurrence: undefined, localStart: undefined } as const;

/** The session that was booked for a time is named by it. */
export const sessionAt = (time: string) => `session-at-${time}`;
/** And so is the reservation of the client's time. */
export const reservationAt = (time: string) => `reservation-at-${time}`;

// Commands

export const schedule = (time: string, duration = 60, other: Partial<ScheduleSession> = {}): ScheduleSession => ({
  type: 'ScheduleSession',
  ...carol,
  sessionId: sessionAt(time),
  clientHashId: 'chris',
  start: at(time),
  duration,
  reservationId: reservationAt(time),
  ...other,
});

/** Commands below are for the session that was booked for 09:00. */
const nine = { ...carol, sessionId: sessionAt('09:00'), etag: undefined } as const;

export const reschedule = (time: string | undefined, other: Partial<RescheduleSession> = {}): RescheduleSession => ({
  type: 'RescheduleSession',
  ...nine,
  start: time === undefined ? undefined : at(time),
  duration: undefined,
  reason: 'a late train',
  reservationId: reservationAt(time ?? 'the same time'),
  ...other,
});

export const cancel = (other: Partial<CancelSession> = {}): CancelSession => ({
  type: 'CancelSession',
  ...nine,
  cancelledBy: 'client',
  reason: 'ill',
  ...other,
});

export const complete = (other: Partial<CompleteSession> = {}): CompleteSession => ({
  type: 'CompleteSession',
  ...nine,
  now: at('10:00'),
  ...other,
});

export const markNoShow = (other: Partial<MarkNoShow> = {}): MarkNoShow => ({
  type: 'MarkNoShow',
  ...nine,
  absent: 'client',
  now: at('10:00'),
  ...other,
});

export const correct = (
  outcome: CorrectOutcome['outcome'],
  absent: CorrectOutcome['absent'],
  other: Partial<CorrectOutcome> = {},
): CorrectOutcome => ({
  type: 'CorrectOutcome',
  ...nine,
  outcome,
  absent,
  reason: 'a mix-up',
  now: at('11:00'),
  ...other,
});

/** Ten minutes by default. */
export const hold = (time: string, other: Partial<HoldSlot> = {}): HoldSlot => ({
  type: 'HoldSlot',
  ...carol,
  holdId: sessionAt(time),
  clientHashId: 'chris',
  start: at(time),
  duration: 60,
  expiresAt: at('00:10'),
  reservationId: reservationAt(time),
  ...other,
});

export const confirm = (time: string, now = MIDNIGHT): ConfirmHold => ({
  type: 'ConfirmHold',
  ...carol,
  holdId: sessionAt(time),
  now,
});

export const release = (time: string, now = MIDNIGHT): ReleaseHold => ({
  type: 'ReleaseHold',
  ...carol,
  holdId: sessionAt(time),
  now,
});

export const settle = (time: string, other: Partial<SettleReservation> = {}): SettleReservation => ({
  type: 'SettleReservation',
  ...carol,
  clientHashId: 'chris',
  sessionId: sessionAt(time),
  reservationId: reservationAt(time),
  abandon: false,
  ...other,
});

/** An hour ahead, when it is due. */
export const remind = (other: Partial<RemindOfSession> = {}): RemindOfSession => ({
  type: 'RemindOfSession',
  ...carol,
  sessionId: sessionAt('09:00'),
  offsetMinutes: 60,
  now: at('08:00'),
  ...other,
});

// Events

export const scheduled = (time: string, duration = 60, other: Partial<SessionScheduled> = {}): SessionScheduled => ({
  type: 'SessionScheduled',
  sessionId: sessionAt(time),
  coachHashId: 'carol',
  clientHashId: 'chris',
  start: at(time),
  duration,
  scheduledAt: MIDNIGHT,
  ...alone,
  reservationId: reservationAt(time),
  ignoredPolicy: undefined,
  ...other,
});

/** The session that was booked for 09:00, as the events below have it. */
function nineAsBooked() {
  const { type: _, ...session } = scheduled('09:00');
  return session;
}

/** From 09:00 to another time, by default. */
export const rescheduled = (time: string, other: Partial<SessionRescheduled> = {}): SessionRescheduled => ({
  type: 'SessionRescheduled',
  ...nineAsBooked(),
  start: at(time),
  reservationId: reservationAt(time),
  rescheduledAt: MIDNIGHT,
  previousStart: at('09:00'),
  previousDuration: 60,
  previousReservationId: reservationAt('09:00'),
  reason: 'a late train',
  zoneRulesVersion: undefined,
  ...other,
});

export const cancelled = (other: Partial<SessionCancelled> = {}): SessionCancelled => ({
  type: 'SessionCancelled',
  ...nineAsBooked(),
  cancelledAt: MIDNIGHT,
  cancelledBy: 'client',
  reason: 'ill',
  ...other,
});

export const completed = (other: Partial<SessionCompleted> = {}): SessionCompleted => ({
  type: 'SessionCompleted',
  ...nineAsBooked(),
  completedAt: at('10:00'),
  ...other,
});

export const markedNoShow = (other: Partial<SessionMarkedNoShow> = {}): SessionMarkedNoShow => ({
  type: 'SessionMarkedNoShow',
  ...nineAsBooked(),
  markedAt: at('10:00'),
  absent: 'client',
  ...other,
});

export const corrected = (
  outcome: SessionOutcomeCorrected['outcome'],
  absent: SessionOutcomeCorrected['absent'],
  other: Partial<SessionOutcomeCorrected> = {},
): SessionOutcomeCorrected => ({
  type: 'SessionOutcomeCorrected',
  ...nineAsBooked(),
  correctedAt: at('11:00'),
  outcome,
  absent,
  reason: 'a mix-up',
  ...other,
});

/** An hour ahead, when it is due. */
export const reminded = (other: Partial<SessionReminderDue> = {}): SessionReminderDue => {
  const { ignoredPolicy: _, ...session } = nineAsBooked();
  return {
    type: 'SessionReminderDue',
    ...session,
    offsetMinutes: 60,
    remindedAt: at('08:00'),
    updatedAt: MIDNIGHT,
    reason: undefined,
    sessionRevision: 0,
    ...other,
  };
};

export const held = (time: string, other: Partial<Omit<SlotHeld, 'type'>> = {}): SlotHeld => ({
  type: 'SlotHeld',
  holdId: sessionAt(time),
  coachHashId: 'carol',
  clientHashId: 'chris',
  start: at(time),
  duration: 60,
  heldAt: MIDNIGHT,
  expiresAt: at('00:10'),
  reservationId: reservationAt(time),
  ignoredPolicy: undefined,
  ...other,
});

export const confirmed = (time: string): HoldConfirmed => ({
  ...held(time),
  type: 'HoldConfirmed',
  confirmedAt: MIDNIGHT,
});

export const released = (time: string): HoldReleased => ({
  ...held(time),
  type: 'HoldReleased',
  releasedAt: MIDNIGHT,
});

export const expired = (time: string, expiredAt: number): HoldExpired => ({
  ...held(time),
  type: 'HoldExpired',
  expiredAt,
});

export const abandoned = (time: string, abandonedAt = MIDNIGHT): ReservationAbandoned => ({
  type: 'ReservationAbandoned',
  reservationId: reservationAt(time),
  coachHashId: 'carol',
  clientHashId: 'chris',
  abandonedAt,
});

// A series of 09:00 on the first days of January

const DAY = 86_400_000;

/** The occurrence of the series on the day of that number. */
export const occurrence = (number: number, shift = 0): Occurrence => ({
  sessionId: `occurrence-${number}`,
  reservationId: `reservation-of-${number}`,
  occurrence: number,
  localStart: `2030-01-0${number}T09:00:00`,
  start: at('09:00') + (number - 1) * DAY + shift,
});

const series = { seriesId: 'series', coachHashId: 'carol', clientHashId: 'chris' } as const;
const rule = {
  localStart: '2030-01-01T09:00:00',
  timeZone: 'Etc/UTC',
  duration: 60,
  recurrence: 'FREQ=DAILY;COUNT=3',
  disambiguation: 'compatible',
  zoneRulesVersion: '2026f',
} as const;

/** Three occurrences by default. */
export const scheduleSeries = (other: Partial<ScheduleSeries> = {}): ScheduleSeries => ({
  type: 'ScheduleSeries',
  now: MIDNIGHT,
  ...series,
  ...rule,
  occurrences: [1, 2, 3].map((number) => occurrence(number)),
  skipConflicts: false,
  ...other,
});

/** From the second of three on, by as much. */
export const rescheduleSeries = (shift: number, other: Partial<RescheduleSeries> = {}): RescheduleSeries => ({
  type: 'RescheduleSeries',
  ...carol,
  seriesId: 'series',
  fromOccurrence: 2,
  localStart: 'later',
  duration: undefined,
  reason: 'a new job',
  zoneRulesVersion: '2026g',
  occurrences: [2, 3].map((number) => movedOccurrence(number, shift)),
  ...other,
});

/** From the second occurrence on. */
export const cancelSeries = (other: Partial<CancelSeries> = {}): CancelSeries => ({
  type: 'CancelSeries',
  ...carol,
  seriesId: 'series',
  fromOccurrence: 2,
  cancelledBy: 'coach',
  reason: 'retired',
  ...other,
});

const movedOccurrence = (number: number, shift: number): Occurrence => ({
  ...occurrence(number, shift),
  reservationId: `new-reservation-of-${number}`,
  localStart: `moved-${number}`,
});

export const seriesScheduled = (skipped: readonly Conflict[] = []): SeriesScheduled => ({
  type: 'SeriesScheduled',
  ...series,
  ...rule,
  skipped,
  scheduledAt: MIDNIGHT,
  ignoredPolicy: undefined,
});

export const seriesRescheduled = (other: Partial<SeriesRescheduled> = {}): SeriesRescheduled => ({
  type: 'SeriesRescheduled',
  ...series,
  fromOccurrence: 2,
  localStart: 'later',
  duration: 0,
  reason: 'a new job',
  zoneRulesVersion: '2026g',
  rescheduledAt: MIDNIGHT,
  ignoredPolicy: undefined,
  ...other,
});

export const seriesCancelled = (other: Partial<SeriesCancelled> = {}): SeriesCancelled => ({
  type: 'SeriesCancelled',
  ...series,
  fromOccurrence: 2,
  cancelledBy: 'coach',
  reason: 'retired',
  cancelledAt: MIDNIGHT,
  ...other,
});

/** The session of an occurrence, as the series books it. */
export const occurrenceScheduled = (number: number): SessionScheduled => ({
  type: 'SessionScheduled',
  ...series,
  ...occurrence(number),
  reservationId: occurrence(number).reservationId,
  duration: 60,
  scheduledAt: MIDNIGHT,
  ignoredPolicy: undefined,
});

export const occurrenceRescheduled = (
  number: number,
  shift: number,
  other: Partial<SessionRescheduled> = {},
): SessionRescheduled => ({
  ...occurrenceScheduled(number),
  type: 'SessionRescheduled',
  ...movedOccurrence(number, shift),
  reservationId: movedOccurrence(number, shift).reservationId,
  rescheduledAt: MIDNIGHT,
  previousStart: occurrence(number).start,
  previousDuration: 60,
  previousReservationId: occurrence(number).reservationId,
  reason: 'a new job',
  zoneRulesVersion: '2026g',
  ...other,
});

export const occurrenceCancelled = (number: number): SessionCancelled => ({
  ...occurrenceScheduled(number),
  type: 'SessionCancelled',
  cancelledAt: MIDNIGHT,
  cancelledBy: 'coach',
  reason: 'retired',
});

/** An occurrence that has an hour that begins at a time of its own day in its way. */
export const conflict = (number: number, reason: Conflict['reason'], inTheWayStart: number): Conflict => ({
  occurrence: number,
  start: occurrence(number).start,
  end: occurrence(number).start + 3_600_000,
  reason,
  inTheWayStart,
  inTheWayEnd: inTheWayStart + 3_600_000,
  obstacles: [],
});
