import { describe, expect, test } from 'vitest';
import type { BookingPolicy } from '../../../src/domain/availability/booking-policy.js';
import type { Obstacle } from '../../../src/domain/availability/obstacles.js';
import { FORGOTTEN_AFTER, MAX_TIME_OFF } from '../../../src/domain/availability/time-off.js';
import { evolveCoach, initialCoach } from '../../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../../src/domain/coach/events.js';
import {
  at,
  cancelled,
  confirm,
  confirmed,
  conflict,
  expired,
  held,
  hold,
  hour,
  MIDNIGHT,
  occurrence,
  occurrenceRescheduled,
  occurrenceScheduled,
  reschedule,
  rescheduled,
  rescheduleSeries,
  schedule,
  scheduled,
  scheduleSeries,
  seriesRescheduled,
  seriesScheduled,
  sessionAt,
} from '../../support/coach-samples.js';
import { given } from '../../support/coach-spec.js';
import { itemsOf } from '../../support/items-of.js';
import {
  addTimeOff,
  availabilityDeleted,
  availabilitySet,
  datesOff,
  deleteAvailability,
  deletePolicy,
  everyDay,
  off,
  policyDeleted,
  policySet,
  removeTimeOff,
  setAvailability,
  setPolicy,
  syncTimeOff,
  timeOffAdded,
  timeOffRemoved,
  timeOffSynced,
} from '../../support/offering-samples.js';

const DAY = 86_400_000;
const office = everyDay('09:00-17:00');

describe('setting an availability', () => {
  test('replaces what was set before', () => {
    given().when(setAvailability(office)).thenHappens(availabilitySet(office));
    given(availabilitySet(everyDay('01:00-02:00')))
      .when(setAvailability(office))
      .thenHappens(availabilitySet(office));
  });

  test('tells the sessions to come that lie outside, in order, and changes none of them', () => {
    const sessions = ['16:30', '08:30', '10:00'].map((time) => scheduled(time));
    const outside = ['08:30', '16:30'].map((time) => ({ sessionId: sessionAt(time), start: at(time), duration: 60 }));
    given(...sessions)
      .when(setAvailability(office))
      .thenHappens(availabilitySet(office, { outside, outsideCount: 2 }));
  });

  test('tells of no hold, no cancelled session, and none that has begun', () => {
    const now = at('07:00');
    given(
      held('08:00', { expiresAt: at('20:00') }),
      scheduled('09:00'),
      cancelled(),
      scheduled('07:00'),
      scheduled('06:30', 30),
    )
      .when(setAvailability(everyDay('12:00-13:00'), { now }))
      .thenHappens(availabilitySet(everyDay('12:00-13:00'), { setAt: now }));
  });

  test('lists the first 1000 sessions outside, and counts them all', () => {
    const sessions = Array.from({ length: 1_001 }, (_, nr) =>
      scheduled('09:00', 1, { sessionId: `s-${nr}`, start: at('18:00') + nr * 60_000 }),
    );
    const outside = sessions.slice(0, 1_000).map(({ sessionId, start, duration }) => ({ sessionId, start, duration }));
    const never = everyDay([]);
    given(...sessions)
      .when(setAvailability(never))
      .thenHappens(availabilitySet(never, { outside, outsideCount: 1_001 }));
  });
});

describe('the etag', () => {
  // Revisions 0 to 3.
  const history = [scheduled('09:00'), availabilitySet(office), scheduled('10:00'), policySet({ notice: 60 })];
  const stale = (etag: string) => ({ reason: 'STALE_ETAG', etag }) as const;

  test('of an availability is the revision of the event that set it', () => {
    given(...history)
      .when(setAvailability(office, { etag: '1' }))
      .thenHappens(availabilitySet(office));
    given(...history)
      .when(setAvailability(office, { etag: ['0', '1'] }))
      .thenHappens(availabilitySet(office));
    given(...history)
      .when(setAvailability(office, { etag: '3' }))
      .thenRefused(stale('1'));
    given(...history)
      .when(deleteAvailability({ etag: '2' }))
      .thenRefused(stale('1'));
    given(...history)
      .when(deleteAvailability({ etag: '1' }))
      .thenHappens(availabilityDeleted);
  });

  test('of a policy is its own', () => {
    given(...history)
      .when(setPolicy({}, { etag: '3' }))
      .thenHappens(policySet({}));
    given(...history)
      .when(setPolicy({}, { etag: '1' }))
      .thenRefused(stale('3'));
    given(...history)
      .when(deletePolicy({ etag: '1' }))
      .thenRefused(stale('3'));
    given(...history)
      .when(deletePolicy({ etag: '3' }))
      .thenHappens(policyDeleted);
  });

  test('of nothing is wanted by no command that names one', () => {
    given()
      .when(setAvailability(office, { etag: '0' }))
      .thenRefused(stale(''));
    given()
      .when(setPolicy({}, { etag: '0' }))
      .thenRefused(stale(''));
    given(...history, availabilityDeleted)
      .when(setAvailability(office, { etag: '1' }))
      .thenRefused(stale(''));
  });
});

