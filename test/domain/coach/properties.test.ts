import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CoachState, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { isHold } from '../../../src/domain/coach/hold.js';
import { intervalOf, overlap } from '../../../src/domain/slot.js';
import {
  cancel,
  cancelSeries,
  complete,
  confirm,
  correct,
  hold,
  markNoShow,
  occurrence,
  release,
  reschedule,
  rescheduleSeries,
  schedule,
  scheduleSeries,
  sessionAt,
} from '../../support/coach-samples.js';
import { itemsOf } from '../../support/items-of.js';
import { zoneRules } from '../../support/zone-rules.js';

/** One of a few ids, so that commands meet each other's sessions and holds. */
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const now = fc.integer({ min: 0, max: 40 }).map((minutes) => schedule('00:00').now + minutes * 60_000);
const start = fc.integer({ min: 0, max: 500 }).map((minutes) => schedule('09:00').start + minutes * 60_000);
const duration = fc.constantFrom(1, 30, 60, 1440);
const days = fc.constantFrom([1], [1, 2], [1, 2, 3]);

const command: fc.Arbitrary<CoachCommand> = fc
  .record({ one: name, now, start, duration, days, number: fc.integer({ min: 1, max: 3 }), flag: fc.boolean() })
  .chain(({ one, now, start, duration, days, number, flag }) => {
    const sessionId = sessionAt(one);
    const shift = start - schedule('09:00').start;
    const occurrences = days.map((day) => ({ ...occurrence(day, shift), sessionId: `${one}-${day}` }));
    const ofSession = { sessionId, now };
    return fc.constantFrom<CoachCommand>(
      schedule('09:00', duration, { sessionId: `new-${one}-${start}-${now}`, start, now }),
      reschedule('09:00', { ...ofSession, start, duration: flag ? duration : undefined }),
      cancel(ofSession),
      complete({ ...ofSession, now: start }),
      markNoShow({ ...ofSession, now: start }),
      correct(flag ? 'completed' : 'no_show', flag ? undefined : 'coach', ofSession),
      hold(one, { start, duration, now, expiresAt: now + 600_000 }),
      confirm(one, now),
      release(one, now),
      scheduleSeries({ seriesId: one, duration, occurrences, skipConflicts: flag, now }),
      rescheduleSeries(0, { seriesId: one, fromOccurrence: number, occurrences, now }),
      cancelSeries({ seriesId: one, fromOccurrence: number, now }),
    );
  });

/** Sends the commands to a new coach, one after the other. An id is given once, as the service does. */
function run(commands: readonly CoachCommand[]): { log: readonly CoachEvent[]; states: readonly CoachState[] } {
  const log: CoachEvent[] = [];
  const states = [initialCoach];
  const given = new Set<string>();
  for (const one of commands) {
    const id = newIdOf(one);
    if (id && given.has(id)) continue;
    const state = states.at(-1) as CoachState;
    const decision = decideCoach(one, state, zoneRules);
    if (decision.kind === 'rejected') continue;
    if (id) given.add(id);
    log.push(...decision.events);
    states.push(decision.events.reduce(evolveCoach, state));
  }
  return { log, states };
}

function newIdOf(command: CoachCommand): string | undefined {
  switch (command.type) {
    case 'ScheduleSession':
      return command.sessionId;
    case 'HoldSlot':
      return command.holdId;
    case 'ScheduleSeries':
      return command.seriesId;
    default:
      return undefined;
  }
}

const commands = fc.array(command, { maxLength: 40, size: 'max' });

test('whatever is asked, no two sessions or open holds of a coach overlap', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      const taken = itemsOf(run(asked).states.at(-1)!.calendar);
      for (const [index, one] of taken.entries()) {
        for (const other of taken.slice(index + 1)) expect(overlap(one, other)).toBe(false);
      }
    }),
  );
});

test('the calendar has the sessions that take time and the holds that are open, and nothing else', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      const { sessions, holds, calendar } = run(asked).states.at(-1)!;
      const taken = [
        ...itemsOf(sessions).filter(({ state }) => state !== 'cancelled'),
        ...itemsOf(holds).filter(({ state }) => state === 'open'),
      ];
      const byStart = (one: { start: number }, other: { start: number }) => one.start - other.start;
      expect(itemsOf(calendar)).toEqual(taken.toSorted(byStart));
    }),
  );
});

test('a slot is refused exactly when something that takes it is in the way, and the earliest is named', () => {
  fc.assert(
    fc.property(commands, start, duration, now, (asked, start, duration, now) => {
      const state = run(asked).states.at(-1)!;
      const wanted = schedule('09:00', duration, { sessionId: 'wanted', start, now });
      const inTheWay = itemsOf(state.calendar).find(
        (one) => overlap(one, wanted) && (!isHold(one) || now < one.expiresAt),
      );
      const decision = decideCoach(wanted, state, zoneRules);
      if (inTheWay) {
        const reason = isHold(inTheWay) ? 'SLOT_HELD' : 'COACH_OVERLAP';
        expect(decision).toEqual({ kind: 'rejected', rejection: { reason, inTheWay: intervalOf(inTheWay) } });
      } else {
        expect(decision.kind).toBe('accepted');
      }
    }),
  );
});

test('deciding leaves the state as it is', () => {
  fc.assert(
    fc.property(commands, command, (asked, last) => {
      const state = run(asked).states.at(-1)!;
      const before = structuredClone(state);
      decideCoach(last, state, zoneRules);
      expect(state).toEqual(before);
    }),
  );
});

test('folding the events again gives the same state, with a revision for each', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      const { log, states } = run(asked);
      expect(log.reduce(evolveCoach, initialCoach)).toEqual(states.at(-1));
      expect(states.at(-1)!.revision).toBe(log.length - 1);
    }),
  );
});

test('the times in the history of a session do not go back', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      const last = new Map<string, number>();
      for (const state of run(asked).states) {
        for (const { id, updatedAt } of itemsOf(state.sessions)) {
          expect(updatedAt).toBeGreaterThanOrEqual(last.get(id) ?? 0);
          last.set(id, updatedAt);
        }
      }
    }),
  );
});
