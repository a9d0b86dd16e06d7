import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Blocked,
  type ClientCommand,
  type ClientEvent,
  type ClientState,
  type ConfirmReservation,
  decideClient,
  evolveClient,
  HOLD_QUOTA,
  type InDoubt,
  initialClient,
  type ReleaseTime,
  type Reservation,
  type ReserveTime,
  type WantedTime,
} from '../../src/domain/client/client.js';
import { overlap } from '../../src/domain/slot.js';
import { at, MIDNIGHT, reservationAt, sessionAt } from '../support/coach-samples.js';
import { itemsOf } from '../support/items-of.js';

/** An hour of Chris with Carol by default. */
const wanted = (time: string, other: Partial<WantedTime> = {}): WantedTime => ({
  reservationId: reservationAt(time),
  clientHashId: 'chris',
  coachHashId: 'carol',
  sessionId: sessionAt(time),
  start: at(time),
  duration: 60,
  holdExpiresAt: undefined,
  ...other,
});
const withDora = { coachHashId: 'dora', reservationId: 'of-dora', sessionId: 'with-dora' } as const;
const aHold = { holdExpiresAt: at('00:10') } as const;

const reserve = (...all: WantedTime[]): ReserveTime => ({
  type: 'ReserveTime',
  clientHashId: 'chris',
  wanted: all,
  now: MIDNIGHT,
});
const release = (...reservations: WantedTime[]): ReleaseTime => ({
  type: 'ReleaseTime',
  clientHashId: 'chris',
  reservations,
  now: MIDNIGHT,
});
const confirm = (reservation: WantedTime): ConfirmReservation => ({
  type: 'ConfirmReservation',
  clientHashId: 'chris',
  reservation,
  now: MIDNIGHT,
});

const reserved = (one: WantedTime): ClientEvent => ({ type: 'TimeReserved', ...one, reservedAt: MIDNIGHT });
const released = ({ holdExpiresAt: _, ...one }: WantedTime): ClientEvent => ({
  type: 'TimeReleased',
  ...one,
  releasedAt: MIDNIGHT,
});
const confirmed = ({ holdExpiresAt: _, ...one }: WantedTime): ClientEvent => ({
  type: 'ReservationConfirmed',
  ...one,
  confirmedAt: MIDNIGHT,
});

const reservation = ({ reservationId: id, clientHashId: _, ...one }: WantedTime): Reservation => ({ id, ...one });
const blocked = (one: WantedTime, by: WantedTime): Blocked => ({ wanted: one, by: reservation(by) });

const inDoubt = (all: Blocked[], holds: WantedTime[] = []): InDoubt => ({
  kind: 'in-doubt',
  clientHashId: 'chris',
  blocked: all,
  holds: holds.map(reservation),
});

function given(...history: ClientEvent[]) {
  return {
    when: (command: ClientCommand) => {
      const decision = decideClient(command, history.reduce(evolveClient, initialClient));
      return {
        thenHappens: (...events: ClientEvent[]) => expect(decision).toEqual({ kind: 'accepted', events }),
        thenBlocked: (...all: Blocked[]) => expect(decision).toEqual(inDoubt(all)),
        thenTooMany: (...holds: WantedTime[]) => expect(decision).toEqual(inDoubt([], holds)),
        thenBoth: (all: Blocked[], holds: WantedTime[]) => expect(decision).toEqual(inDoubt(all, holds)),
      };
    },
  };
}

