import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type CoachState, evolveCoach, type Identified, initialCoach } from '../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { decideCoach } from '../../src/domain/coach/decide.js';
import type { CoachEvent } from '../../src/domain/coach/events.js';
import { itemsOf } from '../support/items-of.js';
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
    const decision = decideCoach(commandFor({ ...one, client: one.client + suffix }, coachHashId, state, now), state);
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
      };
    case 'RescheduleSession':
      return { type: asked.type, ...forSession, start, duration: undefined, reason };
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
      };
    case 'ConfirmHold':
      return { type: asked.type, ...forHold };
    case 'ReleaseHold':
      return { type: asked.type, ...forHold };
    default:
      return asked.type satisfies never;
  }
}

/** The id of an item of the list; that of no item when the list is empty. */
function oneOf(list: CoachState['sessions'] | CoachState['series'] | CoachState['holds'], which: number): string {
  const ids = itemsOf<Identified, Identified>(list).map(({ id }) => id);
  return ids[which % ids.length] ?? randomUUID();
}
