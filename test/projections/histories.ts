import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Availability } from '../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../src/domain/availability/booking-policy.js';
import type { OfferingCommand } from '../../src/domain/availability/commands.js';
import type { TimeOff } from '../../src/domain/availability/time-off.js';
import { type CoachState, evolveCoach, type Identified, initialCoach } from '../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { decideCoach } from '../../src/domain/coach/decide.js';
import type { CoachEvent } from '../../src/domain/coach/events.js';
import { itemsOf } from '../support/items-of.js';
import { zoneRules } from '../support/zone-rules.js';
import { NOON } from './support.js';

const MINUTE = 60_000;

/** A command to a coach. `which` chooses among the sessions, series or holds that the coach has then. */
export interface Asked {
  readonly coach: string;
  readonly client: string;
  readonly type: Exclude<CoachCommand['type'], 'SettleReservation'>;
  readonly which: number;
  readonly halfHour: number;
  readonly duration: number;
  readonly minutesLater: number;
  readonly reason: string | undefined;
}

/** The events of a command, and when it was decided. */
export interface Happened {
  readonly coachHashId: string;
  readonly at: number;
  readonly events: readonly CoachEvent[];
}

/** The commands about what a coach offers. */
const OFFERING = [
  'SetAvailability',
  'DeleteAvailability',
  'SetBookingPolicy',
  'DeleteBookingPolicy',
  'AddTimeOff',
  'AddTimeOff',
  'RemoveTimeOff',
  'SyncTimeOff',
] as const satisfies OfferingCommand['type'][];

/** Commands of all kinds; some of each kind are accepted. */
export const commands: fc.Arbitrary<Asked[]> = fc.array(
  fc.record({
    coach: fc.constantFrom('ann', 'eve'),
    client: fc.constantFrom('bob', 'cat'),
    type: fc.constantFrom<Asked['type']>(
      'ScheduleSession',
      'ScheduleSession',
      'RescheduleSession',
      'CancelSession',
      'CompleteSession',
      'MarkNoShow',
      'CorrectOutcome',
      'ScheduleSeries',
      'RescheduleSeries',
      'CancelSeries',
      'HoldSlot',
      'HoldSlot',
      'ConfirmHold',
      'ReleaseHold',
      'RemindOfSession',
      ...OFFERING,
    ),
    which: fc.nat(9),
    halfHour: fc.nat(39),
    duration: fc.constantFrom(15, 30, 60),
    minutesLater: fc.nat(60),
    reason: fc.constantFrom(undefined, 'ill', 'ä "quoted" \\N'),
  }),
  { maxLength: 60, size: 'max' },
);

/**
 * Decides the commands one after the other, and leaves out those that are refused. Each call draws new ids, and adds
 * the suffix to the names of coaches and clients.
 */
export function happen(asked: readonly Asked[], suffix: string): Happened[] {
  const states = new Map<string, CoachState>();
  let now = NOON;
  return asked.flatMap((one) => {
    now += one.minutesLater * MINUTE;
    const coachHashId = one.coach + suffix;
    const state = states.get(coachHashId) ?? initialCoach;
    const command = commandFor({ ...one, client: one.client + suffix }, coachHashId, state, now);
    const decision = decideCoach(command, state, zoneRules);
    if (decision.kind === 'rejected' || decision.events.length === 0) return [];
    states.set(coachHashId, decision.events.reduce(evolveCoach, state));
    return [{ coachHashId, at: now, events: decision.events }];
  });
}

function commandFor(asked: Asked, coachHashId: string, state: CoachState, now: number): CoachCommand {
  const { client: clientHashId, which, halfHour, duration, reason } = asked;
  const start = NOON + halfHour * 30 * MINUTE;
  const forCoach = { coachHashId, now };
  const forSession = { ...forCoach, sessionId: oneOf(state.sessions, which), etag: '' };
  const seriesId = oneOf(state.series, which);
  const forHold = { ...forCoach, holdId: oneOf(state.holds, which) };
  // Half of the commands for which the policy counts go against it.
  const ignorePolicy = which % 2 === 0;
  const localStart = `2030-01-07T12:${String(halfHour).padStart(2, '0')}:00`;
  switch (asked.type) {
    case 'ScheduleSession':
      return {
        type: asked.type,
        ...forCoach,
        sessionId: randomUUID(),
        clientHashId,
        start,
        duration,
        ignorePolicy,
      };
    case 'RescheduleSession':
      return { type: asked.type, ...forSession, start, duration: undefined, reason, ignorePolicy };
    case 'CancelSession':
      return { type: asked.type, ...forSession, cancelledBy: 'organization', reason };
    case 'CompleteSession':
      return { type: asked.type, ...forSession };
    case 'MarkNoShow':
      return { type: asked.type, ...forSession, absent: 'client' };
    case 'CorrectOutcome':
      return { type: asked.type, ...forSession, outcome: 'no_show', absent: 'coach', reason: reason ?? 'mistaken' };
    case 'ScheduleSeries': {
      const occurrences = [1, 2, 3].map((occurrence) => {
        const at = start + occurrence * 90 * MINUTE;
        return { sessionId: randomUUID(), occurrence, localStart, start: at };
      });
      return {
        type: asked.type,
        ...forCoach,
        seriesId: randomUUID(),
        clientHashId,
        localStart,
        timeZone: 'Europe/Zurich',
        duration,
        recurrence: 'FREQ=DAILY;COUNT=3',
        disambiguation: 'compatible',
        zoneRulesVersion: '2026f',
        occurrences,
        skipConflicts: true,
        ignorePolicy,
      };
    }
    case 'RescheduleSeries': {
      const occurrences = itemsOf(state.sessions).flatMap(({ id: sessionId, occurrence, ...session }) => {
        if (session.seriesId !== seriesId || occurrence === undefined) return [];
        return [{ sessionId, occurrence, localStart, start: start + occurrence * 90 * MINUTE }];
      });
      return {
        type: asked.type,
        ...forCoach,
        seriesId,
        fromOccurrence: 2,
        localStart,
        zoneRulesVersion: '2026f',
        duration,
        reason,
        occurrences,
        ignorePolicy,
      };
    }
    case 'CancelSeries':
      return { type: asked.type, ...forCoach, seriesId, fromOccurrence: 2, cancelledBy: 'client', reason };
    case 'HoldSlot':
      return {
        type: asked.type,
        ...forCoach,
        holdId: randomUUID(),
        clientHashId,
        start,
        duration,
        expiresAt: now + 30 * MINUTE,
        ignorePolicy,
      };
    case 'ConfirmHold':
      return { type: asked.type, ...forHold };
    case 'ReleaseHold':
      return { type: asked.type, ...forHold };
    case 'RemindOfSession': {
      const session = itemsOf(state.sessions).find(({ id }) => id === forSession.sessionId);
      const offsetMinutes = ((session?.start ?? start) - now) / MINUTE;
      return { type: asked.type, ...forCoach, sessionId: forSession.sessionId, offsetMinutes };
    }
    default:
      return offeringCommandFor({ ...asked, type: asked.type }, forCoach, state);
  }
}