test('what is not set cannot be deleted', () => {
  given().when(deleteAvailability()).thenRefused('AVAILABILITY_NOT_FOUND');
  given(availabilitySet(office), availabilityDeleted).when(deleteAvailability()).thenRefused('AVAILABILITY_NOT_FOUND');
  given().when(deletePolicy()).thenRefused('BOOKING_POLICY_NOT_FOUND');
  given(policySet({}), policyDeleted).when(deletePolicy()).thenRefused('BOOKING_POLICY_NOT_FOUND');
});

test('once the availability is deleted, any time can be booked again', () => {
  given(availabilitySet(everyDay([])), availabilityDeleted)
    .when(schedule('09:00'))
    .thenHappens(scheduled('09:00'));
});

test('once the policy is deleted, nothing limits', () => {
  given(policySet({ maxPerDay: 0 }), policyDeleted)
    .when(schedule('09:00'))
    .thenHappens(scheduled('09:00'));
});

/** Refuses a command for the hour that begins at a time. */
function against(...obstacles: Omit<Obstacle, 'until'>[]) {
  const told = obstacles.map((one) => expect.objectContaining(one) as Obstacle);
  return { reason: 'AGAINST_POLICY', obstacles: told, zone: expect.objectContaining({ name: 'UTC' }) } as const;
}

const NO_TIME: Partial<BookingPolicy> = { maxPerDay: 0 };
const dayIsFull = { code: 'DAY_FULL', start: at('00:00'), end: at('00:00') + DAY, limit: 0 } as const;
const closed = [availabilitySet(everyDay([])), timeOffAdded(off('00:00', '23:00')), policySet(NO_TIME)];

describe('a policy', () => {
  test('refuses a session, with all that is in its way', () => {
    given(...closed)
      .when(schedule('09:00'))
      .thenRefused(
        against(
          { code: 'OUTSIDE_HOURS', ...hour('09:00'), hours: [] },
          { code: 'TIME_OFF', start: at('00:00'), end: at('23:00') },
          dayIsFull,
        ),
      );
  });

  test('refuses a hold', () => {
    given(policySet(NO_TIME)).when(hold('09:00')).thenRefused(against(dayIsFull));
  });

  test('refuses a new time of a session, and never counts the session that is moved', () => {
    const history = [scheduled('09:00'), policySet({ maxPerDay: 1, gapBefore: 60 })];
    given(...history)
      .when(reschedule('09:30'))
      .thenHappens(rescheduled('09:30'));
    const { start, end, code } = { ...dayIsFull };
    given(...history, scheduled('15:00'))
      .when(reschedule('16:30'))
      .thenRefused(against({ code: 'GAP', ...hour('15:00'), limit: 60 }, { code, start, end, limit: 1 }));
  });

  test('confirms a hold that was made before it', () => {
    given(held('09:00'), policySet(NO_TIME)).when(confirm('09:00')).thenHappens(confirmed('09:00'), scheduled('09:00'));
  });

  test('leaves an overlap its reason: it alone is told', () => {
    given(scheduled('09:00'), ...closed)
      .when(schedule('09:30'))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
    given(held('09:00'), ...closed)
      .when(hold('09:30'))
      .thenRefused({ reason: 'SLOT_HELD', inTheWay: hour('09:00') });
  });

  test('records the end of a hold whose time has run out when the time is booked, and only then', () => {
    const now = at('00:10');
    given(held('09:00'), policySet({ gapBefore: 60 }))
      .when(schedule('09:30', 60, { now }))
      .thenHappens(expired('09:00', now), scheduled('09:30', 60, { scheduledAt: now }));
    // In the gap it is not in the way.
    given(held('09:00'), policySet({ gapBefore: 60 }))
      .when(schedule('10:30', 60, { now }))
      .thenHappens(scheduled('10:30', 60, { scheduledAt: now }));
    given(held('09:00'), policySet({ notice: 1440 }))
      .when(schedule('09:00', 60, { now }))
      .thenRefused(against({ code: 'NOTICE', start: undefined, end: now + DAY, limit: 1440 }));
  });
});

