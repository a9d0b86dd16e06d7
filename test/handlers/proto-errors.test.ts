import { type DescMethodUnary, getOption } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/application/submission.js';
import { HOLD_QUOTA } from '../../src/domain/client/client.js';
import type { Rejection } from '../../src/domain/coach/decision.js';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import {
  ErrorReasonSchema,
  errors,
  type PossibleError,
  shared_errors,
} from '../../src/gen/aceup/scheduler/v1/errors_pb.js';
import { Party, SessionState } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { detailOf } from '../../src/handlers/answer/errors.js';
import { acceptedOrThrow } from '../../src/handlers/answer/outcome.js';
import { commandProcess } from '../support/command-process.js';
import { addTimeOff, datesOff, off } from '../support/offering-samples.js';
import { submissionOf } from '../support/submissions.js';
import { zoneNamed } from '../support/zone-rules.js';
import { type MemoryService, memoryService, NOON, type RequestOf, SERIES, SLOT, UNKNOWN_ID } from './memory-service.js';

type Name = Parameters<MemoryService['call']>[0];

/** An error in words: `ALREADY_EXISTS COACH_OVERLAP`, or the code alone. */
function textOf(code: Code, reason = ''): string {
  return `${Code[code]} ${reason}`.trim();
}

function textOfError(error: unknown): string {
  if (!(error instanceof ConnectError)) throw error;
  return textOf(error.code, detailOf(error, ErrorInfoSchema)?.reason);
}

/** The errors of an option, in words: one for each reason. */
function textsOf(possible: readonly PossibleError[]): string[] {
  return possible.flatMap(({ code, reasons }) => {
    const names = reasons.map((reason) => ErrorReasonSchema.value[reason]?.name);
    return (names.length === 0 ? [''] : names).map((name) => textOf(code as number as Code, name));
  });
}

const METHODS = SessionService.methods.filter((method): method is DescMethodUnary => method.methodKind === 'unary');
const ALL = [SessionService, AvailabilityService, WebhookService, CalendarService].flatMap((service) => {
  const { anyMethod, anyCommand } = getOption(service, shared_errors);
  return [...anyMethod, ...anyCommand, ...service.methods.flatMap((method) => getOption(method, errors))];
});

const TAKEN = { start: NOON, end: NOON + 1 };

const CONFLICT = { occurrence: 1, ...TAKEN, inTheWayStart: NOON, inTheWayEnd: NOON + 1, obstacles: [] };

/** What a rejection carries besides each reason. The compiler keeps the table complete. */
const REJECTIONS: Readonly<Record<Rejection['reason'], object>> = {
  COACH_OVERLAP: { inTheWay: TAKEN },
  SLOT_HELD: { inTheWay: TAKEN },
  CLIENT_OVERLAP: { inTheWay: TAKEN },
  SERIES_CONFLICT: { conflicts: [{ ...CONFLICT, reason: 'COACH_OVERLAP' }] },
  STALE_ETAG: { etag: '1' },
  SESSION_NOT_FOUND: {},
  SESSION_CANCELLED: {},
  SESSION_COMPLETED: {},
  SESSION_NO_SHOW: {},
  SESSION_NOT_STARTED: {},
  SESSION_HAS_NO_OUTCOME: {},
  OUTCOME_UNCHANGED: {},
  SERIES_NOT_FOUND: {},
  SERIES_OVER: {},
  HOLD_NOT_FOUND: {},
  HOLD_CONFIRMED: {},
  HOLD_RELEASED: {},
  HOLD_EXPIRED: {},
  HOLD_QUOTA: {},
  AGAINST_POLICY: { obstacles: [], zone: zoneNamed('UTC') },
  AVAILABILITY_NOT_FOUND: {},
  BOOKING_POLICY_NOT_FOUND: {},
  TIME_OFF_NOT_FOUND: {},
  TIME_OFF_QUOTA: {},
  ENDS_TOO_LATE: {},
  RESERVATION_ABANDONED: {},
  RESERVATION_BOOKED: {},
  RESERVATION_HELD: {},
  RESERVATION_PENDING: {},
  REMINDER_NOT_DUE: {},
};

