import { describe, expect, test } from 'vitest';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { isHoldTime } from '../../../src/domain/coach/hold.js';
import {
  abandoned,
  at,
  cancelled,
  confirm,
  confirmed,
  expired,
  held,
  hold,
  hour,
  MIDNIGHT,
  release,
  released,
  schedule,
  scheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';

const EXPIRY = at('00:10');

test('a hold lasts 1 to 1800 whole seconds', () => {
  const seconds = [-1, 0, 1, 2, 1.5, 1799, 1800, 1801, Number.NaN, Number.POSITIVE_INFINITY];
  expect(seconds.filter(isHoldTime)).toEqual([1, 2, 1799, 1800]);
});

describe('hold', () => {
  test('keeps a free slot', () => {
    given().when(hold('09:00')).thenHappens(held('09:00'));
  });

  test('is refused where the coach has a session', () => {
    given(scheduled('09:00'))
      .when(hold('09:30'))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
  });

  test('is refused where a slot is held, also for the same client', () => {
    given(held('09:00'))
      .when(hold('09:30'))
      .thenRefused({ reason: 'SLOT_HELD', inTheWay: hour('09:00') });
  });

  test('may touch', () => {
    given(held('09:00'), scheduled('11:00')).when(hold('10:00')).thenHappens(held('10:00'));
  });

  test('takes the place of one that has expired', () => {
    given(held('09:00'))
      .when(hold('09:30', { now: EXPIRY, expiresAt: at('00:20') }))
      .thenHappens(expired('09:00', EXPIRY), held('09:30', { heldAt: EXPIRY, expiresAt: at('00:20') }));
  });

  test('cannot use a reservation that was abandoned', () => {
    given(abandoned('09:00')).when(hold('09:00')).thenRefused('RESERVATION_ABANDONED');
  });
});

describe('an open hold', () => {
  test('confirmed, becomes the session of the same id, which uses the same reservation', () => {
    given(held('09:00')).when(confirm('09:00')).thenHappens(confirmed('09:00'), scheduled('09:00'));
  });

  test('can be released', () => {
    given(held('09:00')).when(release('09:00')).thenHappens(released('09:00'));
  });

  test('can be confirmed and released until right before it expires', () => {
    const now = EXPIRY - 1;
    given(held('09:00'))
      .when(confirm('09:00', now))
      .thenHappens({ ...confirmed('09:00'), confirmedAt: now }, scheduled('09:00', 60, { scheduledAt: now }));
    given(held('09:00'))
      .when(release('09:00', now))
      .thenHappens({ ...released('09:00'), releasedAt: now });
  });
});

describe.each([
  ['confirm', confirm],
  ['release', release],
] as const)('%s is refused', (_, command) => {
  const ENDED: [string, CoachEvent[], 'HOLD_CONFIRMED' | 'HOLD_RELEASED' | 'HOLD_EXPIRED'][] = [
    ['is confirmed', [confirmed('09:00'), scheduled('09:00')], 'HOLD_CONFIRMED'],
    [
      'is confirmed, though its session is cancelled',
      [confirmed('09:00'), scheduled('09:00'), cancelled()],
      'HOLD_CONFIRMED',
    ],
    ['was released', [released('09:00')], 'HOLD_RELEASED'],
    ['was found expired', [expired('09:00', EXPIRY)], 'HOLD_EXPIRED'],
  ];

  test.each(ENDED)('when the hold %s, by whichever clock', (_, history, reason) => {
    given(held('09:00'), ...history)
      .when(command('09:00', MIDNIGHT))
      .thenRefused(reason);
    given(held('09:00'), ...history)
      .when(command('09:00', EXPIRY))
      .thenRefused(reason);
  });

  test('from the moment on at which the hold expires', () => {
    given(held('09:00')).when(command('09:00', EXPIRY)).thenRefused('HOLD_EXPIRED');
  });

  test('when there is no such hold', () => {
    given(scheduled('09:00')).when(command('09:00')).thenRefused('HOLD_NOT_FOUND');
  });
});

test('a hold that lost its slot cannot be confirmed by a clock that is behind', () => {
  given(held('09:00'), expired('09:00', EXPIRY), scheduled('09:00', 60, { sessionId: 'another' }))
    .when(confirm('09:00', MIDNIGHT))
    .thenRefused('HOLD_EXPIRED');
});

test('a released slot is free', () => {
  given(held('09:00'), released('09:00')).when(schedule('09:00')).thenHappens(scheduled('09:00'));
});

test('the session of a confirmed hold takes the slot for good', () => {
  given(held('09:00'), confirmed('09:00'), scheduled('09:00'))
    .when(schedule('09:30', 60, { now: EXPIRY, sessionId: sessionAt('09:30') }))
    .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
});

describe('the etag of a hold', () => {
  test.each([
    ['open', at('00:09')],
    ['expired', EXPIRY],
  ])('is %s at %d: a command for another version is refused with that', (etag, now) => {
    for (const command of [confirm('09:00', now), release('09:00', now)]) {
      given(held('09:00'))
        .when({ ...command, etag: 'confirmed' })
        .thenRefused({ reason: 'STALE_ETAG', etag });
    }
  });

  test('is judged before the state', () => {
    given(held('09:00'))
      .when({ ...release('09:00', EXPIRY), etag: 'expired' })
      .thenRefused('HOLD_EXPIRED');
  });

  test('may be any of several', () => {
    given(held('09:00'))
      .when({ ...release('09:00'), etag: ['confirmed', 'open'] })
      .thenHappens(released('09:00'));
    given(held('09:00'))
      .when({ ...release('09:00'), etag: [] })
      .thenRefused({ reason: 'STALE_ETAG', etag: 'open' });
  });
});