describe('a command that ignores the policy', () => {
  test('books a session against it, and the event says so', () => {
    given(...closed)
      .when(schedule('09:00', 60, { ignorePolicy: true }))
      .thenHappens(scheduled('09:00', 60, { ignoredPolicy: true }));
  });

  test('says so also where there is none', () => {
    given()
      .when(hold('09:00', { ignorePolicy: true }))
      .thenHappens(held('09:00', { ignoredPolicy: true }));
    given()
      .when(hold('09:00', { ignorePolicy: false }))
      .thenHappens(held('09:00'));
  });

  test('moves a session', () => {
    given(scheduled('09:00'), ...closed)
      .when(reschedule('11:00', { ignorePolicy: true }))
      .thenHappens(rescheduled('11:00', { ignoredPolicy: true }));
  });

  test('never books over a session or a hold', () => {
    given(scheduled('09:00'), ...closed)
      .when(schedule('09:30', 60, { ignorePolicy: true }))
      .thenRefused({ reason: 'COACH_OVERLAP', inTheWay: hour('09:00') });
    given(held('09:00'), ...closed)
      .when(schedule('09:30', 60, { ignorePolicy: true }))
      .thenRefused({ reason: 'SLOT_HELD', inTheWay: hour('09:00') });
  });

  test('books and moves a series', () => {
    const ignoredPolicy = true;
    const sessions = [1, 2, 3].map((number) => ({ ...occurrenceScheduled(number), ignoredPolicy }));
    given(...closed)
      .when(scheduleSeries({ ignorePolicy: true }))
      .thenHappens({ ...seriesScheduled(), ignoredPolicy }, ...sessions);
    given(seriesScheduled(), ...[1, 2, 3].map(occurrenceScheduled), ...closed)
      .when(rescheduleSeries(3_600_000, { ignorePolicy: true }))
      .thenHappens(
        seriesRescheduled({ ignoredPolicy }),
        ...[2, 3].map((number) => occurrenceRescheduled(number, 3_600_000, { ignoredPolicy })),
      );
  });
});

