import { describe, expect, test } from 'vitest';
import { evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { Occurrence } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { CoachEvent, Conflict } from '../../../src/domain/coach/events.js';
import {
  abandoned,
  at,
  cancelSeries,
  conflict,
  expired,
  held,
  occurrence,
  occurrenceCancelled,
  occurrenceRescheduled,
  occurrenceScheduled,
  rescheduleSeries,
  reservationAt,
  schedule,
  scheduled,
  scheduleSeries,
  seriesCancelled,
  seriesRescheduled,
  seriesScheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';
import { zoneRules } from '../../support/zone-rules.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A session on the second day, half an hour after the occurrence there. */
const inTheWayOfSecond = scheduled('09:30', 60, { start: at('09:30') + DAY });
const BOOKED = [seriesScheduled(), ...[1, 2, 3].map(occurrenceScheduled)];

describe('schedule a series', () => {
  test('books every occurrence', () => {
    given()
      .when(scheduleSeries())
      .thenHappens(...BOOKED);
  });

  test('is refused whole, with every occurrence that something is in the way of', () => {
    const alsoInTheWay = scheduled('08:30', 60, { start: at('08:30') + 2 * DAY });
    given(inTheWayOfSecond, alsoInTheWay)
      .when(scheduleSeries())
      .thenRefused({
        reason: 'SERIES_CONFLICT',
        conflicts: [
          conflict(2, 'COACH_OVERLAP', at('09:30') + DAY),
          conflict(3, 'COACH_OVERLAP', at('08:30') + 2 * DAY),
        ],
      });
  });

  test('refused, says what would be booked without the conflicts, so that the client can be asked about it', () => {
    const decision = decideCoach(scheduleSeries(), evolveCoach(initialCoach, inTheWayOfSecond), zoneRules);
    expect(decision).toMatchObject({ free: [occurrenceScheduled(1), occurrenceScheduled(3)] });
  });

  test('lists held slots and conflicts of the client, too', () => {
    const ofClient = conflict(3, 'CLIENT_OVERLAP', at('09:00') + 2 * DAY);
    given(held('08:30'))
      .when(scheduleSeries(), [ofClient])
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [conflict(1, 'SLOT_HELD', at('08:30')), ofClient] });
  });

  test('an occurrence at which neither coach nor client has time is listed once, for the coach', () => {
    given(inTheWayOfSecond)
      .when(scheduleSeries(), [conflict(2, 'CLIENT_OVERLAP', at('09:00') + DAY)])
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [conflict(2, 'COACH_OVERLAP', at('09:30') + DAY)] });
  });

  test('of several conflicts of the client, the earliest is listed', () => {
    const [early, late] = ['08:30', '09:30'].map((time) => conflict(1, 'CLIENT_OVERLAP', at(time)));
    given()
      .when(scheduleSeries(), [early as Conflict, late as Conflict])
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [early as Conflict] });
  });

  test('books the rest when conflicts are to be skipped, and records what it skipped', () => {
    const skipped = [
      conflict(2, 'COACH_OVERLAP', at('09:30') + DAY),
      conflict(3, 'CLIENT_OVERLAP', at('09:00') + 2 * DAY),
    ];
    given(inTheWayOfSecond)
      .when(scheduleSeries({ skipConflicts: true }), skipped.slice(1))
      .thenHappens(seriesScheduled(skipped), occurrenceScheduled(1));
  });

  test('is refused when all would have to be skipped', () => {
    const conflicts = [conflict(1, 'COACH_OVERLAP', at('09:00'))];
    given(scheduled('09:00'))
      .when(scheduleSeries({ skipConflicts: true, occurrences: [occurrence(1)] }))
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts });
  });

  test('an occurrence is in the way of those after it', () => {
    const twice = { ...occurrence(2), start: occurrence(1).start };
    given()
      .when(scheduleSeries({ occurrences: [occurrence(1), twice] }))
      .thenRefused({
        reason: 'SERIES_CONFLICT',
        conflicts: [
          { ...conflict(2, 'COACH_OVERLAP', at('09:00')), start: occurrence(1).start, end: occurrence(1).start + HOUR },
        ],
      });
  });

  test('occurrences may touch', () => {
    const occurrences = [occurrence(1), { ...occurrence(2), start: occurrence(1).start + HOUR }];
    const [first, second] = occurrences.map((one) => ({ ...occurrenceScheduled(one.occurrence), start: one.start }));
    given()
      .when(scheduleSeries({ occurrences }))
      .thenHappens(seriesScheduled(), first as CoachEvent, second as CoachEvent);
  });

  test('takes the slots of holds that have expired, and records their end first', () => {
    const now = at('00:10');
    given(held('09:30'))
      .when(scheduleSeries({ now, occurrences: [occurrence(1)] }))
      .thenHappens(
        expired('09:30', now),
        { ...seriesScheduled(), scheduledAt: now },
        { ...occurrenceScheduled(1), scheduledAt: now },
      );
  });

  test('leaves expired holds as they are when it is refused', () => {
    const decision = given(held('09:30'), inTheWayOfSecond).when(scheduleSeries({ now: at('00:10') }));
    decision.thenRefused({
      reason: 'SERIES_CONFLICT',
      conflicts: [conflict(2, 'COACH_OVERLAP', at('09:30') + DAY)],
    });
  });

  test('is refused when one of its reservations was abandoned, so that all are made again', () => {
    given({ ...abandoned('09:00'), reservationId: 'reservation-of-3' })
      .when(scheduleSeries({ skipConflicts: true }))
      .thenRefused('RESERVATION_ABANDONED');
  });

  test('is refused when an occurrence would end after the year 9999', () => {
    const late = { ...occurrence(2), start: Date.UTC(9999, 11, 31, 23, 30) };
    given()
      .when(scheduleSeries({ occurrences: [occurrence(1), late], skipConflicts: true }))
      .thenRefused('ENDS_TOO_LATE');
  });

  test('may end in the last millisecond of the year 9999', () => {
    const last = { ...occurrence(1), start: Date.UTC(10_000, 0, 1) - 3_600_000 - 1 };
    const { duration: _, ...session } = occurrenceScheduled(1);
    given()
      .when(scheduleSeries({ occurrences: [last] }))
      .thenHappens(seriesScheduled(), { ...session, duration: 60, start: last.start });
  });
});

