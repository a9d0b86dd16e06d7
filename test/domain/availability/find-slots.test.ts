import { describe, expect, test } from 'vitest';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import { freeStarts, type Search } from '../../../src/domain/availability/find-slots.js';
import { type Question, rulesOf } from '../../../src/domain/availability/obstacles.js';
import { termsOf } from '../../../src/domain/availability/terms.js';
import { evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { LAST_TIME } from '../../../src/domain/slot.js';
import { at, scheduled } from '../../support/coach-samples.js';
import { availabilitySet, datesOff, everyDay, off, policySet, timeOffAdded } from '../../support/offering-samples.js';
import { zoneRules } from '../../support/zone-rules.js';

/** Looks for sessions of an hour on the first of January, unless something else is given. */
function search(history: readonly CoachEvent[], given: Partial<Search & Question> = {}) {
  const { from = at('00:00'), to = at('23:59') + 60_000, duration = 60, now = at('00:00'), ...other } = given;
  const { offering, calendar } = history.reduce(evolveCoach, initialCoach);
  const terms = termsOf(offering, zoneRules);
  return freeStarts(terms, rulesOf({ terms, calendar, now, ...other }), { from, to, duration });
}

/** The starts, as wall times of UTC. */
function starts(...args: Parameters<typeof search>): string[] {
  return [...search(...args)].flatMap((start) => (start === undefined ? [] : textOf(start)));
}

const textOf = (start: number) => new Date(start).toISOString().slice(11, 16);
const nineToEleven = availabilitySet(everyDay('09:00-11:00'));

describe('the starts that are offered', () => {
  test('are on the grid, and end within the hours', () => {
    expect(starts([nineToEleven])).toEqual(['09:00', '09:15', '09:30', '09:45', '10:00']);
  });

  test('lie wholly within what is asked for: the end may be met, the beginning is included', () => {
    expect(starts([nineToEleven], { from: at('09:15'), to: at('10:30') })).toEqual(['09:15', '09:30']);
    expect(starts([nineToEleven], { from: at('09:15') + 1, to: at('10:30') - 1 })).toEqual([]);
  });

  test('is one where exactly one fits', () => {
    expect(starts([nineToEleven], { from: at('09:00'), to: at('10:00') })).toEqual(['09:00']);
    expect(starts([], { from: at('09:00'), to: at('10:00') })).toEqual(['09:00']);
  });

  test('are none when nothing as long fits between from and to', () => {
    expect(starts([], { from: at('09:00'), to: at('09:59') })).toEqual([]);
    expect(starts([], { from: at('09:00'), to: at('09:00') })).toEqual([]);
  });

  test('begin anew with each of the hours as it was given, also where they touch', () => {
    const touching = availabilitySet(everyDay(['09:00-10:00', '10:00-11:00']));
    const grid = policySet({ grid: 45 });
    expect(starts([touching, grid], { duration: 30 })).toEqual(['09:00', '09:45', '10:00']);
    expect(starts([nineToEleven, grid], { duration: 30 })).toEqual(['09:00', '09:45', '10:30']);
  });

  test('of a coach without hours are on a grid from 00:00 UTC of each day', () => {
    const grid = policySet({ grid: 7 * 60 });
    const to = at('00:00') + 2 * 86_400_000;
    expect(starts([grid], { to })).toEqual(['00:00', '07:00', '14:00', '21:00', '00:00', '07:00', '14:00', '21:00']);
  });

  test('go on right after what is in the way, when the grid has it', () => {
    const taken = scheduled('09:15', 15);
    expect(starts([nineToEleven, taken], { duration: 30 })).toEqual(['09:30', '09:45', '10:00', '10:15', '10:30']);
    expect(starts([nineToEleven, timeOffAdded(off('09:10', '10:20'))], { duration: 30 })).toEqual(['10:30']);
  });

  test('go on after a break that is shorter than what is asked for', () => {
    const early = availabilitySet(everyDay(['09:00-10:00', '10:10-11:30']));
    expect(starts([early])).toEqual(['09:00', '10:10', '10:25']);
  });

  test('begin exactly when there is notice enough', () => {
    expect(starts([nineToEleven, policySet({ notice: 90 })], { now: at('08:00') })).toEqual([
      '09:30',
      '09:45',
      '10:00',
    ]);
  });

  test('lie before 1970, too', () => {
    const from = Date.parse('1965-03-01T00:00:00Z');
    expect(starts([], { from, to: from + 2 * 3_600_000 })).toEqual(['00:00', '00:15', '00:30', '00:45', '01:00']);
  });

  test('end with the year 9999', () => {
    const all = starts([], { from: LAST_TIME - 2 * 3_600_000, to: LAST_TIME + 3_600_000 });
    expect(all).toEqual(['22:00', '22:15', '22:30', '22:45']);
  });
});

describe("where it is Saturday once more, after Sunday's first minute,", () => {
  // In St. John's, clocks went back an hour at 00:01 on 29 October 1995, at 02:31 UTC.
  const utc = (time: string) => Date.parse(`1995-10-29T${time}Z`);
  const given = { from: utc('02:20'), to: utc('04:30'), duration: 5, now: utc('01:00') };
  const inStJohns = (policy: Partial<BookingPolicy>) => policySet({ grid: 5, timeZone: 'America/St_Johns', ...policy });
  const onSaturday = scheduled('09:00', 10, { start: Date.parse('1995-10-28T12:00Z') });
  const onSunday = scheduled('09:00', 10, { start: utc('12:00') });

  test('starts of Saturday go on, when Sunday is full', () => {
    const found = starts([inStJohns({ maxPerDay: 1 }), onSunday], given);
    expect([found.slice(0, 3), found.at(-1)]).toEqual([['02:20', '02:25', '02:35'], '03:25']);
  });

  test('starts of Sunday go on, when Saturday is full', () => {
    expect(starts([inStJohns({ maxPerDay: 1 }), onSaturday], given).slice(0, 3)).toEqual(['02:30', '03:30', '03:35']);
  });

  test('starts of Saturday go on, when Sunday is beyond the horizon', () => {
    const found = starts([inStJohns({ horizonDays: 0 })], given);
    expect([found.slice(0, 3), found.at(-1)]).toEqual([['02:20', '02:25', '02:35'], '03:25']);
  });

  test('hours of Sunday go on, once they have begun', () => {
    const weekly = [{ days: ['sunday'] as const, from: '00:00', to: '12:00' }];
    const sunday = availabilitySet({ timeZone: 'America/St_Johns', weekly, dates: [] });
    const found = starts([sunday, policySet({ grid: 5 })], given);
    expect([found.slice(0, 3), found.at(-1)]).toEqual([['02:30', '02:35', '02:40'], '04:25']);
  });

  test('hours of Friday that end late on Saturday last until then', () => {
    const weekly = [{ days: ['friday'] as const, from: '23:40', to: '23:30' }];
    const friday = availabilitySet({ timeZone: 'America/St_Johns', weekly, dates: [] });
    const minutes = { from: utc('02:28'), to: utc('02:33'), duration: 1 };
    expect(starts([friday, policySet({ grid: 1 })], minutes)).toEqual(['02:28', '02:29', '02:30', '02:31', '02:32']);
  });

  test('whole dates off last from the first moment of the first to the last of the last', () => {
    const [saturday, sunday] = ['1995-10-28', '1995-10-29'].map((date) => timeOffAdded(datesOff(date), given.now));
    expect(starts([inStJohns({}), saturday!], given)[0]).toBe('03:30');
    expect(starts([inStJohns({}), sunday!], given)).toEqual(['02:20', '02:25']);
  });

  test('a session on Saturday does not count for Sunday, though Sunday began before', () => {
    const late = scheduled('09:00', 10, { start: utc('03:00') });
    expect(starts([inStJohns({ maxPerDay: 1 }), late], given).slice(0, 3)).toEqual(['02:30', '03:30', '03:35']);
  });
});

describe('a search that finds nothing', () => {
  const YEAR = 400 * 86_400_000;

  test.each<[string, CoachEvent[]]>([
    ['of a coach who is closed', [availabilitySet({ timeZone: 'Europe/Zurich', weekly: [], dates: [] })]],
    ['of a coach whose days are full', [policySet({ maxPerDay: 0, timeZone: 'Europe/Zurich', grid: 1 })]],
    ['of a coach whose weeks are full', [policySet({ maxPerWeek: 0, timeZone: 'Europe/Zurich', grid: 1 })]],
    ['beyond the horizon', [policySet({ horizonDays: 0, timeZone: 'Europe/Zurich', grid: 1 })]],
    ['within the notice', [policySet({ notice: 525_600, grid: 1 })]],
    ['for a duration that is never booked', [policySet({ durations: [30], grid: 1 })]],
    [
      'of a coach who is on leave',
      [timeOffAdded(off('00:00', '24:00', { end: at('00:00') + YEAR })), policySet({ grid: 1 })],
    ],
  ])('%s looks at few starts', (_, history) => {
    const from = at('00:00') + 86_400_000;
    const { looked, found } = countingLooks(history, { from, to: from + 364 * 86_400_000 });
    expect(found).toEqual([]);
    expect(looked).toBeLessThan(400);
  });

  test('looks once at a slot for all that is in its way', () => {
    const minutes = Array.from({ length: 600 }, (_, index) =>
      scheduled('00:00', 1, { start: at('12:00') + index * 60_000 }),
    );
    const history = [policySet({ grid: 1 }), ...minutes];
    const { looked } = countingLooks(history, { from: at('11:59'), to: at('22:00') });
    expect(looked).toBeLessThan(20);
  });

  test('lets others have a turn now and then', () => {
    // Each hour is too short.
    const short = availabilitySet(everyDay(['09:00-09:30', '10:00-10:30', '11:00-11:30', '12:00-12:30']));
    const turns = [...search([short, policySet({ grid: 1 })], { to: at('00:00') + YEAR })];
    expect(new Set(turns)).toEqual(new Set([undefined]));
    expect(turns.length).toBeGreaterThanOrEqual(4);
  });
});

function countingLooks(history: readonly CoachEvent[], { from, to }: { from: number; to: number }) {
  const { offering, calendar } = history.reduce(evolveCoach, initialCoach);
  const terms = termsOf(offering, zoneRules);
  const rules = rulesOf({ terms, calendar, now: at('00:00') });
  let looked = 0;
  const counting: typeof rules = {
    ...rules,
    firstObstacle(slot) {
      looked += 1;
      return rules.firstObstacle(slot);
    },
  };
  const found = [...freeStarts(terms, counting, { from, to, duration: 60 })].filter((start) => start !== undefined);
  return { looked, found };
}
