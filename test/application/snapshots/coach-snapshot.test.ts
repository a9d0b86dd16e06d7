import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coachSnapshots } from '../../../src/application/snapshots/coach-snapshot.js';
import {
  type AnyList,
  createPacking,
  loadRecent,
  readManifest,
  segmentsNotMet,
  unpackSegment,
} from '../../../src/application/snapshots/segments.js';
import type { Availability } from '../../../src/domain/availability/availability.js';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import { anyTime } from '../../../src/domain/availability/offering.js';
import type { TimeOff } from '../../../src/domain/availability/time-off.js';
import type { Entry } from '../../../src/domain/calendar.js';
import { type CoachState, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { isHold } from '../../../src/domain/coach/hold.js';
import { NotLoaded } from '../../../src/domain/sorted-list.js';
import { itemsOf } from '../../support/items-of.js';
import { zoneRules } from '../../support/zone-rules.js';

const HOUR = 3_600_000;
const FIRST = Date.parse('2030-01-01T00:00:00Z');
const IDS_PER_COMMAND = 5;

const idOf = (nr: number) => `01900000-0000-7000-8000-${nr.toString(16).padStart(12, '0')}`;

/** What the nth command makes is named by it; later commands may ask for it. */
const madeBy = (nr: number, which = 0) => idOf(nr * IDS_PER_COMMAND + which);

const NINE_TO_FIVE: Availability = {
  timeZone: 'Europe/Berlin',
  weekly: [{ days: ['monday', 'sunday'], from: '09:00', to: '17:00' }],
  dates: [{ date: '2030-01-01', hours: [] }],
};

const FEW: BookingPolicy = {
  gapBefore: 15,
  gapAfter: undefined,
  notice: undefined,
  horizonDays: 0,
  grid: undefined,
  durations: [30, 60],
  maxPerDay: undefined,
  maxPerWeek: 12,
  allowOutsideHours: true,
  timeZone: undefined,
};

/** All that any command says. */
const SAID = {
  coachHashId: 'ann',
  now: FIRST,
  sessionId: madeBy(0),
  holdId: madeBy(0),
  seriesId: madeBy(0),
  clientHashId: 'bob',
  reservationId: undefined as string | undefined,
  start: FIRST,
  duration: 60,
  etag: undefined,
  reason: undefined as string | undefined,
  cancelledBy: 'client',
  absent: undefined as string | undefined,
  outcome: 'completed',
  localStart: '2030-01-01T09:00:00',
  timeZone: 'Europe/Berlin',
  recurrence: 'FREQ=DAILY;COUNT=5',
  disambiguation: 'compatible',
  hours: [0],
  skipConflicts: true,
  fromOccurrence: 1,
  expiresAt: FIRST + HOUR,
  abandon: true,
  availability: NINE_TO_FIVE,
  policy: FEW,
  source: undefined as string | undefined,
  timeOffId: madeBy(0),
  /** Each begins so many hours after the first. */
  off: [0],
  ignorePolicy: true,
  offsetMinutes: 60,
};

type Said = { type: CoachCommand['type'] } & Partial<typeof SAID>;

/** The nth command of a history. */
function commandOf(given: Said, nr: number): CoachCommand {
  const said = { ...SAID, ...given };
  const series = said.type === 'RescheduleSeries' ? said.seriesId : madeBy(nr);
  const occurrences = said.hours.map((hour, index) => ({
    sessionId: idOf(Number.parseInt(series.slice(-12), 16) + index),
    reservationId: said.reservationId,
    occurrence: index + 1,
    localStart: `2030-01-01T${String(hour % 24).padStart(2, '0')}:00:00`,
    start: FIRST + hour * HOUR,
  }));
  const timeOff = said.off.map((hour, index): TimeOff => {
    const start = FIRST + hour * HOUR;
    const dates = { start: undefined, end: undefined, firstDate: '2030-01-08', lastDate: '2030-01-09' };
    const times = { start, end: start + HOUR, firstDate: undefined, lastDate: undefined };
    const { reason, source } = said;
    const when = hour % 5 === 4 ? dates : times;
    return { ...when, timeOffId: madeBy(nr, index), reason, source, externalId: source && `event ${index}` };
  });
  const made = {
    ...(said.type === 'ScheduleSession' && { sessionId: madeBy(nr) }),
    ...(said.type === 'HoldSlot' && { holdId: madeBy(nr) }),
    ...(said.type === 'ScheduleSeries' && { seriesId: madeBy(nr) }),
    ...(said.type === 'SettleReservation' && { reservationId: said.reservationId ?? idOf(900) }),
  };
  return {
    ...said,
    ...made,
    occurrences,
    timeOff: said.type === 'AddTimeOff' ? timeOff[0] : timeOff,
  } as unknown as CoachCommand;
}

interface History {
  readonly state: CoachState;
  readonly events: readonly CoachEvent[];
}

/**
 * What commands lead to, as far as they are accepted. The first is the `firstNr`th. With segments, what is absent of
 * the state is loaded from them.
 */
function history(
  commands: readonly Said[],
  before = initialCoach,
  firstNr = 0,
  segments: Segments = new Map(),
): History {
  let state = before;
  const events: CoachEvent[] = [];
  for (const [index, said] of commands.entries()) {
    const decision = loading(segments, () => decideCoach(commandOf(said, firstNr + index), state, zoneRules));
    if (decision.kind === 'rejected') continue;
    for (const event of decision.events) state = loading(segments, () => evolveCoach(state, event));
    events.push(...decision.events);
  }
  return { state, events };
}

type Segments = Map<string, Buffer>;

const { formats, takeApart, putTogether } = coachSnapshots;

/** Does work, and does it again with what it misses, until it misses nothing. */
function loading<Result>(segments: Segments, work: () => Result): Result {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      for (const part of error.parts) {
        const id = part.stored as string;
        part.content = unpackSegment(id, segments.get(id) as Buffer, formats);
      }
    }
  }
}

