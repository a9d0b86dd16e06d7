import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/event-store/event-store.js';
import { auditOf, type HandMade, recordedInOrder, uuid } from './support.js';

const at = (time: string) => `2030-01-01T${time}:00Z`;

// Ids by their numbers: sessions and holds from 100, reservations from 200, series from 300.
const NINE = 101;
const TEN = 102;

const parties = { coachHashId: 'ann', clientHashId: 'bob' };

function ofAnn(type: string, data: JsonObject, metadata: JsonObject = {}): HandMade {
  return { stream: 'coach-ann', type, data: { ...parties, ...data }, metadata };
}

/** A session of Ann and Bob, of 60 minutes, booked without a reservation. */
function session(nr: number, time: string, more: JsonObject = {}): JsonObject {
  return { sessionId: uuid(nr), start: at(time), duration: 60, scheduledAt: at('00:00'), ...more };
}

function booked(nr: number, time: string, more: JsonObject = {}, metadata: JsonObject = {}): HandMade {
  return ofAnn('SessionScheduled', session(nr, time, more), metadata);
}

function moved(nr: number, from: string, to: string, more: JsonObject = {}, metadata: JsonObject = {}): HandMade {
  const previous = { previousStart: at(from), previousDuration: 60, rescheduledAt: at('01:00') };
  return ofAnn('SessionRescheduled', session(nr, to, { ...previous, ...more }), metadata);
}

function cancelled(nr: number, time: string, more: JsonObject = {}): HandMade {
  const how = { cancelledAt: at('02:00'), cancelledBy: 'PARTY_CLIENT' };
  return ofAnn('SessionCancelled', session(nr, time, { ...how, ...more }));
}

function completed(nr: number, time: string, more: JsonObject = {}): HandMade {
  return ofAnn('SessionCompleted', session(nr, time, { completedAt: at('20:00'), ...more }));
}

/** An hour ahead, in time. */
function reminded(nr: number, time: string, more: JsonObject = {}): HandMade {
  const how = { offsetMinutes: 60, remindedAt: at('08:00'), updatedAt: at('00:00') };
  return ofAnn('SessionReminderDue', session(nr, time, { ...how, ...more }));
}

function hold(nr: number, time: string, more: JsonObject = {}): JsonObject {
  const until = { heldAt: at('00:00'), expiresAt: at('00:10') };
  return { holdId: uuid(nr), start: at(time), duration: 60, ...until, ...more };
}

function series(nr: number): JsonObject {
  const when = { localStart: '2030-01-01T09:00:00', timeZone: 'UTC', recurrence: 'FREQ=DAILY;COUNT=2' };
  return { seriesId: uuid(nr), ...when, duration: 60, disambiguation: 'compatible', scheduledAt: at('00:00') };
}

function ofBob(type: string, nr: number, time: string, more: JsonObject = {}): HandMade {
  const reserved = { reservationId: uuid(nr), sessionId: uuid(NINE), start: at(time), duration: 60 };
  const when = { reservedAt: at('00:00'), releasedAt: at('00:00'), confirmedAt: at('00:00') };
  return { stream: 'client-bob', type, data: { ...parties, ...reserved, ...when, ...more } };
}

const reserved = (nr: number, time: string, more: JsonObject = {}) => ofBob('TimeReserved', nr, time, more);
const released = (nr: number, time: string, more: JsonObject = {}) => ofBob('TimeReleased', nr, time, more);

/** The event, in the stream of coach Zoe. */
function ofZoe({ type, data }: HandMade): HandMade {
  return { stream: 'coach-zoe', type, data: { ...data, coachHashId: 'zoe' } };
}

/** Time off of Ann. */
const hourOff = (nr: number, more: JsonObject = {}): JsonObject => {
  return { timeOffId: uuid(nr), start: at('09:00'), end: at('10:00'), ...more };
};
const dayOff = (nr: number, more: JsonObject = {}): JsonObject => {
  return { timeOffId: uuid(nr), firstDate: '2030-01-01', lastDate: '2030-01-01', ...more };
};
const offering = (type: string, data: JsonObject): HandMade => ({
  stream: 'coach-ann',
  type,
  data: { coachHashId: 'ann', ...data },
});
const added = (timeOff: JsonObject) => offering('TimeOffAdded', { timeOff, addedAt: at('00:00') });
const removed = (timeOff: JsonObject) => offering('TimeOffRemoved', { timeOff, removedAt: at('00:00') });
const synced = (data: { added?: JsonObject[]; removed?: JsonObject[] }) =>
  offering('TimeOffSynced', { source: 'ical', ...data, total: 1, syncedAt: at('00:00') });