/** What callers get for each outcome that is not accepted. */
function answers(): string[] {
  const rejections = Object.entries(REJECTIONS).map(([reason, more]) => ({ reason, ...more }) as Rejection);
  const outcomes: Outcome[] = [
    ...rejections.map((rejection) => ({ kind: 'rejected', rejection }) as const),
    { kind: 'request-id-reused' },
    { kind: 'contended' },
  ];
  return outcomes.map((outcome) => {
    try {
      acceptedOrThrow(outcome);
    } catch (error) {
      return textOfError(error);
    }
    throw new Error(`${outcome.kind} is accepted`);
  });
}

describe('the errors in the protos', () => {
  test('are those of the outcomes, each reason with its code', () => {
    // Internal errors are defects.
    const toCallers = answers().filter((text) => !/^Internal /.test(text));
    const ofFrame = ['Unavailable', 'DeadlineExceeded', 'ResourceExhausted', 'Unauthenticated', 'PermissionDenied'];
    const ofStreams = 'Aborted READER_TOO_SLOW';
    const quotas = ['WEBHOOK_QUOTA', 'CALENDAR_SOURCE_QUOTA', 'CALENDAR_LINK_QUOTA'].map(
      (reason) => `FailedPrecondition ${reason}`,
    );
    const elsewhere = [...ofFrame, 'ResourceExhausted RATE_LIMITED', ofStreams, ...quotas];

    expect([...new Set(textsOf(ALL))].sort()).toEqual([...new Set([...toCallers, ...elsewhere])].sort());
  });

  test('use every reason that there is', () => {
    const [, ...reasons] = ErrorReasonSchema.values.map(({ name }) => name);
    const used = ALL.flatMap((error) => error.reasons.map((reason) => ErrorReasonSchema.value[reason]?.name));
    expect([...new Set(used)].sort()).toEqual(reasons.sort());
  });

  test('say when they are answered, by a reason or in words', () => {
    for (const { reasons, when } of ALL) expect(reasons.length > 0).toBe(when === '');
  });
});

const HOUR = 3_600_000;
const hoursFromNoon = (hours: number) => timestampFromMs(NOON + hours * HOUR);
const slotAt = (hours: number, clientHashId = 'chris') => ({ ...SLOT, clientHashId, start: hoursFromNoon(hours) });

const COACH_HAS_SESSION = 100;
const COACH_IS_HELD = 200;
const CLIENT_IS_BUSY = 300;
const COACH_IS_AWAY = 350;

/** A service in which something has happened: what each refusal needs. */
async function busyService() {
  let now = NOON;
  const { call, store } = memoryService({ parts: { now: () => now } });
  const book = async (hours: number) => (await call('scheduleSession', { session: slotAt(hours) })).session!.id;
  const hold = async (hours: number, client?: string) =>
    (await call('holdSlot', { hold: slotAt(hours, client), ttlSeconds: 1800 })).hold!.id;

  now = NOON - HOUR;
  const expiredHold = await hold(1);
  now = NOON;
  const sessions = { scheduled: await book(2), started: await book(-3), cancelled: await book(3) };
  await call('cancelSession', { id: sessions.cancelled, cancelledBy: Party.COACH });
  const completed = await book(-4);
  await call('completeSession', { id: completed });
  const noShow = await book(-5);
  await call('markNoShow', { id: noShow, absent: Party.CLIENT });

  const confirmedHold = await hold(4);
  await call('confirmHold', { id: confirmedHold });
  const releasedHold = await hold(5);
  await call('releaseHold', { id: releasedHold });
  const openHold = await hold(COACH_IS_HELD, 'someone');
  for (let nr = 0; nr < HOLD_QUOTA; nr += 1) await hold(10 + nr, 'hoarder');

  await book(COACH_HAS_SESSION);
  await call('scheduleSession', { session: { ...slotAt(CLIENT_IS_BUSY), coachHashId: 'another' } });

  const [start, end] = [COACH_IS_AWAY, COACH_IS_AWAY + 1].map((hours) => NOON + hours * HOUR);
  await commandProcess(store).submit(submissionOf(addTimeOff(off('00:00', '00:00', { start, end }))));
  await commandProcess(store).submit(submissionOf(addTimeOff(datesOff('2030-10-07', '2030-11-30'))));

  const series = (await call('scheduleSeries', { series: SERIES })).series!.id;
  const over = (await call('scheduleSeries', { series: { ...SERIES, localStart: '2030-06-03T09:30' } })).series!.id;
  await call('cancelSeries', { seriesId: over, cancelledBy: Party.COACH, requestId: 'used' });

  return {
    call,
    sessionIds: [...Object.values(sessions), completed, noShow, UNKNOWN_ID],
    holdIds: [expiredHold, confirmedHold, releasedHold, openHold, UNKNOWN_ID],
    openHold,
    scheduled: sessions.scheduled,
    series,
    seriesIds: [series, over, UNKNOWN_ID],
  };
}

