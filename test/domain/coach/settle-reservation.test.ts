import { describe, test } from 'vitest';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import {
  abandoned,
  at,
  cancelled,
  completed,
  confirmed,
  expired,
  held,
  markedNoShow,
  released,
  rescheduled,
  reservationAt,
  scheduled,
  sessionAt,
  settle,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';

const EXPIRY = at('00:10');

describe.each([
  ['asked', false],
  ['asked to abandon it', true],
])('%s, the coach says of a reservation', (_, abandon) => {
  test.each<[string, CoachEvent[]]>([
    ['a session that is scheduled', [scheduled('09:00')]],
    ['a session that took place', [scheduled('09:00'), completed()]],
    ['a session that somebody did not come to', [scheduled('09:00'), markedNoShow()]],
    ['the session of a confirmed hold', [held('09:00'), confirmed('09:00'), scheduled('09:00')]],
  ])('that a session uses it: %s', (_, history) => {
    given(...history)
      .when(settle('09:00', { abandon }))
      .thenRefused('RESERVATION_BOOKED');
  });

  test.each<[string, CoachEvent[]]>([
    ['a session that is cancelled', [scheduled('09:00'), cancelled()]],
    ['a hold that was released', [held('09:00'), released('09:00')]],
    ['a hold that was found expired', [held('09:00'), expired('09:00', EXPIRY)]],
    ['an abandoned reservation', [abandoned('09:00')]],
    [
      'a confirmed hold whose session is cancelled',
      [held('09:00'), confirmed('09:00'), scheduled('09:00'), cancelled()],
    ],
  ])('that nothing will ever use it: %s', (_, history) => {
    given(...history)
      .when(settle('09:00', { abandon }))
      .thenHappens();
  });

  test('of an open hold, that it is held until right before the hold expires', () => {
    given(held('09:00'))
      .when(settle('09:00', { abandon, now: EXPIRY - 1 }))
      .thenRefused('RESERVATION_HELD');
  });

  test('of a hold that has expired, that nothing uses it, and records the end of the hold', () => {
    given(held('09:00'))
      .when(settle('09:00', { abandon, now: EXPIRY }))
      .thenHappens(expired('09:00', EXPIRY));
  });
});

describe('a reservation that nothing uses', () => {
  test.each<[string, CoachEvent[], string]>([
    ['its session does not exist', [scheduled('11:00')], '09:00'],
    ['its session is at another time, and has not moved yet', [scheduled('09:00')], '12:00'],
    ['its session has moved to another time', [scheduled('09:00'), rescheduled('12:00')], '09:00'],
    [
      'the session of its hold has moved',
      [held('09:00'), confirmed('09:00'), scheduled('09:00'), rescheduled('12:00')],
      '09:00',
    ],
  ])('is pending: %s', (_, history, time) => {
    given(...history)
      .when(settle('09:00', { reservationId: reservationAt(time) }))
      .thenRefused('RESERVATION_PENDING');
  });

  test('can be abandoned: then nothing ever uses it', () => {
    given(scheduled('09:00'))
      .when(settle('12:00', { sessionId: sessionAt('09:00'), abandon: true }))
      .thenHappens(abandoned('12:00'));
  });

  test.each<[string, CoachEvent]>([
    ['a session', scheduled('09:00', 60, { reservationId: 'another' })],
    ['an open hold', held('09:00', { reservationId: 'another' })],
  ])('is not used by %s that uses another reservation of the same client', (_, event) => {
    given(event).when(settle('09:00')).thenRefused('RESERVATION_PENDING');
  });
});

test('a reservation that a session moved to is booked, also when the one before was abandoned', () => {
  given(scheduled('09:00'), abandoned('15:00'), rescheduled('12:00'))
    .when(settle('12:00', { sessionId: sessionAt('09:00'), abandon: true }))
    .thenRefused('RESERVATION_BOOKED');
});
