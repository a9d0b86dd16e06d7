import { describe, expect, test } from 'vitest';
import { confirmedTime, freedTime, wantedTime } from '../../../src/domain/coach/client-time.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import {
  abandoned,
  at,
  cancelled,
  completed,
  confirmed,
  corrected,
  expired,
  held,
  MIDNIGHT,
  markedNoShow,
  occurrence,
  occurrenceCancelled,
  occurrenceScheduled,
  released,
  rescheduled,
  reservationAt,
  scheduled,
  seriesCancelled,
  seriesScheduled,
  sessionAt,
} from '../../support/coach-samples.js';

/** An hour of Chris with Carol that a reservation keeps, for the session or hold of 09:00 if nothing else is said. */
const reserved = (time: string, sessionId = sessionAt('09:00')) => ({
  reservationId: reservationAt(time),
  clientHashId: 'chris',
  coachHashId: 'carol',
  sessionId,
  start: at(time),
  duration: 60,
});
const ofOccurrence = (number: number) => {
  const { sessionId, reservationId, start } = occurrence(number);
  return { ...reserved('09:00', sessionId), reservationId, start };
};
const off = { reservationId: undefined } as const;

const ALL: Readonly<Record<string, CoachEvent>> = {
  scheduled: scheduled('09:00'),
  rescheduled: rescheduled('12:00'),
  cancelled: cancelled(),
  completed: completed(),
  'marked a no-show': markedNoShow(),
  corrected: corrected('no_show', 'coach'),
  held: held('09:00'),
  confirmed: confirmed('09:00'),
  released: released('09:00'),
  expired: expired('09:00', MIDNIGHT),
  abandoned: abandoned('09:00'),
  'a series scheduled': seriesScheduled(),
  'a series cancelled': seriesCancelled(),
};
const others = (...names: string[]) => Object.entries(ALL).filter(([name]) => !names.includes(name));

describe('the time that is wanted', () => {
  test.each<[string, CoachEvent, object]>([
    ['for a session', scheduled('09:00'), { ...reserved('09:00'), holdExpiresAt: undefined }],
    ['for a move: where it goes', rescheduled('12:00'), { ...reserved('12:00'), holdExpiresAt: undefined }],
    ['for a hold, until it expires', held('09:00'), { ...reserved('09:00'), holdExpiresAt: at('00:10') }],
  ])('%s', (_, event, wanted) => {
    expect(wantedTime({ type: 'ScheduleSession' }, [event])).toEqual([wanted]);
  });

  test('for each session of a series, in order', () => {
    const events = [seriesScheduled(), occurrenceScheduled(1), occurrenceScheduled(2)];
    const wanted = [1, 2].map((number) => ({ ...ofOccurrence(number), holdExpiresAt: undefined }));
    expect(wantedTime({ type: 'ScheduleSeries' }, events)).toEqual(wanted);
  });

  test('is none for a confirmed hold, which has it', () => {
    expect(wantedTime({ type: 'ConfirmHold' }, [confirmed('09:00'), scheduled('09:00')])).toEqual([]);
  });

  test.each(others('scheduled', 'rescheduled', 'held'))('is none for %s', (_, event) => {
    expect(wantedTime({ type: 'ScheduleSession' }, [event])).toEqual([]);
  });

  test('is none without the rule for clients', () => {
    const events = [scheduled('09:00', 60, off), rescheduled('12:00', off), held('09:00', off)];
    expect(wantedTime({ type: 'ScheduleSession' }, events)).toEqual([]);
  });
});

describe('the time that is freed', () => {
  test.each<[string, CoachEvent, object]>([
    ['by a move: where it was', rescheduled('12:00'), reserved('09:00')],
    [
      'by a move that also changed how long it lasts',
      rescheduled('12:00', { duration: 90, previousDuration: 45 }),
      { ...reserved('09:00'), duration: 45 },
    ],
    ['by a cancelled session', cancelled(), reserved('09:00')],
    ['by a released hold', released('09:00'), reserved('09:00')],
    ['by an expired hold', expired('09:00', MIDNIGHT), reserved('09:00')],
  ])('%s', (_, event, freed) => {
    expect(freedTime([event])).toEqual([freed]);
  });

  test('by each session of a series that is called off', () => {
    const events = [seriesCancelled(), occurrenceCancelled(2), occurrenceCancelled(3)];
    expect(freedTime(events)).toEqual([ofOccurrence(2), ofOccurrence(3)]);
  });

  test.each(others('rescheduled', 'cancelled', 'released', 'expired'))('is none by %s', (_, event) => {
    expect(freedTime([event])).toEqual([]);
  });

  test('is none without the rule for clients', () => {
    expect(freedTime([cancelled(off), rescheduled('12:00', { previousReservationId: undefined })])).toEqual([]);
  });
});

describe('the time that a session takes over from its hold', () => {
  test('is that of a confirmed hold', () => {
    expect(confirmedTime([confirmed('09:00'), scheduled('09:00')])).toEqual([reserved('09:00')]);
  });

  test.each(others('confirmed'))('is none by %s', (_, event) => {
    expect(confirmedTime([event])).toEqual([]);
  });

  test('is none without the rule for clients', () => {
    expect(confirmedTime([{ ...confirmed('09:00'), ...off }])).toEqual([]);
  });
});