const availabilitySet = offering('AvailabilitySet', { timeZone: 'UTC', setAt: at('00:00') });
const availabilityDeleted = offering('AvailabilityDeleted', { deletedAt: at('00:00') });
const policySet = offering('BookingPolicySet', { notice: 60, setAt: at('00:00') });
const policyDeleted = offering('BookingPolicyDeleted', { deletedAt: at('00:00') });

async function faultsOf(...events: HandMade[]): Promise<string[]> {
  return (await auditOf(recordedInOrder(events))).faults;
}

describe('a sound log has no faults:', () => {
  test.each<[string, HandMade[]]>([
    ['nothing', []],
    ['sessions that touch', [booked(NINE, '09:00'), booked(TEN, '10:00')]],
    ['time that was freed', [booked(NINE, '09:00'), cancelled(NINE, '09:00'), booked(TEN, '09:30')]],
    ['a session that moves over itself', [booked(NINE, '09:00'), moved(NINE, '09:00', '09:30')]],
    [
      'reminders, anew after a move',
      [
        booked(NINE, '09:00'),
        reminded(NINE, '09:00', { offsetMinutes: 90 }),
        reminded(NINE, '09:00'),
        moved(NINE, '09:00', '12:00', { rescheduledAt: at('08:30'), reason: 'late' }),
        reminded(NINE, '12:00', {
          remindedAt: at('11:59'),
          updatedAt: at('08:30'),
          reason: 'late',
          sessionRevision: 3,
        }),
        cancelled(NINE, '12:00', { cancelledAt: at('11:59') }),
      ],
    ],
    [
      'an outcome that is corrected',
      [
        booked(NINE, '09:00'),
        completed(NINE, '09:00'),
        ofAnn(
          'SessionOutcomeCorrected',
          session(NINE, '09:00', {
            correctedAt: at('21:00'),
            outcome: 'SESSION_STATE_NO_SHOW',
            absent: 'PARTY_CLIENT',
          }),
        ),
      ],
    ],
    [
      'a hold that becomes a session',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldConfirmed', hold(NINE, '09:00', { confirmedAt: at('00:05') })),
        booked(NINE, '09:00', { scheduledAt: at('00:05') }),
      ],
    ],
    [
      'a hold that runs out when its time is wanted',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldExpired', hold(NINE, '09:00', { expiredAt: at('00:10') }), { requestId: 'r' }),
        booked(TEN, '09:00', {}, { requestId: 'r' }),
      ],
    ],
    [
      'a series that moves onto its own time',
      [
        ofAnn('SeriesScheduled', series(301)),
        booked(NINE, '09:00', { seriesId: uuid(301), occurrence: 1, localStart: 'nine' }),
        booked(TEN, '10:00', { seriesId: uuid(301), occurrence: 2, localStart: 'ten' }),
        ofAnn('SeriesRescheduled', {
          seriesId: uuid(301),
          fromOccurrence: 1,
          localStart: 'x',
          rescheduledAt: at('01:00'),
        }),
        moved(NINE, '09:00', '10:00', { seriesId: uuid(301), occurrence: 1, localStart: 'ten' }),
        moved(TEN, '10:00', '11:00', { seriesId: uuid(301), occurrence: 2, localStart: 'eleven' }),
      ],
    ],
    [
      'time that is reserved, used, freed and released',
      [
        reserved(201, '09:00'),
        booked(NINE, '09:00', { reservationId: uuid(201) }),
        cancelled(NINE, '09:00', { reservationId: uuid(201) }),
        released(201, '09:00'),
        reserved(202, '09:30', { coachHashId: 'zoe' }),
      ],
    ],
    [
      'two commands of one coach that wanted the same time of the client',
      [reserved(201, '09:00'), reserved(202, '09:30'), released(202, '09:30')],
    ],
    ['hours that are set and deleted, twice', [1, 2].flatMap(() => [availabilitySet, availabilityDeleted])],
    ['a policy that is set twice and deleted', [policySet, policySet, policyDeleted]],
    [
      'time off that is added, removed and synced',
      [
        added(hourOff(401)),
        added(dayOff(402)),
        removed(hourOff(401)),
        synced({ added: [hourOff(403, { source: 'ical' })] }),
        synced({ added: [dayOff(404, { source: 'ical' })], removed: [hourOff(403, { source: 'ical' })] }),
        removed(dayOff(404, { source: 'ical' })),
      ],
    ],
  ])('%s', async (_, events) => {
    expect(await faultsOf(...events)).toEqual([]);
  });
});

