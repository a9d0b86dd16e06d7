import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import type { Accepted, Outcome } from '../../src/application/submission.js';
import type { Rejection } from '../../src/domain/coach/decision.js';
import { ConflictsSchema } from '../../src/gen/aceup/scheduler/v1/series_pb.js';
import { Obstacle_Code, ObstaclesSchema } from '../../src/gen/aceup/scheduler/v1/slot_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { acceptedOrThrow } from '../../src/handlers/answer/outcome.js';
import { zoneNamed } from '../support/zone-rules.js';

const NINE = Date.parse('2030-01-01T09:00:00Z');
const TEN = Date.parse('2030-01-01T10:00:00.500Z');

/** What callers get for a rejection. */
interface Answer {
  readonly code: Code;
  readonly message: string;
  /** The metadata of the ErrorInfo. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const failed = (message: string): Answer => ({ code: Code.FailedPrecondition, message });
const notFound = (message: string): Answer => ({ code: Code.NotFound, message });
/** A coach answers these to the service itself: a caller that gets one has found a defect. */
const defect = (message: string): Answer => ({ code: Code.Internal, message });

/**
 * The answers that are an ErrorInfo and nothing more, but for NOT_FOUND, which has no reason. The compiler keeps the
 * table complete.
 */
const ANSWERS: Readonly<
  Record<Exclude<Rejection['reason'], 'ENDS_TOO_LATE' | 'SERIES_CONFLICT' | 'AGAINST_POLICY'>, Answer>
> = {
  COACH_OVERLAP: {
    code: Code.AlreadyExists,
    message: 'the coach has a session from 2030-01-01T09:00:00Z to 2030-01-01T10:00:00.500Z',
    metadata: { start: '2030-01-01T09:00:00Z', end: '2030-01-01T10:00:00.500Z' },
  },
  SLOT_HELD: {
    code: Code.AlreadyExists,
    message: "the coach's time is held from 2030-01-01T09:00:00Z to 2030-01-01T10:00:00.500Z",
    metadata: { start: '2030-01-01T09:00:00Z', end: '2030-01-01T10:00:00.500Z' },
  },
  CLIENT_OVERLAP: {
    code: Code.AlreadyExists,
    message: 'the client has a session or a hold from 2030-01-01T09:00:00Z to 2030-01-01T10:00:00.500Z',
    metadata: { start: '2030-01-01T09:00:00Z', end: '2030-01-01T10:00:00.500Z' },
  },
  STALE_ETAG: {
    code: Code.Aborted,
    message: 'changed since: the etag is now 7',
    metadata: { etag: '7' },
  },
  SESSION_NOT_FOUND: notFound('there is no such session'),
  SESSION_CANCELLED: failed('the session is cancelled'),
  SESSION_COMPLETED: failed('the session is completed'),
  SESSION_NO_SHOW: failed('the session was a no-show'),
  SESSION_NOT_STARTED: failed('the session has not started yet'),
  SESSION_HAS_NO_OUTCOME: failed('the session has no outcome yet'),
  OUTCOME_UNCHANGED: failed('the session already has this outcome'),
  SERIES_NOT_FOUND: notFound('there is no such series'),
  SERIES_OVER: failed('no session of the series is scheduled from that occurrence on'),
  HOLD_NOT_FOUND: notFound('there is no such hold'),
  HOLD_CONFIRMED: failed('the hold is confirmed'),
  HOLD_RELEASED: failed('the hold was released'),
  HOLD_EXPIRED: failed('the hold has expired'),
  AVAILABILITY_NOT_FOUND: notFound('no availability is set for the coach'),
  BOOKING_POLICY_NOT_FOUND: notFound('no booking policy is set for the coach'),
  TIME_OFF_NOT_FOUND: notFound('the coach has no such time off'),
  TIME_OFF_QUOTA: failed('the coach has 10000 times off, the most that are allowed'),
  HOLD_QUOTA: { code: Code.ResourceExhausted, message: 'the client has 5 open holds, the most that are allowed' },
  RESERVATION_ABANDONED: defect('the reservation was abandoned'),
  RESERVATION_PENDING: defect('the reservation is pending'),
  REMINDER_NOT_DUE: defect('the reminder is not due'),
  RESERVATION_BOOKED: defect('a session uses the reservation'),
  RESERVATION_HELD: defect('a hold uses the reservation'),
};

type Reason = keyof typeof ANSWERS;

function rejectionFor(reason: Reason): Rejection {
  switch (reason) {
    case 'COACH_OVERLAP':
    case 'SLOT_HELD':
    case 'CLIENT_OVERLAP':
      return { reason, inTheWay: { start: NINE, end: TEN } };
    case 'STALE_ETAG':
      return { reason, etag: '7' };
    default:
      return { reason };
  }
}

function errorOf(outcome: Outcome): ConnectError {
  try {
    acceptedOrThrow(outcome);
  } catch (error) {
    if (error instanceof ConnectError) return error;
    throw error;
  }
  throw new Error('the outcome was accepted');
}

const rejected = (rejection: Rejection) => errorOf({ kind: 'rejected', rejection });

describe('a rejection', () => {
  test.each(Object.entries(ANSWERS) as [Reason, Answer][])('%s has its code, message and details', (reason, answer) => {
    const error = rejected(rejectionFor(reason));

    expect(error.code).toBe(answer.code);
    expect(error.rawMessage).toBe(answer.message);
    if (answer.code === Code.NotFound) return expect(error.details).toEqual([]);
    expect(error.details).toHaveLength(1);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason, domain: 'scheduler.aceup.com', metadata: answer.metadata ?? {} },
    ]);
  });

  test('ENDS_TOO_LATE names the field', () => {
    const error = rejected({ reason: 'ENDS_TOO_LATE' });

    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toBe('start: the session must end by the year 9999');
    expect(error.details).toHaveLength(1);
    expect(error.findDetails(BadRequestSchema)).toMatchObject([
      { fieldViolations: [{ field: 'start', description: 'the session must end by the year 9999' }] },
    ]);
  });

  test('SERIES_CONFLICT of one occurrence says so', () => {
    const slot = { start: NINE, end: TEN, inTheWayStart: NINE + 1, inTheWayEnd: TEN + 1, obstacles: [] };
    const conflicts = [{ occurrence: 2, reason: 'SLOT_HELD', ...slot }] as const;
    expect(rejected({ reason: 'SERIES_CONFLICT', conflicts }).rawMessage).toBe('1 occurrence cannot be booked');
  });

  test('SERIES_CONFLICT comes with every occurrence that cannot be booked', () => {
    const slot = { start: NINE, end: TEN, inTheWayStart: NINE + 1, inTheWayEnd: TEN + 1, obstacles: [] };
    const error = rejected({
      reason: 'SERIES_CONFLICT',
      conflicts: [
        { occurrence: 2, reason: 'SLOT_HELD', ...slot },
        { occurrence: 5, reason: 'CLIENT_OVERLAP', ...slot },
      ],
    });

    expect(error.code).toBe(Code.AlreadyExists);
    expect(error.rawMessage).toBe('2 occurrences cannot be booked');
    expect(error.details).toHaveLength(2);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'SERIES_CONFLICT', metadata: {} }]);
    const told = {
      start: timestampFromMs(NINE),
      end: timestampFromMs(TEN),
      inTheWayStart: timestampFromMs(NINE + 1),
      inTheWayEnd: timestampFromMs(TEN + 1),
    };
    expect(error.findDetails(ConflictsSchema)).toMatchObject([
      {
        conflicts: [
          { occurrence: 2, reason: 'SLOT_HELD', ...told },
          { occurrence: 5, reason: 'CLIENT_OVERLAP', ...told },
        ],
      },
    ]);
  });
});