type AskedOffering = Asked & { readonly type: OfferingCommand['type'] };
type ForCoach = { readonly coachHashId: string; readonly now: number };

function offeringCommandFor(asked: AskedOffering, forCoach: ForCoach, state: CoachState): OfferingCommand {
  const { type, which } = asked;
  switch (type) {
    case 'SetAvailability':
      return { type, ...forCoach, availability: availabilityOf(asked), etag: undefined };
    case 'SetBookingPolicy':
      return { type, ...forCoach, policy: policyOf(asked), etag: undefined };
    case 'DeleteAvailability':
    case 'DeleteBookingPolicy':
      return { type, ...forCoach, etag: undefined };
    case 'AddTimeOff':
      return { type, ...forCoach, timeOff: timeOffOf(asked, which) };
    case 'RemoveTimeOff': {
      const ids = itemsOf(state.offering.timeOff).map(({ timeOffId }) => timeOffId);
      return { type, ...forCoach, timeOffId: ids[which % ids.length] ?? randomUUID() };
    }
    case 'SyncTimeOff': {
      const source = `calendar ${which % 2}`;
      const timeOff = Array.from({ length: which % 4 }, (_, index) => timeOffOf(asked, which + 2 * index));
      return { type, ...forCoach, source, timeOff: timeOff.map((one) => ({ ...one, source })) };
    }
    default:
      return type satisfies never;
  }
}

function availabilityOf({ which, halfHour, duration }: AskedOffering): Availability {
  const from = `${String(halfHour % 24).padStart(2, '0')}:00`;
  const to = `${String((halfHour + 1 + duration / 15) % 24).padStart(2, '0')}:00`;
  return {
    timeZone: ['Europe/Zurich', 'America/New_York', 'UTC'][which % 3]!,
    weekly: which % 4 === 0 ? [] : [{ days: ['monday', 'tuesday', 'wednesday'], from, to }],
    dates:
      which % 2 === 0 ? [] : [{ date: '2030-01-08', hours: which % 3 === 0 ? [] : [{ from: '00:00', to: '24:00' }] }],
  };
}

function policyOf({ which, halfHour, duration }: AskedOffering): BookingPolicy {
  const given = (bit: number, value: number) => (halfHour & bit ? value : undefined);
  return {
    gapBefore: given(1, duration),
    gapAfter: given(2, which),
    notice: given(4, 10 * which),
    horizonDays: given(8, which),
    grid: given(16, 30),
    durations: which % 3 === 0 ? [30, 60] : [],
    maxPerDay: given(32, which),
    maxPerWeek: given(3, 2 * which),
    allowOutsideHours: which % 2 === 0,
    timeZone: which % 2 === 0 ? 'Asia/Kathmandu' : undefined,
  };
}

/** By times or by dates. A source gives each an id of its own. */
function timeOffOf({ halfHour, duration, reason }: AskedOffering, which: number): TimeOff {
  const start = NOON + (halfHour + which) * 30 * MINUTE;
  const date = `2030-01-${String(8 + which).padStart(2, '0')}`;
  const isOfDates = which % 3 === 0;
  return {
    timeOffId: randomUUID(),
    start: isOfDates ? undefined : start,
    end: isOfDates ? undefined : start + duration * MINUTE,
    firstDate: isOfDates ? date : undefined,
    lastDate: isOfDates ? date : undefined,
    reason,
    source: undefined,
    externalId: which % 2 === 0 ? `event-${which}` : undefined,
  };
}

/** The id of an item of the list; that of no item when the list is empty. */
function oneOf(list: CoachState['sessions'] | CoachState['series'] | CoachState['holds'], which: number): string {
  const ids = itemsOf<Identified, Identified>(list).map(({ id }) => id);
  return ids[which % ids.length] ?? randomUUID();
}
