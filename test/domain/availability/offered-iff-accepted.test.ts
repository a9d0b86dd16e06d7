import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Availability, brokenAvailability, WEEKDAYS } from '../../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import { freeStarts } from '../../../src/domain/availability/find-slots.js';
import { rulesOf } from '../../../src/domain/availability/obstacles.js';
import { merged, termsOf } from '../../../src/domain/availability/terms.js';
import type { TimeOff } from '../../../src/domain/availability/time-off.js';
import { removeEntry } from '../../../src/domain/calendar.js';
import { type CoachState, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { Decision } from '../../../src/domain/coach/decision.js';
import { isHold } from '../../../src/domain/coach/hold.js';
import { cancel, hold, reschedule, schedule } from '../../support/coach-samples.js';
import { itemsOf } from '../../support/items-of.js';
import { zoneRules } from '../../support/zone-rules.js';
import { type NaiveClock, naiveClock } from './naive-clock.js';
import { naiveRules } from './naive-rules.js';

/*
 * A start is offered exactly when booking it is accepted, and exactly when nothing is said to be in its way: for any
 * history, policy, zone and moment, on days on which clocks change. All three are held against rules that look at every
 * minute, and at clocks by data of another origin.
 */

const MINUTE = 60_000;
const DAY = 1440;

/** Days on which the clocks of a zone change, or did. */
const PLACES = [
  ['Europe/Zurich', '2030-03-31'],
  ['Europe/Zurich', '2030-10-27'],
  ['America/New_York', '2030-03-10'],
  ['America/New_York', '2030-11-03'],
  // Before 1970 instants are negative.
  ['America/New_York', '1965-10-31'],
  // By half an hour.
  ['Australia/Lord_Howe', '2030-04-07'],
  ['Australia/Lord_Howe', '2030-10-06'],
  ['Africa/Casablanca', '2025-02-23'],
  ['Africa/Casablanca', '2025-04-06'],
  // Over midnight.
  ['America/Nuuk', '2030-03-31'],
  ['America/Nuuk', '2030-10-27'],
  // A minute after midnight, back into the day before.
  ['America/St_Johns', '1995-10-29'],
  ['America/St_Johns', '1995-04-02'],
  // By a quarter of an hour.
  ['Asia/Kathmandu', '1986-01-01'],
  ['Asia/Kathmandu', '2030-01-01'],
  // There was no 30 December.
  ['Pacific/Apia', '2011-12-30'],
  // Friday came twice.
  ['Pacific/Kwajalein', '1969-09-30'],
  ['UTC', '2030-01-01'],
] as const;

/** In minutes since 1970. */
interface Place {
  readonly zone: string;
  readonly noon: number;
}

const place = fc.constantFrom(...PLACES).map(([zone, date]): Place => {
  return { zone, noon: Date.parse(`${date}T12:00:00Z`) / MINUTE };
});

/** Minutes after noon of the place, or before. */
const near = (days: number) => fc.integer({ min: -days * DAY, max: days * DAY });

const beginning = fc.constantFrom(
  '00:00',
  '00:01',
  '00:30',
  '01:30',
  '02:00',
  '02:15',
  '03:00',
  '09:00',
  '22:00',
  '23:30',
);
const ending = fc.constantFrom(
  '24:00',
  '00:00',
  '00:01',
  '00:30',
  '02:00',
  '02:30',
  '03:00',
  '12:00',
  '17:10',
  '23:30',
);
const hours = fc.record({ from: beginning, to: ending });
const days = fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 1 }));

function availabilityAt({ zone, noon }: Place): fc.Arbitrary<Availability> {
  const date = fc.integer({ min: -3, max: 3 }).map((days) => dateOf(noon + days * DAY));
  return fc
    .record({
      timeZone: fc.constantFrom(zone, zone, zone, 'UTC'),
      weekly: fc.array(fc.record({ days, from: beginning, to: ending }), { maxLength: 3 }),
      dates: fc.array(fc.record({ date, hours: fc.array(hours, { maxLength: 2 }) }), { maxLength: 2 }),
    })
    .filter((one) => brokenAvailability('', one, zoneRules).length === 0);
}

const orNot = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const policyAt = ({ zone }: Place): fc.Arbitrary<BookingPolicy> =>
  fc.record({
    gapBefore: orNot(fc.constantFrom(0, 15, 40)),
    gapAfter: orNot(fc.constantFrom(0, 10, 90)),
    notice: orNot(fc.constantFrom(0, 45, 600)),
    horizonDays: orNot(fc.constantFrom(0, 1, 2)),
    grid: orNot(fc.constantFrom(5, 7, 20, 30, 45, 60, 1440)),
    durations: fc.constantFrom([], [], [30], [30, 60]),
    maxPerDay: orNot(fc.nat(2)),
    maxPerWeek: orNot(fc.nat(3)),
    allowOutsideHours: fc.boolean(),
    timeZone: orNot(fc.constant(zone)),
  });

