import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CoachState, evolveCoach, findSession, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { CoachEvent, SessionReminderDue } from '../../../src/domain/coach/events.js';
import { etagOf } from '../../../src/domain/coach/session.js';
import {
  at,
  cancel,
  cancelled,
  complete,
  completed,
  confirmed,
  held,
  MIDNIGHT,
  markedNoShow,
  remind,
  reminded,
  reschedule,
  rescheduled,
  schedule,
  scheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';
import { zoneRules } from '../../support/zone-rules.js';

const MINUTE = 60_000;
const nine = scheduled('09:00');

describe('a reminder is told', () => {
  test('when it is due', () => {
    given(nine).when(remind()).thenHappens(reminded());
  });

  test('late, up to the start', () => {
    const now = at('09:00') - 1;
    given(nine)
      .when(remind({ now }))
      .thenHappens(reminded({ remindedAt: now }));
  });

  test('once for each offset', () => {
    const dayAhead = reminded({ offsetMinutes: 120, remindedAt: at('07:00') });
    given(nine, dayAhead).when(remind()).thenHappens(reminded());
    given(nine, dayAhead, reminded()).when(remind()).thenRefused('REMINDER_NOT_DUE');
    given(nine, reminded(), dayAhead).when(remind()).thenRefused('REMINDER_NOT_DUE');
  });

  test('anew after a move, with the session as it was moved', () => {
    const toNoon = rescheduled('12:00', { rescheduledAt: at('08:30') });
    given(nine, reminded(), toNoon)
      .when(remind({ now: at('11:00') }))
      .thenHappens(
        reminded({
          start: at('12:00'),
          reservationId: toNoon.reservationId,
          remindedAt: at('11:00'),
          updatedAt: at('08:30'),
          reason: 'a late train',
          sessionRevision: 2,
        }),
      );
  });

  test('of a hold that was confirmed', () => {
    given(held('09:00'), confirmed('09:00'), nine)
      .when(remind())
      .thenHappens(reminded({ sessionRevision: 2 }));
  });

  test('by a clock that is behind, at the time of the reminder before', () => {
    const before = reminded({ offsetMinutes: 61, remindedAt: at('08:00') + 5 });
    given(nine, before)
      .when(remind({ now: at('08:00') }))
      .thenHappens(reminded({ remindedAt: at('08:00') + 5 }));
  });
});

describe('no reminder is told', () => {
  test.each<[string, CoachEvent[], Partial<ReturnType<typeof remind>>]>([
    ['a millisecond early', [nine], { now: at('08:00') - 1 }],
    ['once the session has begun', [nine], { now: at('09:00') }],
    ['of a session that begins later now', [nine, rescheduled('12:00')], {}],
    ['of a session that was cancelled', [nine, cancelled()], {}],
    ['of a session that was completed', [nine, completed()], {}],
    ['of a no-show', [nine, markedNoShow()], {}],
    ['that was due when the session was booked', [scheduled('09:00', 60, { scheduledAt: at('08:00') })], {}],
    [
      'that was due when the session was moved',
      [nine, rescheduled('12:00', { rescheduledAt: at('11:00') })],
      { now: at('11:30') },
    ],
  ])('%s', (_, history, about) => {
    given(...history)
      .when(remind(about))
      .thenRefused('REMINDER_NOT_DUE');
  });

  test('of a session that is not there, nor of a hold', () => {
    given().when(remind()).thenRefused('SESSION_NOT_FOUND');
    given(held('09:00')).when(remind()).thenRefused('SESSION_NOT_FOUND');
  });

  test('for a start that a session has again, told before it was moved away, whatever the clocks say', () => {
    const behind = reschedule('12:00', { now: at('07:00') });
    const back = reschedule('09:00', { now: at('07:00') });
    const { state } = run([schedule('09:00'), remind(), behind, back]);
    expect(decideCoach(remind({ now: at('08:30') }), state, zoneRules)).toMatchObject({
      rejection: { reason: 'REMINDER_NOT_DUE' },
    });
  });
});

test('a reminder changes neither the session nor its etag, and later changes are made after it', () => {
  const before = run([schedule('09:00')]).state;
  const { state } = run([schedule('09:00'), remind()]);
  const session = findSession(state, sessionAt('09:00'))!;
  expect(session).toEqual({
    ...findSession(before, sessionAt('09:00')),
    reminders: { offsets: [60], lastAt: at('08:00') },
  });
  expect(state.calendar).toEqual(before.calendar);

  const etag = etagOf(session);
  const { events } = run([schedule('09:00'), remind(), cancel({ etag, now: at('07:00') })]);
  expect(events.at(-1)).toMatchObject({ type: 'SessionCancelled', cancelledAt: at('08:00') });
});

/** Sends the commands to a new coach, one after the other. */
function run(commands: readonly CoachCommand[]): { state: CoachState; events: readonly CoachEvent[] } {
  const events: CoachEvent[] = [];
  let state = initialCoach;
  for (const command of commands) {
    const decision = decideCoach(command, state, zoneRules);
    if (decision.kind === 'rejected') continue;
    events.push(...decision.events);
    state = decision.events.reduce(evolveCoach, state);
  }
  return { state, events };
}

/** Bookings, moves, the ends of sessions, and reminders: of few starts and few offsets, by clocks that differ. */
const commands = fc.array(
  fc
    .record({
      one: fc.constantFrom('a', 'b'),
      start: fc.integer({ min: 0, max: 4 }).map((hours) => at('09:00') + hours * 60 * MINUTE),
      offsetMinutes: fc.constantFrom(30, 60, 90, 1440),
      now: fc.integer({ min: -60, max: 300 }).map((minutes) => at('08:00') + minutes * MINUTE),
    })
    .chain(({ one, start, offsetMinutes, now }) => {
      const ofOne = { sessionId: sessionAt(one), now };
      const reminding = remind({ ...ofOne, offsetMinutes });
      return fc.constantFrom<CoachCommand>(
        schedule('09:00', 30, { ...ofOne, start, now: MIDNIGHT }),
        schedule('09:00', 30, { ...ofOne, sessionId: sessionAt(`${one} late`), start }),
        reschedule('09:00', { ...ofOne, start }),
        reschedule(undefined, { ...ofOne, duration: 45 }),
        cancel(ofOne),
        complete({ ...ofOne, now: start }),
        ...[reminding, reminding, reminding, { ...reminding, now: start - offsetMinutes * MINUTE }],
      );
    }),
  { maxLength: 60, size: 'max' },
);

test('property: each offset is told at most once for a start, in its time, and never stale', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      const told = new Set<string>();
      const states = new Map<string, { start: number; changedAt: number; isScheduled: boolean }>();
      for (const event of run(once(asked).flatMap(twice)).events) {
        if (!('sessionId' in event)) continue;
        if (event.type === 'SessionReminderDue') {
          expectInTime(event, states.get(event.sessionId));
          const key = [event.sessionId, event.start, event.offsetMinutes].join();
          expect(told).not.toContain(key);
          told.add(key);
        } else {
          const changedAt = 'rescheduledAt' in event ? event.rescheduledAt : event.scheduledAt;
          const isScheduled = event.type === 'SessionScheduled' || event.type === 'SessionRescheduled';
          states.set(event.sessionId, { start: event.start, changedAt, isScheduled });
        }
      }
    }),
  );
});

/** An id is given once, as the service does. */
function once(asked: readonly CoachCommand[]): CoachCommand[] {
  const given = new Set<string>();
  return asked.filter((command) => {
    if (command.type !== 'ScheduleSession') return true;
    const isNew = !given.has(command.sessionId);
    given.add(command.sessionId);
    return isNew;
  });
}

/** Whoever reminds may have been killed before it knew that it had. */
function twice(command: CoachCommand): CoachCommand[] {
  return command.type === 'RemindOfSession' ? [command, command] : [command];
}

function expectInTime(
  { start, offsetMinutes, remindedAt }: SessionReminderDue,
  session: { start: number; changedAt: number; isScheduled: boolean } | undefined,
): void {
  const due = start - offsetMinutes * MINUTE;
  expect(session).toMatchObject({ start, isScheduled: true });
  expect(due).toBeGreaterThan(session!.changedAt);
  expect(remindedAt).toBeGreaterThanOrEqual(due);
  expect(remindedAt).toBeLessThan(start);
}