type Busy = Awaited<ReturnType<typeof busyService>>;

const WANTED = [COACH_HAS_SESSION, COACH_IS_HELD, CLIENT_IS_BUSY, COACH_IS_AWAY].map((hours) => slotAt(hours));

const ofSession = ({ sessionIds, scheduled }: Busy) => [
  ...sessionIds.map((id) => ({ id })),
  { id: scheduled, etag: '999' },
  { id: scheduled, requestId: 'used' },
];
const ofHold = ({ holdIds, openHold }: Busy) => [
  ...holdIds.map((id) => ({ id })),
  { id: openHold, requestId: 'used' },
  { id: openHold, etag: '999' },
];
const ofSeries = ({ seriesIds, series }: Busy) => [
  ...seriesIds.map((seriesId) => ({ seriesId })),
  { seriesId: series, requestId: 'used' },
  { seriesId: series, etag: '999' },
];

/** Requests that each method refuses for one of its errors, and some that it accepts. */
const REQUESTS: { readonly [One in Exclude<Name, 'watchSessions'>]: (busy: Busy) => readonly RequestOf<One>[] } = {
  scheduleSession: () => [...WANTED.map((session) => ({ session })), { session: slotAt(400), requestId: 'used' }],
  rescheduleSession: (busy) => [
    ...ofSession(busy).map((one) => ({ ...one, duration: 30 })),
    ...WANTED.map(({ start }) => ({ id: busy.scheduled, start })),
  ],
  cancelSession: (busy) => ofSession(busy).map((one) => ({ ...one, cancelledBy: Party.COACH })),
  completeSession: ofSession,
  markNoShow: (busy) => ofSession(busy).map((one) => ({ ...one, absent: Party.CLIENT })),
  correctOutcome: (busy) =>
    ofSession(busy).map((one) => ({ ...one, outcome: SessionState.COMPLETED, reason: 'a mistake' })),
  scheduleSeries: () => [
    { series: SERIES },
    { series: { ...SERIES, localStart: '2030-09-02T09:30' }, requestId: 'used' },
    { series: { ...SERIES, localStart: '2030-10-07T09:30' } },
  ],
  rescheduleSeries: (busy) => [
    ...ofSeries(busy).map((one) => ({ ...one, localStart: '2030-03-18T10:30' })),
    { seriesId: busy.series, localStart: '2030-01-05T16:30' },
    { seriesId: busy.series, localStart: '2030-10-07T09:30' },
  ],
  cancelSeries: (busy) => ofSeries(busy).map((one) => ({ ...one, cancelledBy: Party.COACH })),
  getSeries: (busy) => busy.seriesIds.map((seriesId) => ({ seriesId })),
  listSeries: () => [{}],
  holdSlot: () => [
    ...WANTED.map((hold) => ({ hold })),
    { hold: slotAt(400, 'hoarder') },
    { hold: slotAt(400), requestId: 'used' },
  ],
  confirmHold: ofHold,
  releaseHold: ofHold,
  getHold: ofHold,
  listHolds: () => [{}],
  getSession: ofSession,
  listSessions: () => [{}],
  getSessionHistory: ofSession,
};

describe('a method answers the errors that its options list, and no others:', () => {
  test.each(METHODS.map((method) => [method.name, method] as const))('%s', async (_name, method) => {
    const busy = await busyService();
    const name = method.localName as keyof typeof REQUESTS;
    const answered = new Set<string>();
    for (const request of REQUESTS[name](busy) as readonly RequestOf[]) {
      const validateOnly = method.input.fields.some((field) => field.name === 'validate_only');
      const call = busy.call(name, { ...request, ...(validateOnly && { validateOnly }) } as never);
      await call.catch((error: unknown) => answered.add(textOfError(error)));
    }
    const isCommand = method.input.fields.some((field) => field.name === 'request_id');
    const shared = isCommand ? ['InvalidArgument REQUEST_ID_REUSED'] : [];

    expect([...answered].sort()).toEqual([...textsOf(getOption(method, errors)), ...shared].sort());
  });
});