describe('a rejection by the policy', () => {
  const zone = zoneNamed('America/New_York');
  const full = { code: 'DAY_FULL', start: NINE, end: TEN, limit: 2, until: TEN } as const;
  const late = { code: 'NOTICE', start: undefined, end: TEN, limit: 90, until: TEN } as const;

  test('comes with every rule in the way, in words and for programs', () => {
    const error = rejected({ reason: 'AGAINST_POLICY', obstacles: [full, late], zone });
    expect(error.code).toBe(Code.FailedPrecondition);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: 'AGAINST_POLICY' }]);
    const [{ obstacles } = { obstacles: [] }] = error.findDetails(ObstaclesSchema);
    expect(error.rawMessage).toBe(obstacles.map(({ message }) => message).join(' '));
    expect(obstacles).toMatchObject([
      { code: Obstacle_Code.DAY_FULL, start: timestampFromMs(NINE), end: timestampFromMs(TEN) },
      { code: Obstacle_Code.NOTICE, end: timestampFromMs(TEN) },
    ]);
    // Times are those of the coach's clocks.
    expect(obstacles[0]?.message).toContain('2030-01-01');
    expect(obstacles[1]?.message).toContain('05:00');
  });

  const conflict = { occurrence: 2, start: NINE, end: TEN, inTheWayStart: NINE, inTheWayEnd: TEN };
  const ofPolicy = { ...conflict, reason: 'AGAINST_POLICY', obstacles: ['DAY_FULL'] } as const;
  const ofCoach = { ...conflict, reason: 'COACH_OVERLAP', obstacles: [] } as const;

  test.each([
    ['by the policy alone', [ofPolicy], Code.FailedPrecondition, 'AGAINST_POLICY'],
    ['also by sessions', [ofPolicy, ofCoach], Code.AlreadyExists, 'SERIES_CONFLICT'],
  ] as const)('of a series %s', (_, conflicts, code, reason) => {
    const error = rejected({ reason: 'SERIES_CONFLICT', conflicts });
    expect([error.code, error.findDetails(ErrorInfoSchema)[0]?.reason]).toEqual([code, reason]);
    expect(error.findDetails(ConflictsSchema)[0]?.conflicts).toMatchObject(
      conflicts.map(({ reason, obstacles }) => ({ reason, obstacles })),
    );
  });
});

const ACCEPTED: Accepted = { kind: 'accepted', events: [], revision: undefined, position: undefined };

/** How each outcome is answered. The compiler keeps the table complete. */
const OUTCOMES: Readonly<Record<Exclude<Outcome['kind'], 'rejected'>, () => void>> = {
  accepted() {
    expect(acceptedOrThrow(ACCEPTED)).toBe(ACCEPTED);
  },

  'request-id-reused'() {
    const error = errorOf({ kind: 'request-id-reused' });
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.rawMessage).toBe('request_id: was used for another request');
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: 'REQUEST_ID_REUSED', domain: 'scheduler.aceup.com', metadata: {} },
    ]);
  },

  contended() {
    const error = errorOf({ kind: 'contended' });
    expect(error.code).toBe(Code.Aborted);
    expect(error.rawMessage).toBe('too many concurrent changes; nothing was written');
    expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n, nanos: 0 } }]);
  },
};

describe('an outcome', () => {
  test.each(Object.entries(OUTCOMES))('%s has its answer', (_kind, check) => check());
});