describe('of a series', () => {
  /** The occurrence of a day is against the policy. */
  const againstPolicy = (number: number, ...obstacles: string[]) => {
    return { ...conflict(number, 'AGAINST_POLICY', occurrence(number).start), obstacles };
  };

  test('each occurrence is under the policy, and all that cannot be booked are named', () => {
    const history = [timeOffAdded(datesOff('2030-01-02')), policySet({ horizonDays: 1 })];
    const conflicts = [againstPolicy(2, 'TIME_OFF'), againstPolicy(3, 'HORIZON')];
    given(...history)
      .when(scheduleSeries())
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts });
  });

  test('the occurrences before count for those that follow', () => {
    given(policySet({ maxPerWeek: 2 }))
      .when(scheduleSeries())
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [againstPolicy(3, 'WEEK_FULL')] });
  });

  test('an occurrence that is skipped does not count, and the event says why it was skipped', () => {
    const skipped = [againstPolicy(1, 'TIME_OFF')];
    given(timeOffAdded(datesOff('2030-01-01')), policySet({ maxPerWeek: 2 }))
      .when(scheduleSeries({ skipConflicts: true }))
      .thenHappens(seriesScheduled(skipped), occurrenceScheduled(2), occurrenceScheduled(3));
  });

  test('an overlap is named with its reason, also where the policy is against the occurrence', () => {
    const second = at('09:00') + DAY;
    given(scheduled('09:00', 60, { start: second }), policySet({ maxPerDay: 1 }))
      .when(scheduleSeries())
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [conflict(2, 'COACH_OVERLAP', second)] });
  });

  test('a rule is named once, however often it is broken', () => {
    const early = timeOffAdded(off('09:00', '09:10'));
    const late = timeOffAdded(off('09:20', '09:30'));
    given(early, late)
      .when(scheduleSeries({ occurrences: [occurrence(1)] }))
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts: [againstPolicy(1, 'TIME_OFF')] });
  });

  test('sessions that move do not count where they were', () => {
    const history = [
      seriesScheduled(),
      ...[1, 2, 3].map(occurrenceScheduled),
      policySet({ maxPerDay: 1, gapBefore: 600 }),
    ];
    given(...history)
      .when(rescheduleSeries(3_600_000))
      .thenHappens(seriesRescheduled(), ...[2, 3].map((number) => occurrenceRescheduled(number, 3_600_000)));
  });

  test('moved occurrences are under the policy', () => {
    const history = [seriesScheduled(), ...[1, 2, 3].map(occurrenceScheduled), policySet({ horizonDays: 1 })];
    const third = againstPolicy(3, 'HORIZON');
    const shift = 3_600_000;
    const conflicts = [
      {
        ...third,
        start: third.start + shift,
        end: third.end + shift,
        inTheWayStart: third.start + shift,
        inTheWayEnd: third.end + shift,
      },
    ];
    given(...history)
      .when(rescheduleSeries(shift))
      .thenRefused({ reason: 'SERIES_CONFLICT', conflicts });
  });
});

describe('time off', () => {
  const morning = off('09:00', '10:00', { reason: 'dentist' });

  test('is added, also where there is some, and where there are sessions', () => {
    given(scheduled('09:00'), timeOffAdded(off('09:30', '11:00')))
      .when(addTimeOff(morning))
      .thenHappens(timeOffAdded(morning));
  });

  test('is removed by its id, and the event tells what it was', () => {
    given(timeOffAdded(morning), timeOffAdded(off('09:00', '11:00')))
      .when(removeTimeOff(morning))
      .thenHappens(timeOffRemoved(morning));
  });

  test('that is not there cannot be removed', () => {
    given().when(removeTimeOff(morning)).thenRefused('TIME_OFF_NOT_FOUND');
    given(timeOffAdded(morning), timeOffRemoved(morning))
      .when(removeTimeOff(morning))
      .thenRefused('TIME_OFF_NOT_FOUND');
  });

  test('that was removed takes no time', () => {
    given(timeOffAdded(morning), timeOffRemoved(morning)).when(schedule('09:00')).thenHappens(scheduled('09:00'));
  });
});