/** Adds the segments of a state that are not stored. */
function save(state: CoachState, segments: Segments) {
  const { lists, rest } = takeApart(state);
  const { packed, met, segmentsOf, manifestOf } = createPacking(formats);
  const made: string[] = [];
  for (const [place, list] of lists.entries()) {
    for (const { id, bytes } of segmentsOf(list, place)) {
      segments.set(id, bytes);
      made.push(id);
    }
  }
  const manifest = manifestOf(lists, rest);
  for (const [part, id] of packed) part.stored = id;
  return { manifest, met, made, lists };
}

/** The state of a manifest: nothing of it is in memory. */
function load(manifest: Buffer): CoachState {
  return putTogether(readManifest(manifest));
}

/** A state with its lists as arrays. */
function plain(state: CoachState, segments: Segments = new Map()) {
  const [calendar, ...lists] = takeApart(state).lists.map((list) => loading(segments, () => itemsOf(list)));
  // All that decisions look at, of sessions.
  const entries = (calendar as Entry[]).map((entry) => {
    const { id, start, duration } = entry;
    return isHold(entry) ? entry : { id, start, duration };
  });
  const { availability, policy } = state.offering;
  return { entries, lists, revision: state.revision, abandoned: state.abandoned, availability, policy };
}

/** The parts of lists, as far as they are in memory. */
function partsOf(lists: readonly AnyList[]): AnyList[] {
  return lists.flatMap((list) => [
    list,
    ...(list.content && 'parts' in list.content ? partsOf(list.content.parts) : []),
  ]);
}

/** Bookings in a row: enough for lists of several parts. */
const BOOKED = 300;
const bookings = Array.from({ length: BOOKED }, (_, nr): Said => {
  return { type: 'ScheduleSession', start: FIRST + (BOOKED - nr) * HOUR };
});
const booked = () => history(bookings).state;

// Half of them are booked.
const hour = fc.integer({ min: BOOKED - 40, max: BOOKED + 40 }).map((nr) => FIRST + nr * HOUR);
const made = fc
  .oneof(fc.nat({ max: BOOKED - 1 }), fc.integer({ min: BOOKED, max: BOOKED + 30 }))
  .map((nr) => madeBy(nr));
const party = fc.constantFrom('coach', 'client', 'organization');