function timeOffAt({ noon }: Place): fc.Arbitrary<TimeOff> {
  const when = fc.oneof(
    fc.record({ start: near(3), long: fc.constantFrom(10, 60, 600) }).map(({ start, long }) => {
      return { start: (noon + start) * MINUTE, end: (noon + start + long) * MINUTE, ...NO_DATES };
    }),
    fc.record({ day: fc.integer({ min: -3, max: 3 }), days: fc.nat(1) }).map(({ day, days }) => {
      const [firstDate, lastDate] = [dateOf(noon + day * DAY), dateOf(noon + (day + days) * DAY)];
      return { ...NO_TIMES, firstDate, lastDate };
    }),
  );
  return when.map((one) => ({ ...one, timeOffId: `off-${JSON.stringify(one)}`, ...UNNAMED }));
}

const NO_DATES = { firstDate: undefined, lastDate: undefined } as const;
const NO_TIMES = { start: undefined, end: undefined } as const;
const UNNAMED = { reason: undefined, source: undefined, externalId: undefined } as const;

const dateOf = (minute: number) => new Date(minute * MINUTE).toISOString().slice(0, 10);

const duration = fc.constantFrom(1, 30, 30, 45, 60, 60, 90, 1440);

/** What happened before: the commands are decided in this order, at the moment at which a time is asked for. */
function historyAt({ noon }: Place) {
  const taking = fc.record({
    as: fc.constantFrom('session', 'session', 'cancelled', 'held', 'held until now', 'was held'),
    start: near(3),
    duration,
  });
  return fc.array(taking, { maxLength: 6 }).map(
    (all) =>
      (now: number): CoachCommand[] =>
        all.flatMap(({ as, start: minutes, duration }, nr): CoachCommand[] => {
          const slot = { start: (noon + minutes) * MINUTE, duration, now: now - 10 * MINUTE, ignorePolicy: true };
          const booked = schedule('09:00', duration, { sessionId: `session-${nr}`, ...slot });
          if (as === 'session') return [booked];
          if (as === 'cancelled') return [booked, cancel({ sessionId: booked.sessionId })];
          const expiresAt = now + { held: 1, 'held until now': 0, 'was held': -1 }[as];
          return [hold('09:00', { holdId: `hold-${nr}`, ...slot, expiresAt })];
        }),
  );
}

const scenario = place.chain((where) =>
  fc.record({
    where: fc.constant(where),
    availability: orNot(availabilityAt(where)),
    policy: orNot(policyAt(where)),
    timeOff: fc.array(timeOffAt(where), { maxLength: 2 }),
    history: historyAt(where),
    clientBusy: fc.array(fc.record({ start: near(2), long: fc.constantFrom(20, 60) }), { maxLength: 2 }),
    // Clocks do not tick on the minute.
    now: fc.record({ minutes: near(3), ms: fc.constantFrom(0, 1, 30_500) }),
    from: fc.record({ minutes: near(2), ms: fc.constantFrom(0, 0, 1) }),
    long: fc.oneof(fc.nat(1440), fc.constantFrom(2 * 1440, 3 * 1440)),
    duration,
    /** Which of the sessions is to be moved; none: a new one is wanted. */
    moved: orNot(fc.nat(5)),
  }),
);

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

const clocks = new Map<string, NaiveClock>();

function clockAt(zone: string, noon: number): NaiveClock {
  const key = `${zone} ${noon}`;
  const clock = clocks.get(key) ?? naiveClock(zone, (noon - 14 * DAY) * MINUTE, (noon + 14 * DAY) * MINUTE);
  clocks.set(key, clock);
  return clock;
}

function after(state: CoachState, command: CoachCommand): CoachState {
  const decision = decideCoach(command, state, zoneRules);
  return decision.kind === 'accepted' ? decision.events.reduce(evolveCoach, state) : state;
}

/** The coach of a scenario, and the naive rules for it. */
function coachOf(given: Scenario) {
  const { where, availability, policy, timeOff } = given;
  const now = (where.noon + given.now.minutes) * MINUTE + given.now.ms;
  const forCoach = { coachHashId: 'carol', now, etag: undefined };
  const commands: CoachCommand[] = [
    ...given.history(now),
    ...(availability ? [{ type: 'SetAvailability' as const, ...forCoach, availability }] : []),
    ...(policy ? [{ type: 'SetBookingPolicy' as const, ...forCoach, policy }] : []),
    ...timeOff.map((one) => ({ type: 'AddTimeOff' as const, ...forCoach, timeOff: one })),
  ];
  const state = commands.reduce(after, initialCoach);
  const sessions = itemsOf(state.calendar).filter((entry) => !isHold(entry));
  const moved = given.moved === undefined ? undefined : sessions[given.moved % sessions.length];
  const calendar = moved ? removeEntry(state.calendar, moved) : state.calendar;
  const busy = given.clientBusy.map(({ start, long }) => {
    return { start: (where.noon + start) * MINUTE, end: (where.noon + start + long) * MINUTE };
  });
  const terms = termsOf(state.offering, zoneRules);
  const naive = naiveRules({
    clock: clockAt(availability?.timeZone ?? policy?.timeZone ?? 'UTC', where.noon),
    availability,
    policy,
    timeOff,
    taken: itemsOf(calendar)
      .filter((entry) => !isHold(entry) || entry.expiresAt > now)
      .map((entry) => {
        const from = entry.start / MINUTE;
        return { from, to: from + entry.duration, isHold: isHold(entry) };
      }),
    clientBusy: busy.map(({ start, end }) => ({ from: start / MINUTE, to: end / MINUTE })),
    now: now / MINUTE,
  });
  return { state, moved, terms, rules: rulesOf({ terms, calendar, now, clientBusy: merged(busy) }), naive, now };
}

