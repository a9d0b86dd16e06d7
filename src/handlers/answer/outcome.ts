import { Code, ConnectError } from '@connectrpc/connect';
import type { Accepted, Outcome } from '../../application/submission.js';
import { MAX_TIME_OFF } from '../../domain/availability/time-off.js';
import { HOLD_QUOTA } from '../../domain/client/client.js';
import type { Rejection, SimpleReason } from '../../domain/coach/decision.js';
import type { Conflict, OverlapReason } from '../../domain/coach/events.js';
import type { Interval } from '../../domain/slot.js';
import { ConflictsSchema } from '../../gen/aceup/scheduler/v1/series_pb.js';
import { ObstaclesSchema } from '../../gen/aceup/scheduler/v1/slot_pb.js';
import { timestampOf, timeText } from '../../json/times.js';
import { ENDS_TOO_LATE, invalidArgument, refused, requestIdReused, staleEtag, tryAgain } from './errors.js';
import { firstOfEachRule, obstacleMessage } from './obstacle-message.js';

/** Answers an accepted outcome, and throws any other as its error. This is the one table from outcomes to codes. */
export function acceptedOrThrow(outcome: Outcome): Accepted {
  switch (outcome.kind) {
    case 'accepted':
      return outcome;
    case 'rejected':
      throw errorOf(outcome.rejection);
    case 'request-id-reused':
      throw requestIdReused();
    case 'contended':
      throw tryAgain(Code.Aborted, 'too many concurrent changes; nothing was written');
    default:
      return outcome satisfies never;
  }
}

/** The error for a refusal that says nothing else than its reason. */
export function rejected(reason: Exclude<SimpleReason, 'ENDS_TOO_LATE'>): ConnectError {
  return errorOf({ reason });
}

function errorOf(rejection: Rejection): ConnectError {
  switch (rejection.reason) {
    case 'COACH_OVERLAP':
    case 'SLOT_HELD':
    case 'CLIENT_OVERLAP': {
      const { start, end } = interval(rejection.inTheWay);
      const message = `${IN_THE_WAY[rejection.reason]} from ${start} to ${end}`;
      return refused(Code.AlreadyExists, rejection.reason, message, { start, end });
    }
    case 'AGAINST_POLICY': {
      const { reason, obstacles, zone } = rejection;
      // gRPC's clients take small errors only.
      const found = firstOfEachRule(obstacles).map((one) => obstacleMessage(one, zone));
      const error = refused(Code.FailedPrecondition, reason, found.map(({ message }) => message).join(' '));
      error.details.push({ desc: ObstaclesSchema, value: { obstacles: found } });
      return error;
    }
    case 'SERIES_CONFLICT': {
      const { conflicts } = rejection;
      const isPolicyAlone = conflicts.every(({ reason }) => reason === 'AGAINST_POLICY');
      const [code, reason] = isPolicyAlone
        ? [Code.FailedPrecondition, 'AGAINST_POLICY']
        : [Code.AlreadyExists, 'SERIES_CONFLICT'];
      const occurrences = conflicts.length === 1 ? 'occurrence' : 'occurrences';
      const error = refused(code, reason, `${conflicts.length} ${occurrences} cannot be booked`);
      error.details.push({ desc: ConflictsSchema, value: { conflicts: conflicts.map(conflictMessage) } });
      return error;
    }
    case 'STALE_ETAG': {
      return staleEtag(rejection.etag);
    }
    case 'ENDS_TOO_LATE':
      return invalidArgument({ field: 'start', description: ENDS_TOO_LATE });
    default: {
      const [code, message] = SIMPLE[rejection.reason];
      return code === NotFound ? new ConnectError(message, code) : refused(code, rejection.reason, message);
    }
  }
}

/** A conflict of an occurrence, as callers get it. */
export function conflictMessage(conflict: Conflict) {
  const { occurrence, reason } = conflict;
  return {
    occurrence,
    start: timestampOf(conflict.start),
    end: timestampOf(conflict.end),
    reason,
    inTheWayStart: timestampOf(conflict.inTheWayStart),
    inTheWayEnd: timestampOf(conflict.inTheWayEnd),
    obstacles: [...conflict.obstacles],
  };
}

const IN_THE_WAY: Readonly<Record<OverlapReason, string>> = {
  COACH_OVERLAP: 'the coach has a session',
  SLOT_HELD: "the coach's time is held",
  CLIENT_OVERLAP: 'the client has a session or a hold',
};

const { FailedPrecondition, NotFound } = Code;

const SIMPLE: Readonly<Record<Exclude<SimpleReason, 'ENDS_TOO_LATE'>, readonly [Code, string]>> = {
  SESSION_NOT_FOUND: [NotFound, 'there is no such session'],
  SESSION_CANCELLED: [FailedPrecondition, 'the session is cancelled'],
  SESSION_COMPLETED: [FailedPrecondition, 'the session is completed'],
  SESSION_NO_SHOW: [FailedPrecondition, 'the session was a no-show'],
  SESSION_NOT_STARTED: [FailedPrecondition, 'the session has not started yet'],
  SESSION_HAS_NO_OUTCOME: [FailedPrecondition, 'the session has no outcome yet'],
  OUTCOME_UNCHANGED: [FailedPrecondition, 'the session already has this outcome'],
  SERIES_NOT_FOUND: [NotFound, 'there is no such series'],
  SERIES_OVER: [FailedPrecondition, 'no session of the series is scheduled from that occurrence on'],
  HOLD_NOT_FOUND: [NotFound, 'there is no such hold'],
  HOLD_CONFIRMED: [FailedPrecondition, 'the hold is confirmed'],
  HOLD_RELEASED: [FailedPrecondition, 'the hold was released'],
  HOLD_EXPIRED: [FailedPrecondition, 'the hold has expired'],
  AVAILABILITY_NOT_FOUND: [NotFound, 'no availability is set for the coach'],
  BOOKING_POLICY_NOT_FOUND: [NotFound, 'no booking policy is set for the coach'],
  TIME_OFF_NOT_FOUND: [NotFound, 'the coach has no such time off'],
  TIME_OFF_QUOTA: [FailedPrecondition, `the coach has ${MAX_TIME_OFF} times off, the most that are allowed`],
  HOLD_QUOTA: [Code.ResourceExhausted, `the client has ${HOLD_QUOTA} open holds, the most that are allowed`],
  RESERVATION_ABANDONED: [Code.Internal, 'the reservation was abandoned'],
  RESERVATION_PENDING: [Code.Internal, 'the reservation is pending'],
  RESERVATION_BOOKED: [Code.Internal, 'a session uses the reservation'],
  RESERVATION_HELD: [Code.Internal, 'a hold uses the reservation'],
  REMINDER_NOT_DUE: [Code.Internal, 'the reminder is not due'],
};

function interval({ start, end }: Interval): { start: string; end: string } {
  return { start: timeText(start), end: timeText(end) };
}