/** Commands for what those bookings made, and for what they make themselves. */
const laterCommands: fc.Arbitrary<Said[]> = fc.array(
  fc.record({
    type: fc.constantFrom<CoachCommand['type'][]>(
      'ScheduleSession',
      'RescheduleSession',
      'CancelSession',
      'CompleteSession',
      'MarkNoShow',
      'CorrectOutcome',
      'ScheduleSeries',
      'RescheduleSeries',
      'CancelSeries',
      'HoldSlot',
      'ConfirmHold',
      'ReleaseHold',
      'SettleReservation',
      'SetAvailability',
      'DeleteAvailability',
      'SetBookingPolicy',
      'DeleteBookingPolicy',
      'AddTimeOff',
      'RemoveTimeOff',
      'SyncTimeOff',
    ),
    now: hour,
    sessionId: made,
    holdId: made,
    seriesId: made,
    clientHashId: fc.constantFrom('bob', 'zoë ☕'),
    reservationId: fc.constantFrom(undefined, ...[901, 902, 903].map(idOf)),
    start: hour,
    duration: fc.constantFrom(30, 60, 90),
    reason: fc.option(fc.string({ unit: 'binary', maxLength: 5 }), { nil: undefined }),
    cancelledBy: party,
    absent: fc.option(party, { nil: undefined }),
    hours: fc.uniqueArray(fc.nat({ max: BOOKED + 30 }), { minLength: 1, maxLength: IDS_PER_COMMAND }),
    fromOccurrence: fc.integer({ min: 1, max: 3 }),
    expiresAt: hour,
    off: fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: IDS_PER_COMMAND }),
    source: fc.constantFrom('one calendar', 'another'),
    timeOffId: made,
    ignorePolicy: fc.boolean(),
  }),
  { maxLength: 30, size: 'max' },
);

test('property: a state that was saved and loaded decides and evolves as before, whatever of it is in memory', () => {
  fc.assert(
    fc.property(laterCommands, laterCommands, fc.boolean(), (before, after, loadsRecent) => {
      const segments: Segments = new Map();
      const { state } = history(before, booked(), BOOKED);
      const { manifest } = save(state, segments);
      const loaded = load(manifest);
      if (loadsRecent) loadRecent(takeApart(loaded).lists, segments, formats);

      const next = BOOKED + before.length;
      const [there, here] = [history(after, state, next), history(after, loaded, next, segments)];
      expect(here.events).toEqual(there.events);
      expect(plain(here.state, segments)).toEqual(plain(there.state));
      expect(plain(loaded, segments)).toEqual(plain(state));
    }),
    { numRuns: 50 },
  );
});

test('property: of a state that follows a saved one, what changed is saved; what it replaces is not needed', () => {
  fc.assert(
    fc.property(laterCommands, fc.array(laterCommands, { minLength: 1, maxLength: 3 }), (before, batches) => {
      const segments: Segments = new Map();
      let last = save(history(before, booked(), BOOKED).state, segments);
      let next = BOOKED + before.length;
      for (const commands of batches) {
        const loaded = load(last.manifest);
        const { lists } = takeApart(loaded);
        const { state } = history(commands, loaded, next, segments);
        next += commands.length;
        last = save(state, segments);
        for (const id of segmentsNotMet(lists, last.met)) segments.delete(id);

        const again = load(last.manifest);
        expect(plain(again, segments)).toEqual(plain(state, segments));
        const needed = partsOf(takeApart(again).lists).flatMap(({ stored }) => stored ?? []);
        expect([...segments.keys()].sort()).toEqual([...new Set(needed)].sort());
      }
    }),
    { numRuns: 50 },
  );
});

test('a booking after all others changes the last segment of the calendar and of the sessions, and those above', () => {
  const segments: Segments = new Map();
  const { state } = history(
    Array.from({ length: 1_000 }, (_, nr) => ({ type: 'ScheduleSession', start: FIRST + nr * HOUR })),
  );
  const loaded = load(save(state, segments).manifest);
  const booking: Said = { type: 'ScheduleSession', start: FIRST + 1_000 * HOUR };
  const later = history([booking], loaded, 1_000, segments);
  expect(save(later.state, segments).made).toHaveLength(4);
  // Nothing else was loaded.
  expect(
    partsOf(takeApart(loaded).lists).filter(({ content }) => content && 'items' in content && content.items.length > 0),
  ).toHaveLength(2);
});