describe('reserve', () => {
  test('reserves free time', () => {
    given()
      .when(reserve(wanted('09:00')))
      .thenHappens(reserved(wanted('09:00')));
  });

  test('reserves all that is wanted, or nothing', () => {
    const [first, second] = [wanted('09:00', withDora), wanted('12:00', withDora)];
    given().when(reserve(first, second)).thenHappens(reserved(first), reserved(second));
    given(reserved(wanted('12:30')))
      .when(reserve(first, second))
      .thenBlocked(blocked(second, wanted('12:30')));
  });

  test.each(['08:00', '10:00'])('times may touch: %s', (time) => {
    given(reserved(wanted('09:00')))
      .when(reserve(wanted(time, withDora)))
      .thenHappens(reserved(wanted(time, withDora)));
  });

  test.each(['08:01', '09:00', '09:59'])('time that is reserved for another coach is in the way: %s', (time) => {
    given(reserved(wanted('09:00')))
      .when(reserve(wanted(time, withDora)))
      .thenBlocked(blocked(wanted(time, withDora), wanted('09:00')));
  });

  test('everything in the way is listed, in order of time', () => {
    const long = wanted('08:30', { ...withDora, duration: 180 });
    given(reserved(wanted('10:00')), reserved(wanted('09:00')))
      .when(reserve(long))
      .thenBlocked(blocked(long, wanted('09:00')), blocked(long, wanted('10:00')));
  });

  test('time that is reserved for the same coach is not in the way: the coach cannot use it twice', () => {
    const another = wanted('09:30', { sessionId: 'another', reservationId: 'another' });
    given(reserved(wanted('09:00')))
      .when(reserve(another))
      .thenHappens(reserved(another));
  });

  test('what was released is not in the way', () => {
    given(reserved(wanted('09:00')), released(wanted('09:00')))
      .when(reserve(wanted('09:00', withDora)))
      .thenHappens(reserved(wanted('09:00', withDora)));
  });

  test('time that is reserved for a hold is in the way also after the hold expired: only its coach can tell', () => {
    given(reserved(wanted('09:00', aHold)))
      .when({ ...reserve(wanted('09:00', withDora)), now: at('00:10') })
      .thenBlocked(blocked(wanted('09:00', withDora), wanted('09:00', aHold)));
  });
});

describe('release', () => {
  test('releases what is reserved', () => {
    given(reserved(wanted('09:00')), reserved(wanted('12:00')))
      .when(release(wanted('12:00'), wanted('09:00')))
      .thenHappens(released(wanted('12:00')), released(wanted('09:00')));
  });

  test.each<[string, WantedTime]>([
    ['never was kept', wanted('12:00')],
    ['has been let go of', wanted('09:00')],
    ['is kept by another reservation', wanted('10:00', { reservationId: 'another' })],
    ['is kept at a later time', wanted('08:00', { reservationId: reservationAt('10:00') })],
    ['is kept at an earlier time', wanted('12:00', { reservationId: reservationAt('10:00') })],
  ])('does nothing about what %s', (_, one) => {
    given(reserved(wanted('09:00')), released(wanted('09:00')), reserved(wanted('10:00')))
      .when(release(one))
      .thenHappens();
  });

  test('releases one reservation of several at the same time', () => {
    const [first, second] = [wanted('09:00', { reservationId: 'a' }), wanted('09:00', { reservationId: 'b' })];
    given(reserved(first), reserved(second)).when(release(second)).thenHappens(released(second));
  });
});

