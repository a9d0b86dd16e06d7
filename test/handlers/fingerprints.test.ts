import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import type { HoldRow, SeriesRow, SessionRow } from '../../src/application/read-model.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import { scheduled } from '../../src/domain/coach/session.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Party, SessionState } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import type { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { errorOf, memoryService, NOON, type RequestOf, SERIES, SLOT } from './memory-service.js';

/*
 * A `request_id` belongs to the content of its first request for ever, also across versions of the service. The service
 * compares fingerprints of the content, and the log keeps the fingerprint of every accepted command. When one of these
 * changes, a caller that repeats a command after an upgrade is refused instead of getting the first answer. Mend the
 * handler, never the fingerprint.
 */

const ID = '0190a5b0-0000-7000-8000-00000000000a';
const TEN = timestampFromMs(Date.parse('2030-01-01T10:00:00Z'));
const MILLISECOND = timestampFromMs(Date.parse('2030-01-01T09:00:00.001Z'));

/** The rpcs that change something: all but those that read. */
type CommandName = Exclude<
  keyof (typeof SessionService)['method'],
  `get${string}` | `list${string}` | `watch${string}`
>;

/**
 * The fingerprints that earlier versions of the service made, with their requests. The compiler keeps the commands
 * complete.
 */
const FINGERPRINTS: { readonly [Name in CommandName]: readonly [fingerprint: string, request: RequestOf<Name>][] } = {
  scheduleSession: [
    ['zR5BJiLHCU6aK8IKz9S273', { session: SLOT }],
    ['1rERfhkjI1kulEnRpPPmU7', { session: { ...SLOT, start: MILLISECOND, duration: 1440 } }],
  ],
  rescheduleSession: [
    ['Kc6UmK42kyej_5IDXmbTcL', { id: ID, start: TEN }],
    ['yZqQxoVIvTe1Xt8_GEDHY3', { id: ID, duration: 30 }],
    ['NjTZlEcZPXUfelNOBgVoeI', { id: ID, start: TEN, duration: 30 }],
    ['eobjsTVm_TzFzzLWmi3Gcg', { id: ID, start: TEN, reason: 'late train' }],
    ['FrY0w64A6F_aoiyhvoixKt', { id: ID, start: TEN, etag: '3' }],
    [
      'Ozierj8hqGfOQjNI5FHnBt',
      { id: ID.toUpperCase(), start: MILLISECOND, duration: 30, reason: 'late train', etag: '3' },
    ],
  ],
  cancelSession: [
    ['yXlk8EpvC8Y2RgpKjks2WU', { id: ID, cancelledBy: Party.COACH }],
    ['yzv3Wtrm5KSoinwrAA1IqF', { id: ID, cancelledBy: Party.CLIENT, reason: 'ill' }],
    ['ErZSFa8aGFjwOwXH-acj-N', { id: ID, cancelledBy: Party.ORGANIZATION, etag: '3' }],
    ['TsD0-CXWGeedeT6-w3LOnC', { id: ID.toUpperCase(), cancelledBy: Party.CLIENT, reason: 'ill', etag: '3' }],
  ],
  completeSession: [
    ['haBKzrp3pREKX_1eQUICMw', { id: ID }],
    ['s82D0-1Gs-ukqtnVldSYxG', { id: ID.toUpperCase(), etag: '3' }],
  ],
  markNoShow: [
    ['96te8HO0LmmEuMtexg1gVS', { id: ID, absent: Party.COACH }],
    ['N5bhbp_TBAmFgY2TIvV7wB', { id: ID.toUpperCase(), absent: Party.CLIENT, etag: '3' }],
  ],
  correctOutcome: [
    ['lCHYKy6Zbfdtk7r5HicnFH', { id: ID, outcome: SessionState.COMPLETED, reason: 'a mistake' }],
    ['AAmEa6m-6XzArIMV9MCxoE', { id: ID, outcome: SessionState.NO_SHOW, absent: Party.CLIENT, reason: 'a mistake' }],
    [
      'BZ7dKWGHwt9XJrIYgUm1kH',
      { id: ID.toUpperCase(), outcome: SessionState.NO_SHOW, absent: Party.COACH, reason: 'a mistake', etag: '3' },
    ],
  ],
  scheduleSeries: [
    ['XiztWEQEU_eH9vzt0Wr7kK', { series: SERIES }],
    ['h0iaIbdM1e9dSj06cQ7NoK', { series: SERIES, skipConflicts: true }],
    [
      'XiztWEQEU_eH9vzt0Wr7kK',
      {
        series: {
          ...SERIES,
          localStart: '2030-03-18T09:30:00',
          timeZone: 'europe/zurich',
          recurrence: 'freq=weekly;count=3',
        },
      },
    ],
    [
      'a_RZKcRYy8zjXofkaWA7U4',
      { series: { ...SERIES, localStart: '2030-03-18T09:30:15', recurrence: 'FREQ=DAILY;UNTIL=20300320' } },
    ],
  ],
  rescheduleSeries: [
    ['l2pnFdQujN7p9FT2_phZqo', { seriesId: ID, localStart: '2030-03-19T09:30' }],
    ['l2pnFdQujN7p9FT2_phZqo', { seriesId: ID, localStart: '2030-03-19T09:30', fromOccurrence: 1 }],
    ['9WMu3-hNGM9bp7AkdV6HJf', { seriesId: ID, localStart: '2030-03-19T09:30', fromOccurrence: 2 }],
    ['2opVsizgMIZxiLDd8DAss9', { seriesId: ID, localStart: '2030-03-19T09:30', duration: 30 }],
    ['JFKQn2jAs5o6mv5FfcwGdg', { seriesId: ID, localStart: '2030-03-19T09:30', reason: 'a new job' }],
    [
      'DyKdg1c9iOAZyvi_cn6U22',
      {
        seriesId: ID.toUpperCase(),
        localStart: '2030-03-19T09:30:15',
        fromOccurrence: 2,
        duration: 30,
        reason: 'a new job',
      },
    ],
  ],
  cancelSeries: [
    ['qYiCHaoF8V3tylIY2HCteU', { seriesId: ID, cancelledBy: Party.COACH }],
    ['qYiCHaoF8V3tylIY2HCteU', { seriesId: ID, cancelledBy: Party.COACH, fromOccurrence: 1 }],
    ['Ln6_BRQcnhLO0tYdolgF3U', { seriesId: ID, cancelledBy: Party.COACH, fromOccurrence: 2 }],
    ['jiUqP0kUSZ-bLP6WRc3F5b', { seriesId: ID, cancelledBy: Party.CLIENT, reason: 'a new job' }],
    [
      'I46CbMLxpfiQIjNN15LWMq',
      { seriesId: ID.toUpperCase(), cancelledBy: Party.ORGANIZATION, fromOccurrence: 2, reason: 'a new job' },
    ],
  ],
  holdSlot: [
    ['TH9Q20TF76jKxaPoHu4OsJ', { hold: SLOT }],
    ['TH9Q20TF76jKxaPoHu4OsJ', { hold: SLOT, ttlSeconds: 600 }],
    ['KD_zybRG9BLbHe24gcw9G3', { hold: SLOT, ttlSeconds: 300 }],
  ],
  confirmHold: [
    ['tVEdMGWb1WM1lP_A_ZPdsa', { id: ID }],
    ['tVEdMGWb1WM1lP_A_ZPdsa', { id: ID.toUpperCase() }],
  ],
  releaseHold: [
    ['rF4mvwsnbF-Dj6B-syOjoJ', { id: ID }],
    ['rF4mvwsnbF-Dj6B-syOjoJ', { id: ID.toUpperCase() }],
  ],
};

const BOOKED_SERIES: SeriesRow = {
  id: ID,
  coachHashId: 'carol',
  clientHashId: 'chris',
  timeZone: 'Europe/Zurich',
  sessions: ['2030-03-18', '2030-03-25', '2030-04-01'].map((day, index) => {
    const localStart = `${day}T09:30:00`;
    const place = { occurrence: index + 1, localStart, revision: index + 1 };
    return { id: `session-${index + 1}`, ...place, state: 'scheduled', duration: 60 };
  }),
};

/** The fingerprint of a request, as it would come to the command side. */
async function fingerprintOf<Name extends CommandName>(name: Name, request: RequestOf<Name>, requestId = 'try-1') {
  let fingerprint: string | undefined;
  const { call } = memoryService({
    parts: {
      sessions: { get: async () => ({ coachHashId: 'carol' }) as SessionRow, list: async () => [] },
      holds: { get: async () => ({ coachHashId: 'carol' }) as HoldRow, list: async () => [] },
      series: { get: async () => BOOKED_SERIES, booked: async () => undefined, list: async () => [] },
      commands: {
        async submit({ metadata }) {
          fingerprint = metadata.requestFingerprint;
          return { kind: 'contended' };
        },
      },
    },
  });
  await errorOf(call(name, { ...request, requestId } as MessageInitShape<never>));
  return fingerprint;
}

const commands = Object.entries(FINGERPRINTS) as [CommandName, [string, RequestOf<CommandName>][]][];

describe.each(commands)('%s', (name, fingerprints) => {
  test.each(fingerprints)('has the fingerprint %s for ever', async (fingerprint, request) => {
    expect(await fingerprintOf(name, request)).toBe(fingerprint);
  });

  test('has no fingerprint without a request_id', async () => {
    const [[, request]] = fingerprints as [(typeof fingerprints)[0]];
    expect(await fingerprintOf(name, request, '')).toBe('');
  });

  test('has the same fingerprint when it is only validated', async () => {
    const [[fingerprint, request]] = fingerprints as [(typeof fingerprints)[0]];
    expect(await fingerprintOf(name, { ...request, validateOnly: true } as typeof request)).toBe(fingerprint);
  });
});

describe('a booking that an earlier version accepted', () => {
  /** A service whose log has the booking. */
  async function afterUpgrade() {
    const service = memoryService();
    const [[requestFingerprint]] = FINGERPRINTS.scheduleSession as [[string, unknown]];
    const booking = scheduled({ ...SLOT, sessionId: ID, start: timestampMs(SLOT.start), now: NOON });
    const metadata = create(EventMetadataSchema, { requestId: 'try-1', requestFingerprint });
    await service.store.append(coachStream('carol'), -1n, [coachEvents.encode(ID, booking, metadata)]);
    return service;
  }

  test('is answered as it was the first time when it is sent again', async () => {
    const { call, store } = await afterUpgrade();
    const { session } = await call('scheduleSession', { session: SLOT, requestId: 'try-1' });
    expect(session).toMatchObject({ id: ID, etag: '0' });
    expect(await store.head()).toBe(1n);
  });

  test('is not confused with a request of other content', async () => {
    const { call } = await afterUpgrade();
    const other = call('scheduleSession', { session: { ...SLOT, duration: 30 }, requestId: 'try-1' });
    expect((await errorOf(other)).rawMessage).toBe('request_id: was used for another request');
  });
});
