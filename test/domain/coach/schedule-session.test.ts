import { describe, test } from 'vitest';
import {
  abandoned,
  at,
  cancelled,
  completed,
  expired,
  held,
  hour,
  markedNoShow,
  reservationAt,
  schedule,
  scheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';

test('a free coach is booked', () => {
  given().when(schedule('09:00')).thenHappens(scheduled('09:00'));
});

describe('sessions may touch', () => {
  test.each([
    ['right before another', '08:00', 60],
    ['right after another', '10:00', 60],
    ['as the shortest there is, right after another', '10:00', 1],
    ['as the longest there is, right after another', '10:00', 1440],
  ])('%s', (_, time, duration) => {
    given(scheduled('09:00')).when(schedule(time, duration)).thenHappens(scheduled(time, duration));
  });

  test('the longest there is, the day before', () => {
    const start = at('09:00') - 1440 * 60_000;
    given(scheduled('09:00'))
      .when(schedule('09:00', 1440, { sessionId: 'long', start }))
      .thenHappens(scheduled('09:00', 1440, { sessionId: 'long', start }));
  });
});

describe('sessions may not overlap', () => {
  test.each([
    ['at the same time', '09:00', 60],
    ['a minute too early', '08:01', 60],
    ['a minute too late', '09:59', 60],
    ['inside', '09:10', 10],
    ['around', '08:00', 180],
  ])('%s', (_, time, duration) => {
    given(scheduled('09:00'))
      .when(schedule(time, duration, { sessionId: 'another' }))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
  });

  test('by a millisecond', () => {
    given(scheduled('09:00'))
      .when(schedule('10:00', 60, { start: at('10:00') - 1 }))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
  });

  test('with the end of the longest there is, which began the day before', () => {
    const start = at('09:00') - 1440 * 60_000 + 1;
    given(scheduled('09:00', 1440, { start }))
      .when(schedule('09:00', 1, { sessionId: 'another' }))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: { start, end: at('09:00') + 1 } });
  });

  test('a refusal names the earliest in the way', () => {
    given(scheduled('11:00'), scheduled('09:00'))
      .when(schedule('09:30', 120))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
  });
});

describe('what happened to a session says whether its time is taken', () => {
  test('not when it was cancelled', () => {
    given(scheduled('09:00'), cancelled())
      .when(schedule('09:00', 60, { sessionId: 'next' }))
      .thenHappens(scheduled('09:00', 60, { sessionId: 'next' }));
  });

  test.each([
    ['it took place', completed()],
    ['somebody did not come', markedNoShow()],
  ])('still when %s', (_, event) => {
    given(scheduled('09:00'), event)
      .when(schedule('09:30'))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
  });
});

describe('a hold', () => {
  test('is in the way until the moment at which it expires', () => {
    const now = at('00:10') - 1;
    given(held('09:00'))
      .when(schedule('09:30', 60, { now }))
      .thenRefused({
        reason: 'SLOT_HELD',
        inTheWay: hour('09:00'),
      });
  });

  test('gives way from then on, and its end is recorded before the session', () => {
    const now = at('00:10');
    given(held('09:00'))
      .when(schedule('09:30', 60, { now }))
      .thenHappens(expired('09:00', now), scheduled('09:30', 60, { scheduledAt: now }));
  });

  test('that has expired beside a session in the way is left as it is', () => {
    given(held('09:00'), scheduled('10:00'))
      .when(schedule('09:30', 60, { now: at('00:10') }))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('10:00') });
  });

  test('all that have expired give way at once', () => {
    const now = at('00:10');
    given(held('10:00'), held('09:00'))
      .when(schedule('09:30', 60, { now }))
      .thenHappens(expired('09:00', now), expired('10:00', now), scheduled('09:30', 60, { scheduledAt: now }));
  });
});

describe('an abandoned reservation', () => {
  test('cannot be used any more, although the coach is free', () => {
    given(abandoned('09:00')).when(schedule('09:00')).thenRefused('RESERVATION_ABANDONED');
  });

  test('does not keep another one from being used', () => {
    given(abandoned('09:00'))
      .when(schedule('09:00', 60, { reservationId: 'another' }))
      .thenHappens(scheduled('09:00', 60, { reservationId: 'another' }));
  });

  test('does not affect a session without a reservation', () => {
    const { reservationId: _, ...command } = schedule('09:00');
    given(abandoned('09:00'))
      .when(command)
      .thenHappens(scheduled('09:00', 60, { reservationId: undefined }));
  });
});

test('sessions are told apart by their ids, not by their clients or times', () => {
  given(scheduled('09:00'))
    .when(schedule('10:00', 60, { sessionId: sessionAt('10:00'), reservationId: reservationAt('09:00') }))
    .thenHappens(scheduled('10:00', 60, { reservationId: reservationAt('09:00') }));
});