function decisionsFor(start: number, duration: number, { state, moved, now }: ReturnType<typeof coachOf>): Decision[] {
  const slot = { start, duration, now };
  const commands = moved
    ? [reschedule('09:00', { sessionId: moved.id, ...slot })]
    : [schedule('09:00', duration, { sessionId: 'new', ...slot }), hold('09:00', { ...slot, expiresAt: now + MINUTE })];
  return commands.map((command) => decideCoach(command, state, zoneRules));
}

/** The codes by which a command is refused; none when it is accepted. */
function codesOf(decision: Decision): readonly string[] {
  if (decision.kind === 'accepted') return [];
  const { rejection } = decision;
  return rejection.reason === 'AGAINST_POLICY' ? rejection.obstacles.map(({ code }) => code) : [rejection.reason];
}

const unique = (codes: readonly string[]) => [...new Set(codes)];

describe.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])('where the zone of the process is %s', (zone) => {
  const before = process.env['TZ'];

  beforeAll(() => {
    process.env['TZ'] = zone;
    expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toMatch(zone.replace('Kathmandu', 'Kat'));
  });

  afterAll(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test('property: a start is offered exactly when it can be booked', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { terms, rules, naive } = coachOf(given);
        const { where, duration } = given;
        const from = (where.noon + given.from.minutes) * MINUTE + given.from.ms;
        const to = from + given.long * MINUTE;
        const offered = [...freeStarts(terms, rules, { from, to, duration })].filter((one) => one !== undefined);
        const expected = minutesFrom(from, to - duration * MINUTE).filter(
          (minute) => naive.isOnGrid(minute) && naive.codes(minute, duration).length === 0,
        );
        expectSame(
          offered,
          expected.map((minute) => minute * MINUTE),
        );
      }),
      { numRuns: 160 },
    );
  });

  test('property: what is in the way of a start is told, and refuses it: to be booked, held, or moved to', () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 1, max: 9 }), (given, step) => {
        const coach = coachOf(given);
        const { where, duration } = given;
        const from = where.noon + given.from.minutes;
        for (let minute = from; minute < from + 1440; minute += step * (coach.naive.isOnGrid(minute) ? 1 : 7)) {
          const expected = coach.naive.codes(minute, duration);
          const start = minute * MINUTE;
          const told = coach.rules.obstacles({ start, duration });
          expect([textOf(start), unique(told.map(({ code }) => code))]).toEqual([textOf(start), expected]);
          expect(coach.rules.firstObstacle({ start, duration }) === undefined).toBe(expected.length === 0);

          // A coach does not know of the client's time, and names one session or hold in the way.
          const ofCoach = expected.filter((code) => code !== 'CLIENT_OVERLAP');
          const overlaps = ofCoach.filter((code) => code === 'COACH_OVERLAP' || code === 'SLOT_HELD');
          for (const codes of decisionsFor(start, duration, coach).map(codesOf)) {
            if (overlaps.length > 0) expect(overlaps).toContain(codes.join());
            else expect(unique(codes)).toEqual(ofCoach);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Names the first starts that only one of the two has. */
function expectSame(offered: readonly number[], expected: readonly number[]): void {
  const [isOffered, isExpected] = [new Set(offered), new Set(expected)];
  const wrong = offered.filter((start) => !isExpected.has(start));
  const missing = expected.filter((start) => !isOffered.has(start));
  const some = (starts: readonly number[]) => starts.slice(0, 5).map(textOf);
  expect({ wrong: some(wrong), missing: some(missing) }).toEqual({ wrong: [], missing: [] });
  expect(offered).toEqual(expected);
}

/** The minutes from an instant to another, inclusive, both in epoch milliseconds. */
function minutesFrom(from: number, to: number): number[] {
  const first = Math.ceil(from / MINUTE);
  return Array.from({ length: Math.max(Math.floor(to / MINUTE) - first + 1, 0) }, (_, index) => first + index);
}

function textOf(ms: number): string {
  return new Date(ms).toISOString();
}