test('what most commands need is loaded with the manifest', () => {
  const segments: Segments = new Map();
  const { manifest } = save(booked(), segments);
  const loaded = load(manifest);
  const { recent } = readManifest(manifest);
  loadRecent(takeApart(loaded).lists, new Map(recent.map((id) => [id, segments.get(id) as Buffer])), formats);
  const booking = { ...bookings[0], start: FIRST + 2 * BOOKED * HOUR } as Said;
  expect(history([booking], loaded, BOOKED).events).toHaveLength(1);
});

test('the state of a coach without events comes back as it was', () => {
  const segments: Segments = new Map();
  const { manifest } = save(initialCoach, segments);
  expect(load(manifest)).toEqual(initialCoach);
  expect(segments.size).toBe(0);
});

describe('bytes that have changed are noticed:', () => {
  const segments: Segments = new Map();
  const { manifest } = save(booked(), segments);
  const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
  const damage = (bytes: Buffer, { at, by }: { at: number; by: number }) => {
    const damaged = Buffer.from(bytes);
    damaged[at % bytes.length]! ^= by;
    return damaged;
  };

  test('property: of a manifest', () => {
    fc.assert(
      fc.property(change, (one) => {
        expect(() => readManifest(damage(manifest, one))).toThrow('damaged');
      }),
    );
  });

  test('property: of a segment', () => {
    fc.assert(
      fc.property(change, fc.constantFrom(...segments), (one, [id, bytes]) => {
        expect(() => unpackSegment(id, damage(bytes, one), formats)).toThrow('damaged');
      }),
    );
  });

  test('of a segment in the place of another', () => {
    const [[id], [, bytes]] = [...segments] as [[string, Buffer], [string, Buffer]];
    expect(() => unpackSegment(id, bytes, formats)).toThrow('damaged');
  });

  test.each([0, 7, 100])('a manifest cut off after %i bytes', (length) => {
    expect(() => readManifest(manifest.subarray(0, length))).toThrow('damaged');
  });
});

test.each(['session-1', idOf(0xab).toUpperCase(), '00000000-0000-0000-0000-000000000000'])(
  'a coach with a session of the id %s cannot be saved',
  (sessionId) => {
    const [event] = history([{ type: 'ScheduleSession' }]).events;
    const state = evolveCoach(initialCoach, { ...event, sessionId } as CoachEvent);
    expect(() => save(state, new Map())).toThrow(TypeError);
  },
);

/** A history with all that there was in form 3. */
const EVERYTHING_OF_FORM_3: readonly Said[] = [
  { type: 'ScheduleSession', start: FIRST + 1 * HOUR, clientHashId: 'zoë', reservationId: idOf(900) },
  { type: 'RescheduleSession', sessionId: madeBy(0), start: FIRST + 2 * HOUR, reason: 'a "late" train' },
  { type: 'CompleteSession', sessionId: madeBy(0), now: FIRST + 9 * HOUR },
  { type: 'CorrectOutcome', sessionId: madeBy(0), outcome: 'no_show', absent: 'client', reason: 'a mix-up' },
  { type: 'ScheduleSession', start: FIRST + 3 * HOUR },
  { type: 'CancelSession', sessionId: madeBy(4), reason: 'ill', cancelledBy: 'organization' },
  { type: 'ScheduleSession', start: FIRST + 4 * HOUR },
  { type: 'MarkNoShow', sessionId: madeBy(6), absent: 'coach', now: FIRST + 9 * HOUR },
  { type: 'ScheduleSeries', hours: [24, 48, 72] },
  { type: 'RescheduleSeries', seriesId: madeBy(8), hours: [25, 49, 73] },
  { type: 'CancelSeries', seriesId: madeBy(8), fromOccurrence: 3, cancelledBy: 'coach' },
  { type: 'HoldSlot', start: FIRST + 5 * HOUR },
  { type: 'ConfirmHold', holdId: madeBy(11) },
  { type: 'HoldSlot', start: FIRST + 6 * HOUR },
  { type: 'ReleaseHold', holdId: madeBy(13) },
  { type: 'HoldSlot', start: FIRST + 7 * HOUR },
  { type: 'ScheduleSession', start: FIRST + 7 * HOUR, now: FIRST + 2 * HOUR },
  { type: 'HoldSlot', start: FIRST + 8 * HOUR, expiresAt: FIRST + 20 * HOUR },
  { type: 'SettleReservation', sessionId: idOf(999), reservationId: idOf(998) },
];