describe('holds', () => {
  const holdAt = (nr: number) => wanted(`1${nr}:00`, aHold);
  const FULL = Array.from({ length: HOLD_QUOTA }, (_, nr) => holdAt(nr));
  const another = wanted('20:00', aHold);

  test('as many as are allowed', () => {
    given(...FULL.slice(1).map(reserved))
      .when(reserve(another))
      .thenHappens(reserved(another));
  });

  test('and no more', () => {
    given(...FULL.map(reserved))
      .when(reserve(another))
      .thenTooMany(...FULL);
  });

  test('do not keep sessions from being booked', () => {
    given(...FULL.map(reserved))
      .when(reserve(wanted('20:00')))
      .thenHappens(reserved(wanted('20:00')));
  });

  test.each<[string, (one: WantedTime) => ClientEvent]>([
    ['was released', released],
    ['became a session', confirmed],
  ])('one that %s does not count any more', (_, event) => {
    given(...FULL.map(reserved), event(holdAt(2)))
      .when(reserve(another))
      .thenHappens(reserved(another));
  });

  test('do not count from the moment on at which they expire', () => {
    const late = wanted('20:00', { holdExpiresAt: at('00:20') });
    given(...FULL.map(reserved))
      .when({ ...reserve(late), now: at('00:10') - 1 })
      .thenTooMany(...FULL);
    given(...FULL.map(reserved))
      .when({ ...reserve(late), now: at('00:10') })
      .thenHappens({ ...reserved(late), reservedAt: at('00:10') } as ClientEvent);
  });

  test('too many holds and time that is reserved for another coach are reported together', () => {
    const inTheWay = wanted('20:30', withDora);
    given(...FULL.map(reserved), reserved(inTheWay))
      .when(reserve(another))
      .thenBoth([blocked(another, inTheWay)], FULL);
  });

  test('a confirmation is recorded once', () => {
    given(reserved(holdAt(0)))
      .when(confirm(holdAt(0)))
      .thenHappens(confirmed(holdAt(0)));
    given(reserved(holdAt(0)), confirmed(holdAt(0)))
      .when(confirm(holdAt(0)))
      .thenHappens();
  });

  test('a confirmation of a released reservation records nothing', () => {
    given(reserved(holdAt(0)), released(holdAt(0)))
      .when(confirm(holdAt(0)))
      .thenHappens();
  });

  test('a confirmation of a reservation for a session records nothing', () => {
    given(reserved(wanted('09:00')))
      .when(confirm(wanted('09:00')))
      .thenHappens();
  });

  test('are remembered only as long as they may be open', () => {
    const remembered = (...history: ClientEvent[]) => history.reduce(evolveClient, initialClient).holds;
    const [first, second] = [wanted('09:00', aHold), wanted('12:00', { holdExpiresAt: at('00:20') })];
    const later = (reservedAt: number): ClientEvent => ({ type: 'TimeReserved', ...second, reservedAt });
    expect(remembered(reserved(wanted('08:00')))).toEqual([]);
    expect(remembered(reserved(first), later(at('00:10') - 1))).toEqual([first, second].map(reservation));
    expect(remembered(reserved(first), later(at('00:10')))).toEqual([reservation(second)]);
  });

  test('a confirmed hold keeps its time', () => {
    given(reserved(wanted('09:00', aHold)), confirmed(wanted('09:00', aHold)))
      .when(reserve(wanted('09:30', withDora)))
      .thenBlocked(blocked(wanted('09:30', withDora), wanted('09:00')));
  });
});

/** Times that may be wanted, each with ids of its own. */
const times = fc
  .array(
    fc.record({
      coachHashId: fc.constantFrom('carol', 'dora'),
      start: fc.integer({ min: 0, max: 600 }).map((minutes) => MIDNIGHT + minutes * 60_000),
      duration: fc.constantFrom(1, 30, 60, 1440),
      holdExpiresAt: fc.constantFrom(undefined, at('00:10')),
    }),
    { minLength: 1, maxLength: 30, size: 'max' },
  )
  .map((all) => all.map((one, nr) => wanted('00:00', { ...one, reservationId: `${nr}`, sessionId: `${nr}` })));

test('property: whatever is asked, no time is reserved for two coaches', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(reserve, reserve, release, confirm), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(times, steps, (all, asked) => {
      let state: ClientState = initialClient;
      for (const [command, nr] of asked) {
        const decision = decideClient(command(all[nr % all.length] as WantedTime), state);
        if (decision.kind === 'accepted') state = decision.events.reduce(evolveClient, state);
      }
      const kept = itemsOf(state.reservations);
      for (const [index, one] of kept.entries()) {
        const others = kept.slice(index + 1).filter(({ coachHashId }) => coachHashId !== one.coachHashId);
        expect(others.filter((other) => overlap(one, other))).toEqual([]);
      }
    }),
  );
});