describe('a sync', () => {
  const ical = (from: string, to: string, id = '') =>
    off(from, to, { source: 'ical', ...(id && { timeOffId: id, externalId: id }) });
  const morning = ical('09:00', '10:00');
  const noon = ical('12:00', '13:00');
  const date = datesOff('2030-01-05', '2030-01-06', { source: 'ical' });

  test('writes what is new and what is gone, in one event', () => {
    given(timeOffSynced([morning, date], []))
      .when(syncTimeOff([noon, { ...date, timeOffId: 'new' }]))
      .thenHappens(timeOffSynced([noon], [morning], { total: 2 }));
  });

  test('writes what is new in the order in which it was given', () => {
    const all = [noon, morning, date];
    given().when(syncTimeOff(all)).thenHappens(timeOffSynced(all, []));
  });

  test('writes nothing when the same time is taken, whatever else has changed', () => {
    given(timeOffSynced([morning, date], []))
      .when(syncTimeOff([{ ...date, timeOffId: 'a' }, ical('09:00', '10:00', 'b')]))
      .thenHappens();
  });

  test('of nothing removes all of the source', () => {
    given(timeOffSynced([morning, noon], []))
      .when(syncTimeOff([]))
      .thenHappens(timeOffSynced([], [morning, noon], { total: 0 }));
    given().when(syncTimeOff([])).thenHappens();
  });

  test('leaves the time off of others alone', () => {
    const own = off('09:00', '10:00', { timeOffId: 'own' });
    const other = off('12:00', '13:00', { timeOffId: 'other', source: 'caldav' });
    given(timeOffAdded(own), timeOffSynced([other], [], { source: 'caldav' }))
      .when(syncTimeOff([morning]))
      .thenHappens(timeOffSynced([morning], []));
  });

  test('replaces what was added by hand under its source', () => {
    given(timeOffAdded(morning))
      .when(syncTimeOff([]))
      .thenHappens(timeOffSynced([], [morning], { total: 0 }));
  });

  test('takes each time once: the first of those that are the same', () => {
    given()
      .when(syncTimeOff([ical('09:00', '10:00', 'a'), noon, ical('09:00', '10:00', 'b')]))
      .thenHappens(timeOffSynced([ical('09:00', '10:00', 'a'), noon], []));
  });

  test('leaves one of those that take the same time', () => {
    const again = { ...morning, timeOffId: 'again' };
    given(timeOffAdded(again), timeOffAdded(morning))
      .when(syncTimeOff([ical('09:00', '10:00', 'x')]))
      .thenHappens(timeOffSynced([], [morning], { total: 1 }));
  });

  test('tells times from dates that take the same time', () => {
    const times = ical('00:00', '24:00');
    const dates = datesOff('2030-01-01', '2030-01-01', { source: 'ical' });
    given(timeOffSynced([times], []))
      .when(syncTimeOff([dates]))
      .thenHappens(timeOffSynced([dates], [times]));
  });

  test('leaves out what ended 400 days ago', () => {
    const old = ical('09:00', '10:00', 'old');
    const now = at('10:00') + FORGOTTEN_AFTER;
    given()
      .when(syncTimeOff([old], { now }))
      .thenHappens();
    given()
      .when(syncTimeOff([old], { now: now - 1 }))
      .thenHappens(timeOffSynced([old], [], { syncedAt: now - 1 }));
  });
});

describe('a sync with a calendar', () => {
  const leftOut = { transparent: 1, cancelled: 2, own: 3, past: 4, withoutTime: 5 };
  const calendar = { leftOut, followedUntil: at('00:00') + 400 * DAY };
  const now = at('12:00');
  const ical = (from: string, to: string) => off(from, to, { source: 'ical' });
  const over = ical('11:00', '12:00');
  const underWay = ical('11:00', '12:01');
  const toCome = ical('15:00', '16:00');

  test('tells what else was read in it', () => {
    given()
      .when(syncTimeOff([toCome], { calendar, now }))
      .thenHappens(timeOffSynced([toCome], [], { calendar, syncedAt: now }));
  });

  test('leaves what is over, and removes what is not', () => {
    given(timeOffSynced([over, underWay], []))
      .when(syncTimeOff([], { calendar, now }))
      .thenHappens(timeOffSynced([], [underWay], { total: 0, calendar, syncedAt: now }));
    given(timeOffSynced([over], []))
      .when(syncTimeOff([], { calendar, now }))
      .thenHappens();
  });

  test('counts what it has, without what is over', () => {
    given(timeOffSynced([over, toCome], []))
      .when(syncTimeOff([{ ...toCome, timeOffId: 'again' }, underWay], { calendar, now }))
      .thenHappens(timeOffSynced([underWay], [], { total: 2, calendar, syncedAt: now }));
  });

  test('takes whole dates to be over at midnight in the zone of the coach', () => {
    const date = datesOff('2030-01-01', '2030-01-01', { source: 'ical' });
    const hours = availabilitySet({ timeZone: 'America/New_York', weekly: [], dates: [] });
    const midnight = at('24:00') + 5 * 3_600_000;
    given(hours, timeOffSynced([date], []))
      .when(syncTimeOff([], { calendar, now: midnight }))
      .thenHappens();
    given(hours, timeOffSynced([date], []))
      .when(syncTimeOff([], { calendar, now: midnight - 1 }))
      .thenHappens(timeOffSynced([], [date], { total: 0, calendar, syncedAt: midnight - 1 }));
  });
});