describe('of the log as a whole, an audit names', () => {
  const log = recordedInOrder([booked(NINE, '09:00'), booked(TEN, '10:00'), booked(103, '11:00')]);
  const [first, second, third] = log as [(typeof log)[0], (typeof log)[0], (typeof log)[0]];

  test('a gap between positions', async () => {
    const { faults } = await auditOf([first, second, { ...third, position: 5n }]);
    expect(faults).toEqual([
      'position 5, coach-ann revision 2: 2 events are missing before it: the position before is 2',
    ]);
  });

  test('no gap in a store whose positions have gaps', async () => {
    expect(await auditOf([first, second, { ...third, position: 5n }], { isShared: true })).toMatchObject({
      faults: [],
    });
  });

  test('positions that do not grow', async () => {
    const { faults } = await auditOf([first, { ...second, position: 1n }, third], { isShared: true });
    expect(faults).toEqual(['position 1, coach-ann revision 1: the position does not follow position 1']);
  });

  test('a revision that is missing', async () => {
    const { faults } = await auditOf([first, second, { ...third, revision: 3n }]);
    expect(faults).toEqual(["position 3, coach-ann revision 3: the stream's next revision is 2"]);
  });

  test('an id that two events have', async () => {
    const { faults } = await auditOf([first, second, { ...third, id: first.id }]);
    expect(faults).toEqual([
      `position 3, coach-ann revision 2: the id of the event, ${first.id}, is that of an earlier event`,
    ]);
  });

  test.each<[string, HandMade, string]>([
    ['an unknown type', ofAnn('SessionDreamt', {}), 'the event cannot be read: its type is unknown: '],
    ['a time that is missing', booked(NINE, '09:00', { start: null }), 'the event cannot be read: a time is missing'],
    ['a value of another type', booked(NINE, '09:00', { duration: 'long' }), 'the event cannot be read: cannot decode'],
    ['an event in the stream of another coach', { ...booked(NINE, '09:00'), stream: 'coach-eve' }, 'is of coach ann'],
    ['an event in the stream of another client', { ...reserved(201, '09:00'), stream: 'client-eve' }, 'of client bob'],
    ['an event in a stream of another kind', { ...booked(NINE, '09:00'), stream: 'client-bob' }, 'is not an event of'],
    ['an event in a stream of no kind', { ...booked(NINE, '09:00'), stream: 'room-1' }, 'is not an event of this'],
  ])('%s', async (_, event, sentence) => {
    const faults = await faultsOf(event);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(sentence);
  });
});

