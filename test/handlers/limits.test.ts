import { inspect } from 'node:util';
import { isMessage } from '@bufbuild/protobuf';
import { TimestampSchema, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { Party, SessionState } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import {
  errorOf,
  type MemoryService,
  memoryService,
  type RequestOf,
  SERIES,
  SLOT,
  UNKNOWN_ID,
  violationsOf,
} from './memory-service.js';

/** A limit of a field: the values on both sides of it. */
interface Limit<Value> {
  readonly field: string;
  readonly good: readonly Value[];
  /** The values beyond the limit, by the sentence that the caller gets. */
  readonly bad: Readonly<Record<string, readonly Value[]>>;
  readonly call: (service: MemoryService, value: Value) => Promise<unknown>;
}

/** Checks the values of a limit against its call, and forgets their type: each limit in the table has another. */
function limit<Value>(one: Limit<Value>): Limit<never> {
  return one as unknown as Limit<never>;
}

const letters = (count: number) => 'a'.repeat(count);
const utc = (time: string) => timestampFromMs(Date.parse(time));

/** A timestamp as a caller may write it, finer than a millisecond or out of range. */
const timestamp = (seconds: bigint, nanos: number) => ({ ...utc('2030-01-01T09:00:00Z'), seconds, nanos });
const NINE = BigInt(Date.parse('2030-01-01T09:00:00Z') / 1000);
const YEAR_1 = BigInt(Date.parse('0001-01-01T00:00:00Z') / 1000);
const YEAR_10000 = BigInt(Date.UTC(10_000, 0, 1) / 1000);

/** The id of a session that is scheduled. */
async function booked(service: MemoryService): Promise<string> {
  const { session } = await service.call('scheduleSession', { session: SLOT });
  return session!.id;
}

/** The id of a series of three sessions. */
async function bookedSeries(service: MemoryService): Promise<string> {
  const { series } = await service.call('scheduleSeries', { series: SERIES });
  return series!.id;
}

const IDS = {
  good: ['a', letters(128), 'AZaz09._~:@|=+/-', 'anna@example.com', 'auth0|1f', 'spiffe://a/b', 'aGk='],
  bad: {
    'is required': [''],
    'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -': [letters(129), 'a b', 'a#', 'é', 'a\n', '\0'],
  },
};
const { 'is required': _, ...MALFORMED_IDS } = IDS.bad;
const OPTIONAL_IDS = { good: ['', ...IDS.good], bad: MALFORMED_IDS };

const REQUEST_IDS = {
  good: ['', '!', '~', letters(128)],
  bad: { 'must be 1 to 128 printable ASCII characters without spaces': [letters(129), ' ', '\x7f', 'é'] },
};

const UUIDS = {
  good: [UNKNOWN_ID, UNKNOWN_ID.toUpperCase()],
  bad: {
    'is required': [''],
    'must be a UUID': [
      UNKNOWN_ID.slice(1),
      `${UNKNOWN_ID}0`,
      UNKNOWN_ID.replaceAll('-', ''),
      `g${UNKNOWN_ID.slice(1)}`,
    ],
  },
};

const DURATIONS = { good: [1, 1440], bad: { 'must be whole minutes, 1 to 1440': [-1, 0, 1441] } };
const OPTIONAL_DURATIONS = { good: [0, 1, 1440], bad: { 'must be whole minutes, 1 to 1440': [-1, 1441] } };

const REASONS = {
  good: ['', letters(1000), '😀'.repeat(1000), 'é'.repeat(1000)],
  bad: {
    'must be at most 1000 characters': [letters(1001), '😀'.repeat(1001), letters(2001)],
    'must not contain U+0000': ['\0'],
  },
};

const ETAGS = {
  good: ['', '0', letters(64), '😀'.repeat(64)],
  bad: { 'must be an etag that this service gave': [letters(65), '😀'.repeat(65)] },
};

const TIMES = {
  good: [undefined, timestamp(YEAR_1, 0), timestamp(YEAR_10000 - 1n, 999_000_000), timestamp(NINE, 1_000_000)],
  bad: {
    'must be in the years 1 to 9999': [
      timestamp(YEAR_1 - 1n, 999_000_000),
      timestamp(YEAR_10000, 0),
      timestamp(NINE, -1),
      timestamp(NINE, 1_000_000_000),
    ],
    'must not be finer than a millisecond': [timestamp(NINE, 1), timestamp(NINE, 999_999)],
  },
};

const ANY_TIMES = {
  good: [...TIMES.good, ...TIMES.bad['must not be finer than a millisecond'], timestamp(YEAR_10000 - 1n, 999_999_999)],
  bad: { 'must be in the years 1 to 9999': TIMES.bad['must be in the years 1 to 9999'] },
};

const PARTIES = {
  good: [Party.COACH, Party.CLIENT, Party.ORGANIZATION],
  bad: { 'is required': [Party.UNSPECIFIED], 'has no value 4': [4 as Party] },
};

const ABSENT = {
  good: [Party.COACH, Party.CLIENT],
  bad: { 'must be PARTY_COACH or PARTY_CLIENT': [Party.UNSPECIFIED, Party.ORGANIZATION, 4 as Party] },
};

const FROM_OCCURRENCE = { good: [0, 1, 3], bad: { 'must be 1 or more, or 0 for the first': [-1] } };

const PAGE_SIZES = {
  good: [0, 1, 1000, 1001, 2 ** 31 - 1],
  bad: { 'must be 1 or more, or 0 for the default': [-1, -(2 ** 31)] },
};

const REVISIONS = {
  good: [undefined, 0n, BigInt(Number.MAX_SAFE_INTEGER)],
  bad: { 'must be 0 to 9007199254740991': [-1n, BigInt(Number.MAX_SAFE_INTEGER) + 1n] },
};

const LOCAL_STARTS = {
  good: ['2030-03-18T09:30', '2030-03-18T09:30:59'],
  bad: {
    'is required': [''],
    'must have no zone and no offset: it is what clocks show in the time zone': ['2030-03-18T09:30Z'],
    'must be a local time such as 2026-03-02T09:30, with seconds or without': ['2030-03-18', '0000-03-18T09:30'],
    'is not a valid date and time': ['2030-02-29T09:30', '2030-03-18T24:00'],
  },
};

type ListName = 'listSessions' | 'listHolds' | 'listSeries';

/** The limits of the fields that all lists have. */
function listLimits(name: ListName): Limit<never>[] {
  const ask = ({ call }: MemoryService, request: RequestOf<ListName>) => call(name, request as never);
  return [
    limit({ field: 'coach_hash_id', ...OPTIONAL_IDS, call: (to, coachHashId) => ask(to, { coachHashId }) }),
    limit({ field: 'client_hash_id', ...OPTIONAL_IDS, call: (to, clientHashId) => ask(to, { clientHashId }) }),
    limit({ field: 'from', ...ANY_TIMES, call: (service, from) => ask(service, from ? { from } : {}) }),
    limit({ field: 'to', ...ANY_TIMES, call: (service, to) => ask(service, to ? { to } : {}) }),
    limit({
      field: 'from',
      good: [utc('2030-01-01T08:59:59.999Z'), utc('2030-01-01T09:00:00Z')],
      bad: { 'must not be after to': [utc('2030-01-01T09:00:00.001Z')] },
      call: (service, from) => ask(service, { from, to: utc('2030-01-01T09:00:00Z') }),
    }),
    limit({ field: 'page_size', ...PAGE_SIZES, call: (service, pageSize) => ask(service, { pageSize }) }),
  ];
}

/** The limits of a list of states, of which the second is asked for. */
function statesLimit(name: 'listSessions' | 'listHolds', good: readonly number[]): Limit<never> {
  return limit({
    field: 'states[1]',
    good,
    bad: { 'must not be unspecified': [0], 'has no value 5': [5], 'has no value -1': [-1] },
    call: ({ call }, state) => call(name, { states: [1, state, state] } as never),
  });
}

const LIMITS: readonly [rpc: string, limits: readonly Limit<never>[]][] = [
  [
    'scheduleSession',
    [
      limit({
        field: 'session',
        good: [SLOT],
        bad: { 'is required': [undefined] },
        call: ({ call }, session) => call('scheduleSession', session ? { session } : {}),
      }),
      limit({
        field: 'session.coach_hash_id',
        ...IDS,
        call: ({ call }, coachHashId) => call('scheduleSession', { session: { ...SLOT, coachHashId } }),
      }),
      limit({
        field: 'session.client_hash_id',
        ...IDS,
        call: ({ call }, clientHashId) => call('scheduleSession', { session: { ...SLOT, clientHashId } }),
      }),
      limit({
        field: 'session.duration',
        ...DURATIONS,
        call: ({ call }, duration) => call('scheduleSession', { session: { ...SLOT, duration } }),
      }),
      limit({
        field: 'session.start',
        good: [timestamp(YEAR_1, 0), timestamp(NINE, 1_000_000), utc('9999-12-31T22:59:59.999Z')],
        bad: {
          ...TIMES.bad,
          'is required': [undefined],
          'the session must end by the year 9999': [utc('9999-12-31T23:00:00Z'), utc('9999-12-31T23:59:59.999Z')],
        },
        call({ call }, start) {
          const { start: _, ...slot } = SLOT;
          return call('scheduleSession', { session: start ? { ...slot, start } : slot });
        },
      }),
      limit({
        field: 'request_id',
        ...REQUEST_IDS,
        call: ({ call }, requestId) => call('scheduleSession', { session: SLOT, requestId }),
      }),
      limit({
        field: 'x-actor',
        good: ['', 'anna@example.com', 'auth0|1f', 'spiffe://a/b', 'CN=O\'Neil, O="A\\B" {x}', letters(256)],
        bad: { 'must be 1 to 256 printable ASCII characters': [letters(257), 'Zo\u00eb', 'a\tb', 'a\n'] },
        call: ({ call }, actor) => call('scheduleSession', { session: SLOT }, { 'x-actor': actor }),
      }),
    ],
  ],
  [
    'rescheduleSession',
    [
      limit({
        field: 'id',
        ...UUIDS,
        call: ({ call }, id) => call('rescheduleSession', { id, duration: 30 }),
      }),
      limit({
        field: 'start',
        good: [utc('2030-01-01T10:00:00Z'), utc('9999-12-31T22:59:59.999Z')],
        bad: {
          ...TIMES.bad,
          'is required when there is no duration': [undefined],
          'the session must end by the year 9999': [utc('9999-12-31T23:00:00Z')],
        },
        call: async (service, start) =>
          service.call('rescheduleSession', { id: await booked(service), ...(start && { start }) }),
      }),
      limit({
        field: 'duration',
        ...OPTIONAL_DURATIONS,
        call: ({ call }, duration) => call('rescheduleSession', { id: UNKNOWN_ID, start: SLOT.start, duration }),
      }),
      limit({
        field: 'reason',
        ...REASONS,
        call: ({ call }, reason) => call('rescheduleSession', { id: UNKNOWN_ID, duration: 30, reason }),
      }),
      limit({
        field: 'etag',
        ...ETAGS,
        call: ({ call }, etag) => call('rescheduleSession', { id: UNKNOWN_ID, duration: 30, etag }),
      }),
      limit({
        field: 'request_id',
        ...REQUEST_IDS,
        call: ({ call }, requestId) => call('rescheduleSession', { id: UNKNOWN_ID, duration: 30, requestId }),
      }),
    ],
  ],
  [
    'cancelSession',
    [
      limit({
        field: 'id',
        ...UUIDS,
        call: ({ call }, id) => call('cancelSession', { id, cancelledBy: Party.COACH }),
      }),
      limit({
        field: 'cancelled_by',
        ...PARTIES,
        call: ({ call }, cancelledBy) => call('cancelSession', { id: UNKNOWN_ID, cancelledBy }),
      }),
      limit({
        field: 'reason',
        ...REASONS,
        call: ({ call }, reason) => call('cancelSession', { id: UNKNOWN_ID, cancelledBy: Party.COACH, reason }),
      }),
      limit({
        field: 'etag',
        ...ETAGS,
        call: ({ call }, etag) => call('cancelSession', { id: UNKNOWN_ID, cancelledBy: Party.COACH, etag }),
      }),
    ],
  ],
  [
    'completeSession',
    [
      limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('completeSession', { id }) }),
      limit({ field: 'etag', ...ETAGS, call: ({ call }, etag) => call('completeSession', { id: UNKNOWN_ID, etag }) }),
    ],
  ],
  [
    'markNoShow',
    [
      limit({
        field: 'id',
        ...UUIDS,
        call: ({ call }, id) => call('markNoShow', { id, absent: Party.COACH }),
      }),
      limit({
        field: 'absent',
        ...ABSENT,
        call: ({ call }, absent) => call('markNoShow', { id: UNKNOWN_ID, absent }),
      }),
    ],
  ],
  [
    'correctOutcome',
    [
      limit({
        field: 'outcome',
        good: [SessionState.COMPLETED],
        bad: {
          'must be SESSION_STATE_COMPLETED or SESSION_STATE_NO_SHOW': [
            SessionState.UNSPECIFIED,
            SessionState.SCHEDULED,
            SessionState.CANCELLED,
            5 as SessionState,
          ],
        },
        call: ({ call }, outcome) => call('correctOutcome', { id: UNKNOWN_ID, outcome, reason: 'a mistake' }),
      }),
      limit({
        field: 'absent',
        ...ABSENT,
        call: ({ call }, absent) =>
          call('correctOutcome', { id: UNKNOWN_ID, outcome: SessionState.NO_SHOW, absent, reason: 'a mistake' }),
      }),
      limit({
        field: 'absent',
        good: [Party.UNSPECIFIED],
        bad: { 'must be absent when the session took place': [Party.COACH, 4 as Party] },
        call: ({ call }, absent) =>
          call('correctOutcome', { id: UNKNOWN_ID, outcome: SessionState.COMPLETED, absent, reason: 'a mistake' }),
      }),
      limit({
        field: 'reason',
        good: ['a', letters(1000)],
        bad: { ...REASONS.bad, 'is required': [''] },
        call: ({ call }, reason) => call('correctOutcome', { id: UNKNOWN_ID, outcome: SessionState.COMPLETED, reason }),
      }),
    ],
  ],
  [
    'scheduleSeries',
    [
      limit({
        field: 'series',
        good: [SERIES],
        bad: { 'is required': [undefined] },
        call: ({ call }, series) => call('scheduleSeries', series ? { series } : {}),
      }),
      limit({
        field: 'series.coach_hash_id',
        ...IDS,
        call: ({ call }, coachHashId) => call('scheduleSeries', { series: { ...SERIES, coachHashId } }),
      }),
      limit({
        field: 'series.client_hash_id',
        ...IDS,
        call: ({ call }, clientHashId) => call('scheduleSeries', { series: { ...SERIES, clientHashId } }),
      }),
      limit({
        field: 'series.duration',
        ...DURATIONS,
        call: ({ call }, duration) => call('scheduleSeries', { series: { ...SERIES, duration } }),
      }),
      limit({
        field: 'series.local_start',
        ...LOCAL_STARTS,
        call: ({ call }, localStart) => call('scheduleSeries', { series: { ...SERIES, localStart } }),
      }),
      limit({
        field: 'series.local_start',
        good: ['2030-03-19T09:30'],
        bad: {
          'must be an occurrence of the series; the first one from then on is 2030-03-19T09:30:00': [
            '2030-03-18T09:30',
          ],
        },
        call: ({ call }, localStart) =>
          call('scheduleSeries', { series: { ...SERIES, localStart, recurrence: 'FREQ=WEEKLY;BYDAY=TU;COUNT=3' } }),
      }),
      limit({
        field: 'series.time_zone',
        good: ['Europe/Zurich', 'europe/zurich', 'UTC', 'US/Pacific', 'Asia/Calcutta', 'Etc/GMT+12', 'EST5EDT'],
        bad: {
          'is required': [''],
          'must be the IANA name of a time zone, such as Europe/Zurich (release 2026f)': [
            'Europe/Nowhere',
            '+02:00',
            letters(65),
            'SystemV/PST8',
            'US/Pacific-New',
            'Etc/Unknown',
            'PST',
            'Asia/Bang\u212aok',
          ],
        },
        call: ({ call }, timeZone) => call('scheduleSeries', { series: { ...SERIES, timeZone } }),
      }),
      limit({
        field: 'series.recurrence',
        good: ['FREQ=DAILY;COUNT=1', 'FREQ=DAILY;COUNT=104;INTERVAL=2', 'freq=weekly;until=20300318'],
        bad: {
          'is required': [''],
          'COUNT must be 1 to 104': ['FREQ=WEEKLY;COUNT=0', 'FREQ=WEEKLY;COUNT=105'],
          'must have COUNT or UNTIL: a series must end': ['FREQ=WEEKLY'],
          'must be at most 500 characters': [letters(501), '😀'.repeat(501)],
          'must not have an UNTIL before the start': ['FREQ=WEEKLY;UNTIL=20300317'],
        },
        call: ({ call }, recurrence) => call('scheduleSeries', { series: { ...SERIES, recurrence } }),
      }),
      limit({
        field: 'series.recurrence',
        good: ['9999-12-28T09:30', '9999-12-29T22:59'],
        bad: { 'all sessions must be in the years 1 to 9999': ['9999-12-29T23:00'] },
        call: ({ call }, localStart) =>
          call('scheduleSeries', {
            series: { ...SERIES, localStart, timeZone: 'UTC', recurrence: 'FREQ=DAILY;COUNT=3' },
          }),
      }),
      limit({
        field: 'request_id',
        ...REQUEST_IDS,
        call: ({ call }, requestId) => call('scheduleSeries', { series: SERIES, requestId }),
      }),
    ],
  ],
  [
    'rescheduleSeries',
    [
      limit({
        field: 'series_id',
        ...UUIDS,
        call: ({ call }, seriesId) => call('rescheduleSeries', { seriesId, localStart: '2030-03-19T09:30' }),
      }),
      limit({
        field: 'from_occurrence',
        good: FROM_OCCURRENCE.good,
        bad: { ...FROM_OCCURRENCE.bad, 'is beyond the last occurrence of the series': [4] },
        call: async (service, fromOccurrence) =>
          service.call('rescheduleSeries', {
            seriesId: await bookedSeries(service),
            localStart: '2030-04-09T09:30',
            fromOccurrence,
          }),
      }),
      limit({
        field: 'local_start',
        ...LOCAL_STARTS,
        call: ({ call }, localStart) => call('rescheduleSeries', { seriesId: UNKNOWN_ID, localStart }),
      }),
      limit({
        field: 'local_start',
        good: ['9999-12-17T09:30'],
        bad: { 'all sessions must be in the years 1 to 9999': ['9999-12-31T09:30'] },
        call: async (service, localStart) =>
          service.call('rescheduleSeries', { seriesId: await bookedSeries(service), localStart, fromOccurrence: 3 }),
      }),
      limit({
        field: 'duration',
        ...OPTIONAL_DURATIONS,
        call: ({ call }, duration) =>
          call('rescheduleSeries', { seriesId: UNKNOWN_ID, localStart: '2030-03-19T09:30', duration }),
      }),
      limit({
        field: 'reason',
        ...REASONS,
        call: ({ call }, reason) =>
          call('rescheduleSeries', { seriesId: UNKNOWN_ID, localStart: '2030-03-19T09:30', reason }),
      }),
    ],
  ],
  [
    'cancelSeries',
    [
      limit({
        field: 'series_id',
        ...UUIDS,
        call: ({ call }, seriesId) => call('cancelSeries', { seriesId, cancelledBy: Party.COACH }),
      }),
      limit({
        field: 'from_occurrence',
        ...FROM_OCCURRENCE,
        call: ({ call }, fromOccurrence) =>
          call('cancelSeries', { seriesId: UNKNOWN_ID, cancelledBy: Party.COACH, fromOccurrence }),
      }),
      limit({
        field: 'cancelled_by',
        ...PARTIES,
        call: ({ call }, cancelledBy) => call('cancelSeries', { seriesId: UNKNOWN_ID, cancelledBy }),
      }),
      limit({
        field: 'reason',
        ...REASONS,
        call: ({ call }, reason) => call('cancelSeries', { seriesId: UNKNOWN_ID, cancelledBy: Party.COACH, reason }),
      }),
    ],
  ],
  [
    'holdSlot',
    [
      limit({
        field: 'hold',
        good: [SLOT],
        bad: { 'is required': [undefined] },
        call: ({ call }, hold) => call('holdSlot', hold ? { hold } : {}),
      }),
      limit({
        field: 'hold.coach_hash_id',
        ...IDS,
        call: ({ call }, coachHashId) => call('holdSlot', { hold: { ...SLOT, coachHashId } }),
      }),
      limit({
        field: 'hold.client_hash_id',
        ...IDS,
        call: ({ call }, clientHashId) => call('holdSlot', { hold: { ...SLOT, clientHashId } }),
      }),
      limit({
        field: 'hold.start',
        good: [utc('9999-12-31T22:59:59.999Z')],
        bad: { ...TIMES.bad, 'the session must end by the year 9999': [utc('9999-12-31T23:00:00Z')] },
        call: ({ call }, start) => call('holdSlot', { hold: { ...SLOT, start } }),
      }),
      limit({
        field: 'hold.duration',
        ...DURATIONS,
        call: ({ call }, duration) => call('holdSlot', { hold: { ...SLOT, duration } }),
      }),
      limit({
        field: 'ttl_seconds',
        good: [0, 1, 1800],
        bad: { 'must be 1 to 1800 seconds, or 0 for the default': [-1, 1801] },
        call: ({ call }, ttlSeconds) => call('holdSlot', { hold: SLOT, ttlSeconds }),
      }),
      limit({
        field: 'request_id',
        ...REQUEST_IDS,
        call: ({ call }, requestId) => call('holdSlot', { hold: SLOT, requestId }),
      }),
    ],
  ],
  [
    'confirmHold',
    [
      limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('confirmHold', { id }) }),
      limit({
        field: 'request_id',
        ...REQUEST_IDS,
        call: ({ call }, requestId) => call('confirmHold', { id: UNKNOWN_ID, requestId }),
      }),
    ],
  ],
  ['releaseHold', [limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('releaseHold', { id }) })]],
  ['getHold', [limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('getHold', { id }) })]],
  ['listHolds', [...listLimits('listHolds'), statesLimit('listHolds', [1, 2, 3, 4])]],
  [
    'getSeries',
    [limit({ field: 'series_id', ...UUIDS, call: ({ call }, seriesId) => call('getSeries', { seriesId }) })],
  ],
  ['listSeries', listLimits('listSeries')],
  [
    'getSession',
    [
      limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('getSession', { id }) }),
      limit({
        field: 'as_of',
        ...ANY_TIMES,
        call: ({ call }, asOf) => call('getSession', { id: UNKNOWN_ID, ...(asOf && { asOf }) }),
      }),
      limit({
        field: 'as_of_revision',
        ...REVISIONS,
        call: ({ call }, asOfRevision) =>
          call('getSession', { id: UNKNOWN_ID, ...(asOfRevision !== undefined && { asOfRevision }) }),
      }),
      limit({
        field: 'as_of_revision',
        good: [undefined],
        bad: { 'must be absent when as_of is given': [0n, 1n] },
        call: ({ call }, asOfRevision) =>
          call('getSession', {
            id: UNKNOWN_ID,
            asOf: SLOT.start,
            ...(asOfRevision !== undefined && { asOfRevision }),
          }),
      }),
    ],
  ],
  [
    'listSessions',
    [
      ...listLimits('listSessions'),
      limit({
        field: 'series_id',
        good: ['', ...UUIDS.good],
        bad: { 'must be a UUID': UUIDS.bad['must be a UUID'] },
        call: ({ call }, seriesId) => call('listSessions', { seriesId }),
      }),
      limit({
        field: 'updated_after',
        ...ANY_TIMES,
        call: ({ call }, updatedAfter) => call('listSessions', updatedAfter ? { updatedAfter } : {}),
      }),
      limit<RequestOf<'listSessions'>>({
        field: 'updated_after',
        good: [{}],
        bad: {
          'must be absent when as_of or as_of_revision is given': [
            { coachHashId: 'carol', asOf: SLOT.start },
            { coachHashId: 'carol', asOfRevision: 0n },
          ],
        },
        call: ({ call }, past) => call('listSessions', { updatedAfter: SLOT.start, ...past }),
      }),
      statesLimit('listSessions', [1, 2, 3, 4]),
      limit({
        field: 'fields[0]',
        good: ['id', 'coach_hash_id', 'coachHashId', 'id,start', 'id,id'],
        bad: {
          'must name fields of a session; got "ids"': ['ids', 'start,ids'],
          'must name fields of a session; got ""': ['', 'id,', ',id'],
          'must name fields of a session; got " id"': [' id'],
          [`must name fields of a session; got "${letters(40)}"`]: [letters(40), letters(41)],
        },
        call: ({ call }, field) => call('listSessions', { fields: [field, 'start'] }),
      }),
      limit({
        field: 'state',
        good: [0, 1, 2, 3, 4] as SessionState[],
        bad: { 'has no value 5': [5 as SessionState], 'has no value -1': [-1 as SessionState] },
        call: ({ call }, state) => call('listSessions', { state }),
      }),
      limit<RequestOf<'listSessions'>>({
        field: 'as_of',
        good: [{ coachHashId: 'carol' }, { clientHashId: 'chris' }],
        bad: { 'needs coach_hash_id or client_hash_id': [{}, { seriesId: UNKNOWN_ID }] },
        call: ({ call }, scope) => call('listSessions', { asOf: SLOT.start, ...scope }),
      }),
      limit<RequestOf<'listSessions'>>({
        field: 'as_of_revision',
        good: [{ coachHashId: 'carol' }, { coachHashId: 'carol', clientHashId: 'chris' }],
        bad: {
          'needs coach_hash_id': [{}, { clientHashId: 'chris' }],
          'must be absent when as_of is given': [{ coachHashId: 'carol', asOf: SLOT.start }],
        },
        call: ({ call }, scope) => call('listSessions', { asOfRevision: 0n, ...scope }),
      }),
      limit({
        field: 'as_of_revision',
        ...REVISIONS,
        call: ({ call }, asOfRevision) =>
          call('listSessions', { coachHashId: 'carol', ...(asOfRevision !== undefined && { asOfRevision }) }),
      }),
    ],
  ],
  [
    'getSessionHistory',
    [
      limit({ field: 'id', ...UUIDS, call: ({ call }, id) => call('getSessionHistory', { id }) }),
      limit({
        field: 'page_size',
        ...PAGE_SIZES,
        call: ({ call }, pageSize) => call('getSessionHistory', { id: UNKNOWN_ID, pageSize }),
      }),
    ],
  ],
];

