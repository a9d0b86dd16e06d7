import { expect, test } from 'vitest';
import { scheduleWithin } from '../../../src/application/coach/schedule.js';
import { rulesOf } from '../../../src/domain/availability/obstacles.js';
import { type CoachState, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import { type Content, NotLoaded, type SortedList } from '../../../src/domain/sorted-list.js';
import { at, hour, MIDNIGHT } from '../../support/coach-samples.js';
import { off, timeOffSynced } from '../../support/offering-samples.js';
import { zoneRules } from '../../support/zone-rules.js';

test('a schedule has all that questions need, also when the coach is taken out of memory afterwards', () => {
  const many = Array.from({ length: 1_000 }, (_, nr) => {
    const start = at('09:00') + nr * 86_400_000;
    return off('09:00', '10:00', { timeOffId: `off-${nr}`, start, end: start + 3_600_000 });
  });
  const state: CoachState = evolveCoach(initialCoach, timeOffSynced(many, []));
  const { forget, recall } = memoryOf(state.offering.timeOff);
  const see = () => scheduleWithin(state, { start: at('00:00'), end: at('23:00') }, zoneRules);

  forget();
  const { terms, calendar } = recall(see);
  forget();
  const { obstacles } = rulesOf({ terms, calendar, now: MIDNIGHT });
  expect(obstacles({ start: at('09:30'), duration: 60 })).toMatchObject([{ code: 'TIME_OFF', ...hour('09:00') }]);
});

/** Takes a list out of memory, and brings back what is missed. */
function memoryOf(list: SortedList<unknown>) {
  const contents = new Map<SortedList<unknown>, Content<unknown>>();
  const keep = (part: SortedList<unknown>): void => {
    if (!part.content) return;
    contents.set(part, part.content);
    if ('parts' in part.content) part.content.parts.forEach(keep);
  };
  keep(list);
  return {
    forget(): void {
      for (const part of contents.keys()) part.content = undefined;
    },
    recall<Result>(work: () => Result): Result {
      for (;;) {
        try {
          return work();
        } catch (error) {
          if (!(error instanceof NotLoaded)) throw error;
          for (const part of error.parts) part.content = contents.get(part);
        }
      }
    },
  };
}
