import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intervalsOf } from '../../src/domain/calendar.js';
import {
  type CoachEvent,
  decide,
  evolve,
  initialState,
  intervalOf,
  type ScheduleSession,
  type SessionScheduled,
} from '../../src/domain/coach.js';
import { given } from '../support/coach-spec.js';

const at = (time: string) => Date.parse(`2030-01-01T${time}:00Z`);

const schedule = (time: string, duration: number): ScheduleSession => ({
  type: 'ScheduleSession',
  sessionId: `session-at-${time}`,
  coachHashId: 'carol',
  clientHashId: 'chris',
  start: at(time),
  duration,
  now: at('00:00'),
});

const scheduled = (time: string, duration: number): SessionScheduled => {
  const { type: _, now, ...session } = schedule(time, duration);
  return { type: 'SessionScheduled', ...session, scheduledAt: now };
};

describe('scheduling a session', () => {
  test('a free coach is booked', () => {
    given().when(schedule('09:00', 60)).thenHappens(scheduled('09:00', 60));
  });

  test.each([
    ['right before another', '08:00', 60],
    ['right after another', '10:00', 60],
    ['as the shortest there is, right after another', '10:00', 1],
    ['as the longest there is, right after another', '10:00', 1440],
  ])('sessions may touch: %s', (_, time, duration) => {
    given(scheduled('09:00', 60)).when(schedule(time, duration)).thenHappens(scheduled(time, duration));
  });

  test.each([
    ['at the same time', '09:00', 60],
    ['a minute too early', '08:01', 60],
    ['a minute too late', '09:59', 60],
    ['inside', '09:10', 10],
    ['around', '08:00', 180],
  ])('sessions may not overlap: %s', (_, time, duration) => {
    given(scheduled('09:00', 60))
      .when(schedule(time, duration))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: { start: at('09:00'), end: at('10:00') } });
  });

  test('a refusal names the earliest session in the way', () => {
    given(scheduled('11:00', 60), scheduled('09:00', 60))
      .when(schedule('09:30', 120))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: { start: at('09:00'), end: at('10:00') } });
  });
});

const command = fc
  .record({ minute: fc.integer({ min: 0, max: 3_000 }), duration: fc.integer({ min: 1, max: 1440 }), id: fc.uuid() })
  .map(
    ({ minute, duration, id }): ScheduleSession => ({
      ...schedule('00:00', duration),
      sessionId: id,
      start: at('00:00') + minute * 60_000,
    }),
  );

/** Sends the commands one after the other to a new coach. */
function run(commands: ScheduleSession[]) {
  const log: CoachEvent[] = [];
  let state = initialState;
  for (const one of commands) {
    const decision = decide(one, state);
    if (decision.kind === 'rejected') continue;
    log.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  }
  return { log, state };
}

test('property: no two active sessions of a coach overlap, whatever is asked', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
      const taken = run(commands)
        .log.map(intervalOf)
        .toSorted((a, b) => a.start - b.start);
      for (const [index, one] of taken.entries()) {
        const next = taken[index + 1];
        if (next) expect(one.end).toBeLessThanOrEqual(next.start);
      }
    }),
  );
});

test('property: nothing is refused without a session in the way', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 50 }), command, (commands, last) => {
      const { state } = run(commands);
      const wanted = intervalOf(last);
      const inTheWay = [...intervalsOf(state.calendar)].find((one) => one.start < wanted.end && wanted.start < one.end);
      const decision = decide(last, state);
      expect(decision.kind === 'rejected' ? decision.rejection.inTheWay : undefined).toEqual(inTheWay);
    }),
  );
});

test('property: folding the events again gives the same state', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
      const { log, state } = run(commands);
      expect(log.reduce(evolve, initialState)).toEqual(state);
    }),
  );
});