test('the form has a new number when the same history leads to other bytes', () => {
  const { events, state } = history([
    ...EVERYTHING_OF_FORM_3,
    { type: 'SetAvailability' },
    { type: 'DeleteAvailability' },
    { type: 'SetBookingPolicy' },
    { type: 'DeleteBookingPolicy' },
    { type: 'SetBookingPolicy' },
    { type: 'SetAvailability' },
    { type: 'AddTimeOff', off: [30], reason: 'ski "touring"' },
    { type: 'AddTimeOff', off: [4] },
    { type: 'RemoveTimeOff', timeOffId: madeBy(EVERYTHING_OF_FORM_3.length + 7) },
    { type: 'SyncTimeOff', off: [34, 31], source: 'calendar' },
    { type: 'RemindOfSession', sessionId: madeBy(8, 1), now: FIRST + 48 * HOUR },
  ]);
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  // An event of a new type has a place in this history.
  expect(counts).toEqual({
    SessionScheduled: 8,
    SessionRescheduled: 4,
    SessionCompleted: 1,
    SessionOutcomeCorrected: 1,
    SessionCancelled: 2,
    SessionMarkedNoShow: 1,
    SessionReminderDue: 1,
    SeriesScheduled: 1,
    SeriesRescheduled: 1,
    SeriesCancelled: 1,
    SlotHeld: 4,
    HoldConfirmed: 1,
    HoldReleased: 1,
    HoldExpired: 1,
    ReservationAbandoned: 1,
    AvailabilitySet: 2,
    AvailabilityDeleted: 1,
    BookingPolicySet: 2,
    BookingPolicyDeleted: 1,
    TimeOffAdded: 2,
    TimeOffRemoved: 1,
    TimeOffSynced: 1,
  } satisfies Record<CoachEvent['type'], number>);

  // A large one, for references.
  const digest = digestOf([state, booked()], (one, segments) => save(one, segments).manifest);
  // Snapshots of the last release must not be taken for those of this one: never change the one without the other.
  expect({ form: coachSnapshots.form, digest }).toEqual({
    form: 5,
    digest: 'f3818e8111da84643c4fe15ef6755fb0d1be6c089e6aa05b317472c15af6eedd',
  });
});

test('what an earlier release saved, in form 3, still loads: of a coach who offers any time', () => {
  expect(coachSnapshots.olderForms).toEqual([3, 4]);
  const { state } = history(EVERYTHING_OF_FORM_3);
  // These are the bytes that it saved.
  expect(digestOf([state, booked()], saveInForm3)).toBe(
    'd5fc75da28e94b552a61bcfeb45a2d4877d39c84bb66f96966b7e8c540ef4f00',
  );

  const segments: Segments = new Map();
  const fresh = history(EVERYTHING_OF_FORM_3).state;
  const loaded = load(saveInForm3(fresh, segments));
  expect(loaded.offering).toEqual(anyTime);
  expect(plain(loaded, segments)).toEqual(plain(fresh));
  // The next snapshot, which follows it, is in form 5, and uses its segments.
  const { state: later } = history([{ type: 'AddTimeOff', off: [30] }], loaded, 20, segments);
  const { manifest, made } = save(later, segments);
  expect(made).toHaveLength(1);
  expect(plain(load(manifest), segments)).toEqual(plain(later, segments));
});

/** As the last release saved it: without the offering. */
function saveInForm3(state: CoachState, segments: Segments): Buffer {
  const { lists, rest } = takeApart(state);
  const { revision, abandoned } = rest as { revision: number; abandoned: string[] };
  const { packed, segmentsOf, manifestOf } = createPacking(formats);
  const ofForm3 = lists.slice(0, 4);
  for (const [place, list] of ofForm3.entries()) {
    for (const { id, bytes } of segmentsOf(list, place)) segments.set(id, bytes);
  }
  const manifest = manifestOf(ofForm3, { revision, abandoned });
  for (const [part, id] of packed) part.stored = id;
  return manifest;
}

function digestOf(states: readonly CoachState[], save: (state: CoachState, segments: Segments) => Buffer): string {
  const hash = createHash('sha256');
  for (const state of states) {
    const segments: Segments = new Map();
    hash.update(save(state, segments));
    for (const bytes of segments.values()) hash.update(bytes);
  }
  return hash.digest('hex');
}