describe('a coach has at most 10,000 times off', () => {
  const many = (count: number, source: string) =>
    Array.from({ length: count }, (_, nr) => {
      const start = at('00:00') + nr * 3_600_000;
      return off('00:00', '01:00', { timeOffId: `${source}-${nr}`, start, end: start + 1_800_000, source });
    });
  const all = timeOffSynced(many(MAX_TIME_OFF, 'one'), [], { source: 'one' });
  const butOne = timeOffSynced(many(MAX_TIME_OFF - 1, 'one'), [], { source: 'one' });

  test('the last can be added, and no more', () => {
    const another = off('09:00', '10:00');
    given(butOne).when(addTimeOff(another)).thenHappens(timeOffAdded(another));
    given(all).when(addTimeOff(another)).thenRefused('TIME_OFF_QUOTA');
  });

  test('a sync may put as many in the place of others', () => {
    const [first] = many(1, 'two');
    given(butOne)
      .when(syncTimeOff([first!], { source: 'two' }))
      .thenHappens(timeOffSynced([first!], [], { source: 'two' }));
    given(all)
      .when(syncTimeOff([first!], { source: 'two' }))
      .thenRefused('TIME_OFF_QUOTA');
    const moved = { ...first!, start: 0, end: 1 + MIDNIGHT, source: 'one' };
    given(all)
      .when(syncTimeOff([moved], { source: 'one' }))
      .thenHappens(timeOffSynced([moved], many(MAX_TIME_OFF, 'one'), { source: 'one' }));
  });

  test('those that ended 400 days ago do not count', () => {
    const another = off('09:00', '10:00', { start: at('09:00') + 500 * DAY, end: at('10:00') + 500 * DAY });
    const now = at('00:30') + FORGOTTEN_AFTER;
    given(all).when(addTimeOff(another, now)).thenHappens(timeOffAdded(another, now));
    given(all)
      .when(addTimeOff(another, now - 1))
      .thenRefused('TIME_OFF_QUOTA');
  });
});

describe('a coach does not keep for ever', () => {
  /** The ids of the time off in the state. */
  const kept = (...history: CoachEvent[]) =>
    itemsOf(history.reduce(evolveCoach, initialCoach).offering.timeOff).map(({ timeOffId }) => timeOffId);
  const old = off('09:00', '10:00', { timeOffId: 'old' });
  const dates = datesOff('2030-01-01', '2030-01-01', { timeOffId: 'dates' });
  const fresh = off('09:00', '10:00', {
    timeOffId: 'fresh',
    start: at('09:00') + 900 * DAY,
    end: at('10:00') + 900 * DAY,
  });

  test('time off that ended 400 days before some is added, removed or synced', () => {
    const now = at('10:00') + FORGOTTEN_AFTER;
    expect(kept(timeOffAdded(old), timeOffAdded(fresh, now - 1))).toEqual(['old', 'fresh']);
    expect(kept(timeOffAdded(old), timeOffAdded(fresh, now))).toEqual(['fresh']);
    expect(kept(timeOffAdded(old), timeOffSynced([fresh], [], { syncedAt: now }))).toEqual(['fresh']);
    expect(kept(timeOffAdded(old), timeOffAdded(fresh), timeOffRemoved(fresh, now))).toEqual([]);
  });

  test('dates, once they have ended in every zone', () => {
    const everywhere = at('00:00') + 3 * DAY + FORGOTTEN_AFTER;
    expect(kept(timeOffAdded(dates), timeOffAdded(fresh, everywhere - 1))).toEqual(['dates', 'fresh']);
    expect(kept(timeOffAdded(dates), timeOffAdded(fresh, everywhere))).toEqual(['fresh']);
  });

  test('but removes what is not forgotten yet', () => {
    given(timeOffAdded(old))
      .when(removeTimeOff(old, at('10:00') + 2 * FORGOTTEN_AFTER))
      .thenHappens(timeOffRemoved(old, at('10:00') + 2 * FORGOTTEN_AFTER));
  });
});

test('the offering is the same object until an event changes it', () => {
  const before = [availabilitySet(office), timeOffAdded(off('09:00', '10:00'))].reduce(evolveCoach, initialCoach);
  expect(evolveCoach(before, scheduled('10:00')).offering).toBe(before.offering);
  expect(evolveCoach(before, policySet({})).offering).not.toBe(before.offering);
});