describe('reschedule a series', () => {
  test('moves the sessions from the occurrence on', () => {
    given(...BOOKED)
      .when(rescheduleSeries(HOUR))
      .thenHappens(seriesRescheduled(), occurrenceRescheduled(2, HOUR), occurrenceRescheduled(3, HOUR));
  });

  test('gives them another duration, if one is named', () => {
    given(...BOOKED)
      .when(rescheduleSeries(HOUR, { duration: 30 }))
      .thenHappens(
        seriesRescheduled({ duration: 30 }),
        occurrenceRescheduled(2, HOUR, { duration: 30 }),
        occurrenceRescheduled(3, HOUR, { duration: 30 }),
      );
  });

  test.each([
    ['half an hour on, over where each was itself', HOUR / 2],
    ['a day on, each to where the next one was', DAY],
    ['nowhere', 0],
  ])('its sessions are not in their own way: %s', (_, shift) => {
    given(...BOOKED)
      .when(rescheduleSeries(shift))
      .thenHappens(seriesRescheduled(), occurrenceRescheduled(2, shift), occurrenceRescheduled(3, shift));
  });

  test('those that stay are in the way', () => {
    given(...BOOKED)
      .when(rescheduleSeries(-DAY))
      .thenRefused({
        reason: 'SERIES_CONFLICT',
        conflicts: [{ ...conflict(2, 'COACH_OVERLAP', at('09:00')), start: at('09:00'), end: at('10:00') }],
      });
  });

  test('is refused whole, with every conflict', () => {
    const ofClient = conflict(2, 'CLIENT_OVERLAP', at('10:30') + DAY);
    given(...BOOKED, scheduled('10:30', 60, { start: at('10:30') + 2 * DAY }))
      .when(rescheduleSeries(HOUR), [ofClient])
      .thenRefused({
        reason: 'SERIES_CONFLICT',
        conflicts: [
          ofClient,
          {
            ...conflict(3, 'COACH_OVERLAP', at('10:30') + 2 * DAY),
            start: at('10:00') + 2 * DAY,
            end: at('11:00') + 2 * DAY,
          },
        ],
      });
  });

  test('moves only sessions that are still scheduled', () => {
    given(...BOOKED, occurrenceCancelled(2))
      .when(rescheduleSeries(HOUR))
      .thenHappens(seriesRescheduled(), occurrenceRescheduled(3, HOUR));
  });

  test('a session that the command has no place for stays where it is, and is in the way', () => {
    const [second] = rescheduleSeries(DAY).occurrences;
    given(...BOOKED)
      .when(rescheduleSeries(DAY, { occurrences: [second as Occurrence] }))
      .thenRefused({
        reason: 'SERIES_CONFLICT',
        conflicts: [
          {
            ...conflict(2, 'COACH_OVERLAP', at('09:00') + 2 * DAY),
            start: at('09:00') + 2 * DAY,
            end: at('10:00') + 2 * DAY,
          },
        ],
      });
    given(...BOOKED)
      .when(rescheduleSeries(DAY, { occurrences: [] }))
      .thenRefused('SERIES_OVER');
  });

  test('a session that was moved alone takes its place in the series again', () => {
    const alone = occurrenceRescheduled(2, 5 * HOUR, {
      reservationId: 'alone',
      localStart: '2030-01-02T09:00:00',
      zoneRulesVersion: undefined,
    });
    given(...BOOKED, alone)
      .when(rescheduleSeries(HOUR))
      .thenHappens(
        seriesRescheduled(),
        occurrenceRescheduled(2, HOUR, {
          previousStart: at('14:00') + DAY,
          previousReservationId: 'alone',
        }),
        occurrenceRescheduled(3, HOUR),
      );
  });

  test('is refused when one of its reservations was abandoned', () => {
    given(...BOOKED, { ...abandoned('09:00'), reservationId: 'new-reservation-of-3' })
      .when(rescheduleSeries(HOUR))
      .thenRefused('RESERVATION_ABANDONED');
  });
});

