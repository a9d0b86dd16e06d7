import { describe, expect, test } from 'vitest';
import { type Obstacle, type ObstacleCode, rulesOf } from '../../../src/domain/availability/obstacles.js';
import { termsOf } from '../../../src/domain/availability/terms.js';
import { evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import type { Interval } from '../../../src/domain/slot.js';
import { at, cancelled, held, hour, MIDNIGHT, scheduled } from '../../support/coach-samples.js';
import { availabilitySet, datesOff, everyDay, off, policySet, timeOffAdded } from '../../support/offering-samples.js';
import { zoneRules } from '../../support/zone-rules.js';

/*
 * The rules, one by one, at their limits. Which of them refuse commands: commands.test.ts. That they agree with the
 * search, on days on which clocks change: offered-iff-accepted.test.ts.
 */

interface Asked {
  readonly start: number;
  readonly duration?: number;
  readonly now?: number;
  readonly clientBusy?: readonly Interval[];
}

/** What is in the way of an hour. */
function obstacles(history: readonly CoachEvent[], { start, duration = 60, now = MIDNIGHT, ...other }: Asked) {
  const { offering, calendar } = history.reduce(evolveCoach, initialCoach);
  return rulesOf({ terms: termsOf(offering, zoneRules), calendar, now, ...other }).obstacles({ start, duration });
}

const codes = (history: readonly CoachEvent[], asked: Asked) => obstacles(history, asked).map(({ code }) => code);

/** Without what only the search looks at. */
const told = (history: readonly CoachEvent[], asked: Asked) =>
  obstacles(history, asked).map(({ until: _, ...others }: Obstacle) => others);

const DAY = 86_400_000;

describe('each rule, at its limits:', () => {
  test.each<[ObstacleCode, string, CoachEvent[], Asked, Asked]>([
    ['COACH_OVERLAP', 'a session in the way', [scheduled('09:00')], { start: at('08:00') }, { start: at('08:01') }],
    ['COACH_OVERLAP', 'a session before', [scheduled('09:00')], { start: at('10:00') }, { start: at('09:59') }],
    [
      'SLOT_HELD',
      'a hold, until it expires',
      [held('09:00')],
      { start: at('09:00'), now: at('00:10') },
      { start: at('09:00'), now: at('00:10') - 1 },
    ],
    [
      'CLIENT_OVERLAP',
      "the client's own session",
      [],
      { start: at('10:00'), clientBusy: [hour('09:00')] },
      { start: at('09:59'), clientBusy: [hour('09:00')] },
    ],
    [
      'OUTSIDE_HOURS',
      'before the hours',
      [availabilitySet(everyDay('09:00-17:00')), policySet({ grid: 1 })],
      { start: at('09:00') },
      { start: at('08:59') },
    ],
    [
      'OUTSIDE_HOURS',
      'after the hours',
      [availabilitySet(everyDay('09:00-17:00')), policySet({ grid: 1 })],
      { start: at('16:00') },
      { start: at('16:01') },
    ],
    [
      'OUTSIDE_HOURS',
      'over a break',
      [availabilitySet(everyDay(['09:00-12:00', '12:01-17:00']))],
      { start: at('11:00') },
      { start: at('11:15') },
    ],
    [
      'TIME_OFF',
      'before time off',
      [timeOffAdded(off('09:00', '10:00'))],
      { start: at('08:00') },
      { start: at('08:01') },
    ],
    [
      'TIME_OFF',
      'after time off',
      [timeOffAdded(off('09:00', '10:00'))],
      { start: at('10:00') },
      { start: at('09:59') },
    ],
    [
      'TIME_OFF',
      'whole dates, from midnight',
      [timeOffAdded(datesOff('2030-01-02'))],
      { start: at('23:00') },
      { start: at('23:01') },
    ],
    [
      'TIME_OFF',
      'whole dates, to midnight',
      [timeOffAdded(datesOff('2029-12-30', '2029-12-31'))],
      { start: at('00:00') },
      { start: at('00:00') - 1 },
    ],
    [
      'GAP',
      'before a session',
      [policySet({ gapBefore: 15 }), scheduled('09:00')],
      { start: at('07:45') },
      { start: at('07:46') },
    ],
    [
      'GAP',
      'after a session',
      [policySet({ gapBefore: 15 }), scheduled('09:00')],
      { start: at('10:15') },
      { start: at('10:14') },
    ],
    [
      'GAP',
      'the longer of the two counts, on either side',
      [policySet({ gapBefore: 5, gapAfter: 20 }), scheduled('09:00')],
      { start: at('07:40') },
      { start: at('07:41') },
    ],
    [
      'GAP',
      'after a hold that is open',
      [policySet({ gapAfter: 15 }), held('09:00')],
      { start: at('10:00'), now: at('00:10') },
      { start: at('10:00') },
    ],
    [
      'NOTICE',
      'exactly so far ahead is enough',
      [policySet({ notice: 120 })],
      { start: at('02:00') },
      { start: at('02:00') - 1 },
    ],
    ['NOTICE', 'of 0 is from now on', [policySet({ notice: 0 })], { start: at('00:00') }, { start: at('00:00') - 1 }],
    ['HORIZON', 'of 0 is today', [policySet({ horizonDays: 0 })], { start: at('23:59') }, { start: at('00:00') + DAY }],
    [
      'HORIZON',
      'is inclusive, and days are whole',
      [policySet({ horizonDays: 2 })],
      { start: at('23:59') + 2 * DAY, now: at('23:00') },
      { start: at('00:00') + 3 * DAY, now: at('23:00') },
    ],
    [
      'HORIZON',
      "counts days of the coach's zone",
      [policySet({ horizonDays: 0, timeZone: 'America/New_York' })],
      { start: at('04:59') },
      { start: at('05:00') },
    ],
    [
      'GRID',
      'of 15 minutes, if nothing else is said',
      [availabilitySet(everyDay('09:00-17:00'))],
      { start: at('09:15') },
      { start: at('09:14') },
    ],
    [
      'GRID',
      'of the policy',
      [availabilitySet(everyDay('09:10-17:00')), policySet({ grid: 40 })],
      { start: at('09:50') },
      { start: at('10:00') },
    ],
    [
      'DURATION',
      'one of those given',
      [policySet({ durations: [30, 60] })],
      { start: at('09:00') },
      { start: at('09:00'), duration: 45 },
    ],
    [
      'DAY_FULL',
      'that day alone',
      [policySet({ maxPerDay: 1 }), scheduled('09:00')],
      { start: at('00:00') + DAY },
      { start: at('23:59') },
    ],
    // The first of January is a Tuesday.
    [
      'WEEK_FULL',
      'weeks begin on Monday',
      [policySet({ maxPerWeek: 1 }), scheduled('09:00')],
      { start: at('00:00') - DAY - 1 },
      { start: at('00:00') - DAY },
    ],
    [
      'WEEK_FULL',
      'and end with Sunday',
      [policySet({ maxPerWeek: 1 }), scheduled('09:00')],
      { start: at('00:00') + 6 * DAY },
      { start: at('00:00') + 6 * DAY - 1 },
    ],
  ])('%s: %s', (code, _, history, fine, wrong) => {
    expect(codes(history, fine)).toEqual([]);
    expect(codes(history, wrong)).toEqual([code]);
  });
});

test.each<[string, CoachEvent[], ObstacleCode[]]>([
  ['no weekly hours is closed', [availabilitySet(everyDay([]))], ['OUTSIDE_HOURS']],
  ['no session a day is closed', [policySet({ maxPerDay: 0 })], ['DAY_FULL']],
  ['no session a week is closed', [policySet({ maxPerWeek: 0 })], ['WEEK_FULL']],
  ['a policy that limits nothing lets the past be booked', [policySet({})], []],
  [
    'the policy may allow times outside the hours',
    [availabilitySet(everyDay([])), policySet({ allowOutsideHours: true })],
    [],
  ],
  [
    'then the grid holds within the hours only',
    [availabilitySet(everyDay('09:50-12:00')), policySet({ allowOutsideHours: true, grid: 60 })],
    [],
  ],
  [
    'time off needs no gap, before or after',
    [policySet({ gapBefore: 60 }), timeOffAdded(off('08:00', '09:00')), timeOffAdded(off('10:00', '11:00'))],
    [],
  ],
  ['the ends of hours need no gap', [policySet({ gapBefore: 60 }), availabilitySet(everyDay('09:00-10:00'))], []],
  [
    'a session that was cancelled takes no time',
    [policySet({ gapBefore: 60, maxPerDay: 1 }), scheduled('09:00'), cancelled()],
    [],
  ],
  [
    'a hold that has expired counts for nothing',
    [policySet({ gapBefore: 60, maxPerDay: 1 }), held('10:00', { expiresAt: MIDNIGHT })],
    [],
  ],
  ['a hold that is open counts', [policySet({ maxPerDay: 1 }), held('12:00')], ['DAY_FULL']],
  [
    'a session that begins the day before does not count',
    [policySet({ maxPerDay: 1 }), scheduled('09:00', 120, { start: at('00:00') - 60_000 })],
    [],
  ],
])('%s', (_, history, expected) => {
  expect(codes(history, { start: at('09:00') })).toEqual(expected);
});

describe('days and weeks are those', () => {
  const NEW_YORK = 'America/New_York';
  // 01:00 UTC is the evening before in New York.
  const evening = scheduled('01:00', 30);

  test.each<[string, CoachEvent[], boolean]>([
    ['of UTC when nothing else is said', [policySet({ maxPerDay: 1 })], true],
    ['of the zone of the policy', [policySet({ maxPerDay: 1, timeZone: NEW_YORK })], false],
    [
      "of the zone of the hours, whatever the policy's is",
      [availabilitySet(everyDay('00:00-24:00', { timeZone: NEW_YORK })), policySet({ maxPerDay: 1, timeZone: 'UTC' })],
      false,
    ],
  ])('%s', (_, history, isFull) => {
    expect(codes([...history, evening], { start: at('09:00') })).toEqual(isFull ? ['DAY_FULL'] : []);
  });

  test('whole dates off follow a change of the zone', () => {
    const leave = timeOffAdded(datesOff('2030-01-01'));
    const inNewYork = availabilitySet(everyDay('00:00-24:00', { timeZone: NEW_YORK }));
    const evening = { start: at('02:00') + DAY };
    expect(codes([leave], evening)).toEqual([]);
    expect(codes([leave, inNewYork], evening)).toEqual(['TIME_OFF']);
  });
});

describe('what is in the way is told', () => {
  test('all of it at once, sessions first, then holds, then the rules', () => {
    const history = [
      availabilitySet(everyDay('10:00-11:00')),
      policySet({
        gapBefore: 30,
        notice: 1440,
        horizonDays: 0,
        durations: [30],
        maxPerDay: 1,
        maxPerWeek: 1,
      }),
      held('09:00'),
      scheduled('09:00', 10, { sessionId: 'late', start: at('10:05') }),
      scheduled('09:00', 10, { sessionId: 'near', start: at('10:20') }),
      timeOffAdded(off('09:30', '09:40')),
    ];
    const asked = { start: at('09:20'), clientBusy: [hour('09:00')] };
    expect(codes(history, asked)).toEqual([
      'COACH_OVERLAP',
      'SLOT_HELD',
      'CLIENT_OVERLAP',
      'OUTSIDE_HOURS',
      'TIME_OFF',
      'GAP',
      'NOTICE',
      'DURATION',
      'DAY_FULL',
      'WEEK_FULL',
    ]);
  });

  test('every session, hold and time off that is in the way', () => {
    const history = [
      scheduled('09:00', 10),
      scheduled('09:20', 10),
      timeOffAdded(off('09:00', '09:10')),
      timeOffAdded(off('09:20', '09:30')),
    ];
    expect(codes(history, { start: at('09:00') })).toEqual(['COACH_OVERLAP', 'COACH_OVERLAP', 'TIME_OFF', 'TIME_OFF']);
  });

  test.each<[string, CoachEvent[], Asked, object]>([
    ['the session', [scheduled('09:00')], { start: at('09:30') }, { code: 'COACH_OVERLAP', ...hour('09:00') }],
    ['the hold', [held('09:00')], { start: at('09:30') }, { code: 'SLOT_HELD', ...hour('09:00') }],
    [
      "the client's time",
      [],
      { start: at('09:30'), clientBusy: [hour('09:00')] },
      { code: 'CLIENT_OVERLAP', ...hour('09:00') },
    ],
    [
      'the hours of the day',
      [availabilitySet(everyDay(['09:00-10:00', '12:00-13:00']))],
      { start: at('11:00') },
      { code: 'OUTSIDE_HOURS', ...hour('11:00'), hours: [hour('09:00'), hour('12:00')] },
    ],
    [
      'that there are no hours',
      [availabilitySet(everyDay([]))],
      { start: at('11:00') },
      { code: 'OUTSIDE_HOURS', ...hour('11:00'), hours: [] },
    ],
    [
      'the time off',
      [timeOffAdded(off('09:00', '10:00'))],
      { start: at('09:30') },
      { code: 'TIME_OFF', ...hour('09:00') },
    ],
    [
      'time off that touches, as one',
      [timeOffAdded(off('09:00', '09:30')), timeOffAdded(off('09:30', '10:00'))],
      { start: at('09:45') },
      { code: 'TIME_OFF', ...hour('09:00') },
    ],
    [
      'the session that is too near, and the gap',
      [policySet({ gapAfter: 15 }), scheduled('09:00')],
      { start: at('10:05') },
      { code: 'GAP', ...hour('09:00'), limit: 15 },
    ],
    [
      'from when on there is notice enough',
      [policySet({ notice: 120 })],
      { start: at('01:00') },
      { code: 'NOTICE', start: undefined, end: at('02:00'), limit: 120 },
    ],
    [
      'the first day beyond the horizon',
      [policySet({ horizonDays: 1 })],
      { start: at('09:00') + 5 * DAY },
      { code: 'HORIZON', start: at('00:00') + 2 * DAY, end: undefined, limit: 1 },
    ],
    [
      'the grid',
      [availabilitySet(everyDay('09:00-17:00'))],
      { start: at('09:01') },
      { code: 'GRID', start: at('09:01'), end: at('10:01'), limit: 15 },
    ],
    [
      'the durations',
      [policySet({ durations: [30, 45] })],
      { start: at('09:00') },
      { code: 'DURATION', ...hour('09:00'), durations: [30, 45] },
    ],
    [
      'the day',
      [policySet({ maxPerDay: 0 })],
      { start: at('09:00') },
      { code: 'DAY_FULL', start: at('00:00'), end: at('00:00') + DAY, limit: 0 },
    ],
    [
      'the week',
      [policySet({ maxPerWeek: 0 })],
      { start: at('09:00') },
      { code: 'WEEK_FULL', start: at('00:00') - DAY, end: at('00:00') + 6 * DAY, limit: 0 },
    ],
  ])('with its times: %s', (_, history, asked, expected) => {
    expect(told(history, asked)).toEqual([expected]);
  });
});