describe('of coaches, an audit names', () => {
  test.each<[string, HandMade[], string]>([
    [
      'sessions that overlap',
      [booked(NINE, '09:00'), booked(TEN, '09:59')],
      `position 2, coach-ann revision 1: session ${uuid(TEN)} overlaps session ${uuid(NINE)} of the same coach`,
    ],
    [
      'an overlap that ends before the log does',
      [booked(NINE, '09:00'), booked(TEN, '09:30'), cancelled(TEN, '09:30')],
      `session ${uuid(TEN)} overlaps session ${uuid(NINE)} of the same coach`,
    ],
    [
      'a session within an open hold',
      [ofAnn('SlotHeld', hold(NINE, '09:00')), booked(TEN, '09:15', { duration: 5 })],
      `session ${uuid(TEN)} overlaps hold ${uuid(NINE)} of the same coach`,
    ],
    [
      'a move onto time that is taken',
      [booked(NINE, '09:00'), booked(TEN, '10:00'), moved(TEN, '10:00', '08:30')],
      `session ${uuid(TEN)} overlaps session ${uuid(NINE)} of the same coach`,
    ],
    [
      'a series that moves onto time that is taken',
      [
        ofAnn('SeriesScheduled', series(301)),
        booked(NINE, '09:00', { seriesId: uuid(301), occurrence: 1 }),
        booked(TEN, '10:00'),
        ofAnn('SeriesRescheduled', {
          seriesId: uuid(301),
          fromOccurrence: 1,
          localStart: 'x',
          rescheduledAt: at('01:00'),
        }),
        moved(NINE, '09:00', '10:00', { seriesId: uuid(301), occurrence: 1 }),
      ],
      `session ${uuid(NINE)} overlaps session ${uuid(TEN)} of the same coach`,
    ],
    ['a session without length', [booked(NINE, '09:00', { duration: 0 })], `session ${uuid(NINE)} lasts 0 minutes`],
    ['a session booked twice', [booked(NINE, '09:00'), booked(NINE, '09:00')], `session ${uuid(NINE)} is booked again`],
    [
      'an id that two coaches have',
      [booked(NINE, '09:00'), ofZoe(booked(NINE, '12:00'))],
      `session ${uuid(NINE)} has an id that is in use`,
    ],
    ['a change of nothing', [moved(NINE, '09:00', '10:00')], `session ${uuid(NINE)} was never booked`],
    [
      'a second cancellation',
      [booked(NINE, '09:00'), cancelled(NINE, '09:00'), cancelled(NINE, '09:00')],
      'is cancelled although it is cancelled',
    ],
    [
      'a move after the end',
      [booked(NINE, '09:00'), completed(NINE, '09:00'), moved(NINE, '09:00', '11:00', { rescheduledAt: at('21:00') })],
      'is rescheduled although it is completed',
    ],
    [
      'a reminder of what is cancelled',
      [booked(NINE, '09:00'), cancelled(NINE, '09:00'), reminded(NINE, '09:00')],
      'is reminded of although it is cancelled',
    ],
    [
      'a reminder that was past when the session was booked',
      [
        booked(NINE, '09:00', { scheduledAt: at('08:00') }),
        reminded(NINE, '09:00', { scheduledAt: at('08:00'), updatedAt: at('08:00') }),
      ],
      'is reminded of 60 minutes ahead, which was past at its last change',
    ],
    [
      'a reminder that comes early',
      [booked(NINE, '09:00'), reminded(NINE, '09:00', { remindedAt: at('07:59') })],
      'is reminded of 60 minutes ahead before that time',
    ],
    [
      'a reminder of what has begun',
      [booked(NINE, '09:00'), reminded(NINE, '09:00', { remindedAt: at('09:00') })],
      'is reminded of after its start',
    ],
    [
      'a reminder that is told again',
      [booked(NINE, '09:00'), reminded(NINE, '09:00'), reminded(NINE, '09:00')],
      'is reminded of 60 minutes ahead again',
    ],
    [
      'a reminder that changes the revision',
      [booked(NINE, '09:00'), reminded(NINE, '09:00', { sessionRevision: 1 })],
      'has another revision than before: 1, not 0',
    ],
    [
      'a change before a reminder',
      [booked(NINE, '09:00'), reminded(NINE, '09:00'), cancelled(NINE, '09:00', { cancelledAt: at('07:59') })],
      'goes back in time',
    ],
    [
      'an outcome before the start',
      [booked(NINE, '09:00'), completed(NINE, '09:00', { completedAt: at('08:59') })],
      'is completed before it has started',
    ],
    [
      'an outcome that is corrected before there is one',
      [
        booked(NINE, '09:00'),
        ofAnn(
          'SessionOutcomeCorrected',
          session(NINE, '09:00', { correctedAt: at('21:00'), outcome: 'SESSION_STATE_COMPLETED' }),
        ),
      ],
      'has its outcome corrected although it is scheduled',
    ],
    [
      'an outcome that is corrected to the same one',
      [
        booked(NINE, '09:00'),
        completed(NINE, '09:00'),
        ofAnn(
          'SessionOutcomeCorrected',
          session(NINE, '09:00', { correctedAt: at('21:00'), outcome: 'SESSION_STATE_COMPLETED' }),
        ),
      ],
      'has its outcome corrected to the same one',
    ],
    [
      'an outcome that is corrected to a no-show of nobody',
      [
        booked(NINE, '09:00'),
        completed(NINE, '09:00'),
        ofAnn(
          'SessionOutcomeCorrected',
          session(NINE, '09:00', { correctedAt: at('21:00'), outcome: 'SESSION_STATE_NO_SHOW' }),
        ),
      ],
      'is corrected to no_show with nobody absent',
    ],
    [
      'an outcome that is none',
      [
        booked(NINE, '09:00'),
        ofAnn(
          'SessionOutcomeCorrected',
          session(NINE, '09:00', { correctedAt: at('21:00'), outcome: 'SESSION_STATE_CANCELLED' }),
        ),
      ],
      'its outcome is neither completed nor no-show',
    ],
    [
      'a no-show of those who do not meet',
      [
        booked(NINE, '09:00'),
        ofAnn('SessionMarkedNoShow', session(NINE, '09:00', { markedAt: at('21:00'), absent: 'PARTY_ORGANIZATION' })),
      ],
      'is a no-show of organization',
    ],
    [
      'a cancellation by nobody',
      [booked(NINE, '09:00'), cancelled(NINE, '09:00', { cancelledBy: 'PARTY_UNSPECIFIED' })],
      'is cancelled by nobody',
    ],
    [
      'a slot that is held twice',
      [ofAnn('SlotHeld', hold(NINE, '09:00')), ofAnn('SlotHeld', hold(NINE, '09:00'))],
      `hold ${uuid(NINE)} is held again`,
    ],
    [
      'the end of a hold that is not there',
      [ofAnn('HoldReleased', hold(NINE, '09:00', { releasedAt: at('00:01') }))],
      `hold ${uuid(NINE)} was never held`,
    ],
    [
      'a hold that changes at its end',
      [ofAnn('SlotHeld', hold(NINE, '09:00')), ofAnn('HoldReleased', hold(NINE, '10:00', { releasedAt: at('00:01') }))],
      'has another start than before',
    ],
    [
      'a hold with the id of a session',
      [booked(NINE, '09:00'), ofAnn('SlotHeld', hold(NINE, '12:00'))],
      `hold ${uuid(NINE)} has an id that is in use`,
    ],
    [
      'a move from another time than the session had',
      [booked(NINE, '09:00'), moved(NINE, '08:00', '10:00')],
      'is rescheduled from another time or reservation than it had',
    ],
    [
      'a change of what cannot change',
      [booked(NINE, '09:00'), cancelled(NINE, '09:00', { clientHashId: 'eve' })],
      'has another client than before: eve, not bob',
    ],
    [
      'a history that goes back in time',
      [booked(NINE, '09:00'), cancelled(NINE, '09:00', { cancelledAt: '2029-12-31T00:00:00Z' })],
      'goes back in time',
    ],
    [
      'a hold that is released twice',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldReleased', hold(NINE, '09:00', { releasedAt: at('00:01') })),
        ofAnn('HoldReleased', hold(NINE, '09:00', { releasedAt: at('00:02') })),
      ],
      `hold ${uuid(NINE)} is released although it is released`,
    ],
    [
      'a hold that ends before its time',
      [ofAnn('SlotHeld', hold(NINE, '09:00')), ofAnn('HoldExpired', hold(NINE, '09:00', { expiredAt: at('00:09') }))],
      'is expired before its time has run out',
    ],
    [
      'a hold that is confirmed after its time',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldConfirmed', hold(NINE, '09:00', { confirmedAt: at('00:10') })),
        booked(NINE, '09:00', { scheduledAt: at('00:10') }),
      ],
      'is confirmed after its time has run out',
    ],
    [
      'a confirmed hold without its session',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldConfirmed', hold(NINE, '09:00', { confirmedAt: at('00:01') })),
        booked(TEN, '10:00'),
      ],
      'position 2, coach-ann revision 1: the events that belong to this HoldConfirmed do not follow it',
    ],
    [
      'a session that is not as its hold was',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldConfirmed', hold(NINE, '09:00', { confirmedAt: at('00:01') })),
        booked(NINE, '10:00'),
      ],
      `session ${uuid(NINE)} is not as the hold that it is made from`,
    ],
    [
      'a session of a series that is not there',
      [booked(NINE, '09:00', { seriesId: uuid(301), occurrence: 1 })],
      `belongs to series ${uuid(301)}, which its client never had`,
    ],
    [
      'a series without sessions, also at the end of the log',
      [ofAnn('SeriesScheduled', series(301))],
      'the events that belong to this SeriesScheduled do not follow it',
    ],
    [
      'the end of a series that is not there',
      [
        ofAnn('SeriesCancelled', {
          seriesId: uuid(301),
          fromOccurrence: 1,
          cancelledBy: 'PARTY_COACH',
          cancelledAt: at('01:00'),
        }),
      ],
      `series ${uuid(301)} was never booked`,
    ],
    ['hours that are deleted before they are set', [availabilityDeleted], 'availability is deleted that was not set'],
    [
      'hours that are deleted twice',
      [availabilitySet, availabilityDeleted, availabilityDeleted],
      'position 3, coach-ann revision 2: an availability is deleted that was not set',
    ],
    ['a policy that is deleted before it is set', [policyDeleted], 'a booking policy is deleted that was not set'],
    [
      'a policy that is deleted twice',
      [policySet, policyDeleted, policyDeleted],
      'a booking policy is deleted that was not set',
    ],
    [
      'more sessions outside the hours than there are',
      [
        offering('AvailabilitySet', {
          timeZone: 'UTC',
          outside: [{ sessionId: uuid(NINE), start: at('09:00'), duration: 60 }],
          setAt: at('00:00'),
        }),
      ],
      'more sessions outside the hours are listed than counted',
    ],
    [
      'time off with the id of a session',
      [booked(NINE, '09:00'), added(hourOff(NINE))],
      `time off ${uuid(NINE)} has an id that is in use`,
    ],
    ['an hour off without length', [added(hourOff(401, { end: at('09:00') }))], `time off ${uuid(401)} takes no time`],
    [
      'days off that end before they begin',
      [added(dayOff(401, { lastDate: '2029-12-31' }))],
      `time off ${uuid(401)} takes no time`,
    ],
    ['time off that is removed before it is added', [removed(hourOff(401))], 'is removed and was not there'],
    [
      'time off that is removed twice',
      [added(hourOff(401)), removed(hourOff(401)), synced({ removed: [hourOff(401, { source: 'ical' })] })],
      `position 3, coach-ann revision 2: time off ${uuid(401)} is removed and was not there`,
    ],
    [
      'time off that is removed as it never was',
      [added(hourOff(401)), removed(hourOff(401, { reason: 'ill' }))],
      `time off ${uuid(401)} is removed as it never was`,
    ],
    ['a sync that changes nothing', [synced({})], 'a sync changes nothing'],
    [
      'a sync of what another source has',
      [synced({ added: [hourOff(401, { source: 'caldav' })] })],
      `time off ${uuid(401)} is not of the source ical`,
    ],
  ])('%s', async (_, events, sentence) => {
    expect((await faultsOf(...events)).join('\n')).toContain(sentence);
  });
});

