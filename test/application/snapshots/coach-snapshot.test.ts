import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coachSnapshots } from '../../../src/application/snapshots/coach-snapshot.js';
import { type CoachState, evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../../src/domain/coach/commands.js';
import { decideCoach } from '../../../src/domain/coach/decide.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import { itemsOf } from '../../../src/domain/sorted-list.js';

const HOUR = 3_600_000;
const FIRST = Date.parse('2030-01-01T00:00:00Z');
const IDS_PER_COMMAND = 5;

const idOf = (nr: number) => `01900000-0000-7000-8000-${nr.toString(16).padStart(12, '0')}`;

/** What the nth command makes is named by it; later commands may ask for it. */
const madeBy = (nr: number, which = 0) => idOf(nr * IDS_PER_COMMAND + which);

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
  const made = {
    ...(said.type === 'ScheduleSession' && { sessionId: madeBy(nr) }),
    ...(said.type === 'HoldSlot' && { holdId: madeBy(nr) }),
    ...(said.type === 'ScheduleSeries' && { seriesId: madeBy(nr) }),
    ...(said.type === 'SettleReservation' && { reservationId: said.reservationId ?? idOf(900) }),
  };
  return { ...said, ...made, occurrences } as unknown as CoachCommand;
}

interface History {
  readonly state: CoachState;
  readonly events: readonly CoachEvent[];
}

/** What commands lead to, as far as they are accepted. The first is the `firstNr`th. */
function history(commands: readonly Said[], before = initialCoach, firstNr = 0): History {
  let state = before;
  const events: CoachEvent[] = [];
  for (const [index, said] of commands.entries()) {
    const decision = decideCoach(commandOf(said, firstNr + index), state);
    if (decision.kind === 'rejected') continue;
    state = decision.events.reduce(evolveCoach, state);
    events.push(...decision.events);
  }
  return { state, events };
}

/** A state with its lists as arrays. */
function plain({ calendar, sessions, series, holds, ...rest }: CoachState) {
  const lists = { entries: calendar, sessions, series, holds };
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...itemsOf<object>(list)]])),
  };
}

/** Bookings in a row: enough for lists of several chunks. */
const BOOKED = 200;
const { state: booked } = history(
  Array.from({ length: BOOKED }, (_, nr) => ({ type: 'ScheduleSession', start: FIRST + (BOOKED - nr) * HOUR })),
);

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
  }),
  { maxLength: 30, size: 'max' },
);

test('property: a state that was encoded and decoded decides and evolves as before', async () => {
  await fc.assert(
    fc.asyncProperty(laterCommands, laterCommands, async (before, after) => {
      const { state } = history(before, booked, BOOKED);
      const bytes = await coachSnapshots.encode(state);
      const decoded = coachSnapshots.decode(bytes);

      const next = BOOKED + before.length;
      const [there, here] = [history(after, state, next), history(after, decoded, next)];
      expect(here.events).toEqual(there.events);
      expect(plain(here.state)).toEqual(plain(there.state));
      expect(plain(decoded)).toEqual(plain(state));
      expect(bytes.equals(await coachSnapshots.encode(decoded))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('the state of a coach without events comes back as it was', async () => {
  const decoded = coachSnapshots.decode(await coachSnapshots.encode(initialCoach));
  expect(plain(decoded)).toEqual(plain(initialCoach));
});

test('property: bytes of which one has changed are not decoded', async () => {
  const bytes = await coachSnapshots.encode(booked);
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ change;
      expect(() => coachSnapshots.decode(damaged)).toThrow('damaged');
    }),
  );
});

test.each([0, 7, 1_000])('%i bytes of a snapshot are not decoded', async (length) => {
  const bytes = await coachSnapshots.encode(booked);
  expect(() => coachSnapshots.decode(bytes.subarray(0, length))).toThrow('damaged');
});

test.each(['session-1', idOf(0xab).toUpperCase(), '00000000-0000-0000-0000-000000000000'])(
  'a coach with a session of the id %s cannot be encoded',
  async (sessionId) => {
    const [event] = history([{ type: 'ScheduleSession' }]).events;
    const state = evolveCoach(initialCoach, { ...event, sessionId } as CoachEvent);
    await expect(coachSnapshots.encode(state)).rejects.toThrow(TypeError);
  },
);

test('the form has a new number when the same history leads to other bytes', async () => {
  const { events, state } = history([
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
    SeriesScheduled: 1,
    SeriesRescheduled: 1,
    SeriesCancelled: 1,
    SlotHeld: 4,
    HoldConfirmed: 1,
    HoldReleased: 1,
    HoldExpired: 1,
    ReservationAbandoned: 1,
  } satisfies Record<CoachEvent['type'], number>);

  const digest = createHash('sha256')
    .update(await coachSnapshots.encode(state))
    .digest('hex');
  // Snapshots of the last release must not be taken for those of this one: never change the one without the other.
  expect({ form: coachSnapshots.form, digest }).toEqual({
    form: 2,
    digest: 'ccf26cfab8c05c2b7d71f105997c6297b48990aff778bc1739b9d484400a4446',
  });
});
