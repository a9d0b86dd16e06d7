import { describe, expect, test } from 'vitest';
import { evolveCoach, findSession, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import type { SimpleReason } from '../../../src/domain/coach/decision.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { CAN_BE_ABSENT, etagOf, type SessionState } from '../../../src/domain/coach/session.js';
import {
  abandoned,
  at,
  cancel,
  cancelled,
  complete,
  completed,
  correct,
  corrected,
  hour,
  MIDNIGHT,
  markedNoShow,
  markNoShow,
  reschedule,
  rescheduled,
  schedule,
  scheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';

const HISTORIES: Readonly<Record<SessionState, readonly CoachEvent[]>> = {
  scheduled: [scheduled('09:00')],
  cancelled: [scheduled('09:00'), cancelled()],
  completed: [scheduled('09:00'), completed()],
  no_show: [scheduled('09:00'), markedNoShow()],
};

const COMMANDS = {
  reschedule: reschedule('12:00', { now: at('10:00') }),
  cancel: cancel({ now: at('10:00') }),
  complete: complete(),
  'mark no-show': markNoShow(),
  'correct to completed': correct('completed', undefined),
  'correct to no-show of the client': correct('no_show', 'client'),
  'correct to no-show of the coach': correct('no_show', 'coach'),
} satisfies Record<string, CoachCommand>;

const IN_STATE = {
  cancelled: 'SESSION_CANCELLED',
  completed: 'SESSION_COMPLETED',
  no_show: 'SESSION_NO_SHOW',
} as const;

/** What may be done to a session in each state; a reason when it may not. */
const MAY: Readonly<Record<keyof typeof COMMANDS, Readonly<Record<SessionState, CoachEvent | SimpleReason>>>> = {
  reschedule: { scheduled: rescheduled('12:00', { rescheduledAt: at('10:00') }), ...IN_STATE },
  cancel: { scheduled: cancelled({ cancelledAt: at('10:00') }), ...IN_STATE },
  complete: { scheduled: completed(), ...IN_STATE },
  'mark no-show': { scheduled: markedNoShow(), ...IN_STATE },
  'correct to completed': {
    scheduled: 'SESSION_HAS_NO_OUTCOME',
    cancelled: 'SESSION_CANCELLED',
    completed: 'OUTCOME_UNCHANGED',
    no_show: corrected('completed', undefined),
  },
  'correct to no-show of the client': {
    scheduled: 'SESSION_HAS_NO_OUTCOME',
    cancelled: 'SESSION_CANCELLED',
    completed: corrected('no_show', 'client'),
    no_show: 'OUTCOME_UNCHANGED',
  },
  'correct to no-show of the coach': {
    scheduled: 'SESSION_HAS_NO_OUTCOME',
    cancelled: 'SESSION_CANCELLED',
    completed: corrected('no_show', 'coach'),
    no_show: corrected('no_show', 'coach'),
  },
};

describe.each(Object.entries(COMMANDS))('%s', (name, command) => {
  const may = MAY[name as keyof typeof COMMANDS];

  test.each(Object.entries(HISTORIES))('a session that is %s', (state, history) => {
    const expected = may[state as SessionState];
    const decision = given(...history).when(command);
    if (typeof expected === 'string') decision.thenRefused(expected);
    else decision.thenHappens(expected);
  });

  test('a session that never was', () => {
    given(scheduled('10:00')).when(command).thenRefused('SESSION_NOT_FOUND');
  });

  test('only in the version that the command names', () => {
    given(...HISTORIES.scheduled)
      .when({ ...command, etag: '1' })
      .thenRefused({ reason: 'STALE_ETAG', etag: '0' });
  });

  test('a version that is not the last one any more, whatever the state', () => {
    given(...HISTORIES.cancelled)
      .when({ ...command, etag: '0' })
      .thenRefused({ reason: 'STALE_ETAG', etag: '1' });
  });

  test('the last version: as without naming one', () => {
    const expected = may.scheduled;
    const decision = given(...HISTORIES.scheduled).when({ ...command, etag: '0' });
    if (typeof expected === 'string') decision.thenRefused(expected);
    else decision.thenHappens(expected);
  });
});

test('an etag differs after every change of its session, and stays when other sessions change', () => {
  const etags = [scheduled('09:00'), scheduled('11:00'), completed(), corrected('no_show', 'coach')].map((_, at, all) =>
    etagOf(findSession(all.slice(0, at + 1).reduce(evolveCoach, initialCoach), sessionAt('09:00'))!),
  );
  expect(etags).toEqual(['0', '0', '2', '3']);
});

describe('a session', () => {
  const left = (...history: CoachEvent[]) =>
    findSession([scheduled('09:00'), ...history].reduce(evolveCoach, initialCoach), sessionAt('09:00'));

  test.each<[string, CoachEvent[], object]>([
    ['scheduled', [], { state: 'scheduled', start: at('09:00'), updatedAt: MIDNIGHT }],
    [
      'rescheduled',
      [rescheduled('12:00')],
      { state: 'scheduled', start: at('12:00'), updatedAt: MIDNIGHT, reason: 'a late train' },
    ],
    ['cancelled', [cancelled()], { state: 'cancelled', cancelledBy: 'client', reason: 'ill' }],
    ['completed', [completed()], { state: 'completed', updatedAt: at('10:00') }],
    ['marked a no-show', [markedNoShow()], { state: 'no_show', absent: 'client', updatedAt: at('10:00') }],
    [
      'corrected to a no-show',
      [completed(), corrected('no_show', 'coach')],
      { state: 'no_show', absent: 'coach', reason: 'a mix-up', updatedAt: at('11:00') },
    ],
    [
      'corrected to completed',
      [markedNoShow(), corrected('completed', undefined)],
      { state: 'completed', absent: undefined, reason: 'a mix-up', updatedAt: at('11:00') },
    ],
  ])('%s', (_, history, expected) => {
    expect(left(...history)).toMatchObject(expected);
  });

  test('has no reason when its last change has none', () => {
    expect(left()?.reason).toBeFalsy();
    expect(left(rescheduled('09:00'), completed())?.reason).toBeFalsy();
  });
});

test('those who are to meet can be absent, and nobody else', () => {
  expect(CAN_BE_ABSENT).toEqual(['coach', 'client']);
});

test('an outcome can be corrected again and again, but not to what it is', () => {
  const once = [...HISTORIES.completed, corrected('no_show', 'coach')];
  given(...once)
    .when(correct('no_show', 'coach'))
    .thenRefused('OUTCOME_UNCHANGED');
  given(...once)
    .when(correct('completed', undefined))
    .thenHappens(corrected('completed', undefined));
});

describe.each([
  ['complete', complete, completed, 'completedAt'],
  ['mark no-show', markNoShow, markedNoShow, 'markedAt'],
] as const)('%s', (_, command, event, time) => {
  test('not before the session starts', () => {
    given(scheduled('09:00'))
      .when(command({ now: at('09:00') - 1 }))
      .thenRefused('SESSION_NOT_STARTED');
  });

  test('from the moment on at which it starts', () => {
    given(scheduled('09:00'))
      .when(command({ now: at('09:00') }))
      .thenHappens(event({ [time]: at('09:00') }));
  });

  test('by the time that it was given last', () => {
    given(scheduled('09:00'), rescheduled('12:00')).when(command()).thenRefused('SESSION_NOT_STARTED');
  });
});

test('a session can be cancelled before it starts and after', () => {
  for (const now of [at('08:00'), at('12:00')]) {
    given(scheduled('09:00'))
      .when(cancel({ now }))
      .thenHappens(cancelled({ cancelledAt: now }));
  }
});

describe('reschedule', () => {
  test('keeps the start when only a duration is given', () => {
    given(scheduled('09:00'))
      .when(reschedule(undefined, { duration: 90 }))
      .thenHappens(rescheduled('09:00', { duration: 90, reservationId: 'reservation-at-the same time' }));
  });

  test('keeps the duration when only a start is given', () => {
    given(scheduled('09:00', 45))
      .when(reschedule('12:00'))
      .thenHappens(rescheduled('12:00', { duration: 45, previousDuration: 45 }));
  });

  test('records where the session was before the move, not where it was at first', () => {
    given(scheduled('09:00'), rescheduled('12:00'))
      .when(reschedule('15:00'))
      .thenHappens(rescheduled('15:00', { previousStart: at('12:00'), previousReservationId: 'reservation-at-12:00' }));
  });

  test.each(['08:30', '09:00', '09:30'])('a session is not in its own way: to %s', (time) => {
    given(scheduled('09:00')).when(reschedule(time)).thenHappens(rescheduled(time));
  });

  test('is refused when another session is in the way', () => {
    given(scheduled('09:00'), scheduled('12:00'))
      .when(reschedule('11:30'))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('12:00') });
  });

  test('frees the time before, and takes the time after', () => {
    const moved = [scheduled('09:00'), rescheduled('12:00')];
    given(...moved)
      .when(schedule('09:00', 60, { sessionId: 'next' }))
      .thenHappens(scheduled('09:00', 60, { sessionId: 'next' }));
    given(...moved)
      .when(schedule('12:30'))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('12:00') });
  });

  test('is refused when the session would end after the year 9999', () => {
    const LAST_MINUTE = Date.UTC(9999, 11, 31, 23, 59);
    given(scheduled('09:00'))
      .when(reschedule('09:00', { start: LAST_MINUTE, duration: 1 }))
      .thenRefused('ENDS_TOO_LATE');
    given(scheduled('09:00'))
      .when(reschedule('09:00', { start: LAST_MINUTE - 1, duration: 1 }))
      .thenHappens(rescheduled('09:00', { start: LAST_MINUTE - 1, duration: 1 }));
  });

  test('cannot use a reservation that was abandoned', () => {
    given(scheduled('09:00'), abandoned('12:00')).when(reschedule('12:00')).thenRefused('RESERVATION_ABANDONED');
  });
});

describe('times in the history of a session do not go back when clocks differ', () => {
  const booked = scheduled('09:00', 60, { scheduledAt: at('09:30') });
  const told = { scheduledAt: at('09:30') };

  test.each<[string, CoachCommand, CoachEvent]>([
    ['reschedule', reschedule('12:00'), rescheduled('12:00', { ...told, rescheduledAt: at('09:30') })],
    ['cancel', cancel(), cancelled({ ...told, cancelledAt: at('09:30') })],
    ['complete', complete({ now: at('09:00') }), completed({ ...told, completedAt: at('09:30') })],
    ['mark no-show', markNoShow({ now: at('09:00') }), markedNoShow({ ...told, markedAt: at('09:30') })],
  ])('%s', (_, command, event) => {
    given(booked).when(command).thenHappens(event);
  });

  test('correct', () => {
    given(scheduled('09:00'), completed({ completedAt: at('12:00') }))
      .when(correct('no_show', 'coach'))
      .thenHappens(corrected('no_show', 'coach', { correctedAt: at('12:00') }));
  });
});