describe('of request ids, an audit names', () => {
  const metadata = { requestId: 'r', requestFingerprint: 'f', correlationId: 'c' };

  test.each<[string, HandMade[]]>([
    [
      'an effect after other events',
      [booked(NINE, '09:00', {}, metadata), booked(TEN, '10:00'), booked(103, '11:00', {}, metadata)],
    ],
    ['two effects side by side', [booked(NINE, '09:00', {}, metadata), booked(TEN, '10:00', {}, metadata)]],
    [
      'one effect of two contents',
      [
        ofAnn('SlotHeld', hold(NINE, '09:00')),
        ofAnn('HoldExpired', hold(NINE, '09:00', { expiredAt: at('00:10') }), metadata),
        booked(TEN, '09:00', {}, { ...metadata, requestFingerprint: 'g' }),
      ],
    ],
  ])('%s', async (_, events) => {
    expect((await faultsOf(...events)).join('\n')).toContain('request r has a second effect; the first is at revision');
  });

  test('the subject whose id it is', async () => {
    const ofEve = { ...metadata, subject: 'eve' };
    expect(await faultsOf(booked(NINE, '09:00', {}, ofEve), booked(TEN, '10:00', {}, ofEve))).toEqual([
      expect.stringContaining('request r eve has a second effect; the first is at revision 0'),
    ]);
  });

  test('no effects of one id of two subjects', async () => {
    const subjects = [{}, { subject: 'eve' }, { subject: 'ben' }];
    const events = subjects.map((one, nr) => booked(101 + nr, `1${nr}:00`, {}, { ...metadata, ...one }));
    expect(await faultsOf(...events)).toEqual([]);
  });

  test('no effects of one id at two coaches: processes may not notice them', async () => {
    expect(await faultsOf(booked(NINE, '09:00', {}, metadata), { ...ofZoe(booked(TEN, '12:00')), metadata })).toEqual(
      [],
    );
  });
});