for (const [rpc, limits] of LIMITS) {
  describe(rpc, () => {
    for (const { field, good, bad, call } of limits) {
      test.each(good.map(named))(`takes ${field} %s`, async (_name, value) => {
        expect(await violationsOf(call(memoryService(), value))).toEqual([]);
      });

      for (const [description, values] of Object.entries<readonly never[]>(bad)) {
        test.each(values.map(named))(`refuses ${field} %s: it ${description}`, async (_name, value) => {
          expect(await violationsOf(call(memoryService(), value))).toEqual([{ field, description }]);
        });
      }
    }
  });
}

/** A value after the name that its test gets. */
function named<Value>(value: Value): readonly [name: string, value: Value] {
  if (typeof value === 'string' && value.length > 60) return [`of ${value.length} characters`, value];
  if (isMessage(value, TimestampSchema)) return [`at ${value.seconds} s and ${value.nanos} ns`, value];
  return [inspect(value, { breakLength: Number.POSITIVE_INFINITY }), value];
}

test.each([
  [0, 100],
  [999, 999],
  [1000, 1000],
  [1001, 1000],
  [2 ** 31 - 1, 1000],
])('a page size of %d is one of %d', async (pageSize, expected) => {
  const asked: number[] = [];
  const answerNothing = async (limit: number) => {
    asked.push(limit);
    return [];
  };
  const sessions = { get: async () => undefined, list: async (...args: unknown[]) => answerNothing(Number(args[2])) };
  const history = () => ({ ...sessions, changes: async (...args: unknown[]) => answerNothing(Number(args[2])) });
  const { call } = memoryService({ parts: { sessions, history: history as never } });
  await call('listSessions', { pageSize });
  await errorOf(call('getSessionHistory', { id: UNKNOWN_ID, pageSize }));
  // One more tells whether there is a next page.
  expect(asked).toEqual([expected + 1, expected + 1]);
});