describe('cancel a series', () => {
  test('calls the sessions off from the occurrence on', () => {
    given(...BOOKED)
      .when(cancelSeries())
      .thenHappens(seriesCancelled(), occurrenceCancelled(2), occurrenceCancelled(3));
  });

  test('calls off only sessions that are still scheduled', () => {
    given(...BOOKED, occurrenceCancelled(2))
      .when(cancelSeries({ fromOccurrence: 1 }))
      .thenHappens(seriesCancelled({ fromOccurrence: 1 }), occurrenceCancelled(1), occurrenceCancelled(3));
  });

  test('frees their time', () => {
    const next = { sessionId: sessionAt('next'), start: occurrence(2).start };
    given(...BOOKED, seriesCancelled(), occurrenceCancelled(2), occurrenceCancelled(3))
      .when(schedule('09:00', 60, next))
      .thenHappens(scheduled('09:00', 60, { ...next, reservationId: reservationAt('09:00') }));
  });
});

describe.each([
  ['reschedule', rescheduleSeries(HOUR)],
  ['cancel', cancelSeries()],
])('%s a series is refused', (_, command) => {
  test('when there is none', () => {
    given().when(command).thenRefused('SERIES_NOT_FOUND');
  });

  test('when none of its sessions is scheduled any more from the occurrence on', () => {
    given(...BOOKED, seriesCancelled(), occurrenceCancelled(2), occurrenceCancelled(3))
      .when(command)
      .thenRefused('SERIES_OVER');
  });

  test('when it does not go on to that occurrence', () => {
    given(...BOOKED.slice(0, 2))
      .when(command)
      .thenRefused('SERIES_OVER');
  });
});