describe('of clients, an audit names', () => {
  const nine = { reservationId: uuid(201) };
  const atZoe = { coachHashId: 'zoe', sessionId: uuid(TEN) };

  test.each<[string, HandMade[], string]>([
    [
      'sessions of two coaches at once',
      [
        reserved(201, '09:00'),
        booked(NINE, '09:00', nine),
        reserved(202, '09:30', atZoe),
        ofZoe(booked(TEN, '09:30', { reservationId: uuid(202) })),
      ],
      `client bob is in session ${uuid(TEN)} and in session ${uuid(NINE)} of coach ann at once`,
    ],
    [
      'reservations of two coaches for the same time',
      [reserved(201, '09:00'), reserved(202, '09:30', atZoe)],
      `reservation ${uuid(202)} for coach zoe overlaps reservation ${uuid(201)} for coach ann`,
    ],
    ['a reservation that is made twice', [reserved(201, '09:00'), reserved(201, '09:00')], 'is made again'],
    ['the release of nothing', [released(201, '09:00')], `reservation ${uuid(201)} is released and was not there`],
    [
      'the confirmation of nothing',
      [ofBob('ReservationConfirmed', 201, '09:00')],
      `reservation ${uuid(201)} is confirmed and was not there`,
    ],
    [
      'time that is released and used',
      [reserved(201, '09:00'), booked(NINE, '09:00', nine), released(201, '09:00')],
      `reservation ${uuid(201)} is released while session ${uuid(NINE)} of coach ann uses it`,
    ],
    [
      'a session whose time was never reserved',
      [booked(NINE, '09:00', nine)],
      `session ${uuid(NINE)} uses reservation ${uuid(201)}, which does not keep its time for client bob`,
    ],
    [
      'a session at another time than was reserved',
      [reserved(201, '09:00'), booked(NINE, '09:30', nine)],
      'which does not keep its time for client bob',
    ],
    [
      'the use of a reservation that was abandoned',
      [
        reserved(201, '09:00'),
        ofAnn('ReservationAbandoned', { reservationId: uuid(201), abandonedAt: at('00:00') }),
        booked(NINE, '09:00', nine),
      ],
      `session ${uuid(NINE)} uses reservation ${uuid(201)}, which was abandoned`,
    ],
    [
      'a reservation that is abandoned while it is used',
      [
        reserved(201, '09:00'),
        booked(NINE, '09:00', nine),
        ofAnn('ReservationAbandoned', { reservationId: uuid(201), abandonedAt: at('00:00') }),
      ],
      `reservation ${uuid(201)} is abandoned while session ${uuid(NINE)} uses it`,
    ],
  ])('%s', async (_, events, sentence) => {
    expect((await faultsOf(...events)).join('\n')).toContain(sentence);
  });

  test('no overlap without a reservation: it is counted', async () => {
    const log = recordedInOrder([booked(NINE, '09:00'), ofZoe(booked(TEN, '09:30'))]);
    expect(await auditOf(log)).toMatchObject({ faults: [], counts: { overlaps: 1 } });
  });

  test('no reservation that nothing uses: it is counted', async () => {
    const log = recordedInOrder([
      reserved(201, '09:00'),
      booked(NINE, '09:00', nine),
      cancelled(NINE, '09:00', nine),
      reserved(202, '12:00'),
    ]);
    expect(await auditOf(log)).toMatchObject({ faults: [], counts: { unsettled: 2 } });
  });
});

test('counts what it has read', async () => {
  const log = recordedInOrder([reserved(201, '09:00'), booked(NINE, '09:00', { reservationId: uuid(201) })]);
  const { counts } = await auditOf(log);
  expect(counts).toEqual({ events: 2, streams: 2, coaches: 1, sessions: 1, overlaps: 0, unsettled: 0 });
});