describe('a request that breaks several rules', () => {
  const { call } = memoryService();
  const fields = async (answer: Promise<unknown>) => (await violationsOf(answer)).map(({ field }) => field);

  test('to book is refused with all of them', async () => {
    const session = { coachHashId: '', clientHashId: 'a b', duration: 0 };
    expect(await violationsOf(call('scheduleSession', { session, requestId: ' ' }))).toEqual([
      { field: 'request_id', description: 'must be 1 to 128 printable ASCII characters without spaces' },
      { field: 'session.coach_hash_id', description: 'is required' },
      {
        field: 'session.client_hash_id',
        description: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -',
      },
      { field: 'session.start', description: 'is required' },
      { field: 'session.duration', description: 'must be whole minutes, 1 to 1440' },
    ]);
  });

  test('to change a session is refused with all of them', async () => {
    const broken = { id: 'x', reason: '\0', etag: letters(65), requestId: ' ' };
    expect(await fields(call('cancelSession', broken))).toEqual(['id', 'cancelled_by', 'reason', 'etag', 'request_id']);
  });

  test('to book a series is refused with all of them', async () => {
    const series = { ...SERIES, clientHashId: '', duration: 0, localStart: '', timeZone: '', recurrence: '' };
    expect(await fields(call('scheduleSeries', { series }))).toEqual([
      'series.client_hash_id',
      'series.duration',
      'series.local_start',
      'series.time_zone',
      'series.recurrence',
    ]);
  });

  test('to list sessions is refused with all of them', async () => {
    const broken = { coachHashId: 'a b', seriesId: 'x', pageSize: -1, asOf: SLOT.start, asOfRevision: -1n };
    expect(await fields(call('listSessions', broken))).toEqual([
      'coach_hash_id',
      'page_size',
      'series_id',
      'as_of_revision',
      'as_of_revision',
    ]);
  });

  test('has an error whose message names all of them, too', async () => {
    const { rawMessage } = await errorOf(call('cancelSession', { id: 'x' }));
    expect(rawMessage).toBe('id: must be a UUID; cancelled_by: is required');
  });
});
