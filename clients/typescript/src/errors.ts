import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { Code, type ConnectError } from '@connectrpc/connect';
import { ErrorReason } from './gen/aceup/scheduler/v1/errors_pb.js';
import { type Conflict, ConflictsSchema } from './gen/aceup/scheduler/v1/series_pb.js';
import { Obstacle_Code, type Obstacle as ObstacleMessage, ObstaclesSchema } from './gen/aceup/scheduler/v1/slot_pb.js';
import { BadRequestSchema, type ErrorInfo, ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js';

/** A half-open interval: a session that begins at `end` does not overlap it. */
export interface Interval {
  readonly start: Date;
  readonly end: Date;
}

/** An occurrence of a series that cannot be booked. */
export interface SeriesConflict extends Interval {
  /** The number of the occurrence in its series, from 1. */
  readonly occurrence: number;
  readonly reason: OverlapReason | 'AGAINST_POLICY';
  /** The session or hold in the way; with AGAINST_POLICY, the occurrence. */
  readonly inTheWay: Interval;
  /** With AGAINST_POLICY: the rules in the way. */
  readonly obstacles: readonly ObstacleCode[];
}

/** A rule that can be in the way; the comments of `Obstacle` in `slot.proto` say what each means. */
export type ObstacleCode = Exclude<keyof typeof Obstacle_Code, 'CODE_UNSPECIFIED'>;

/** A rule in the way of a slot. */
export interface Obstacle {
  readonly code: ObstacleCode;
  /** A sentence for people. */
  readonly message: string;
  /** When what is in the way begins and ends; undefined when it has no beginning or no end. */
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  /** With OUTSIDE_HOURS: the coach's hours on that day. */
  readonly hours: readonly Interval[];
}

/** A field of the request, and the rule that it breaks. */
export interface Violation {
  /** The path of the field, in proto names: `session.start`. Empty for the request as a whole. */
  readonly field: string;
  /** The rule, as a sentence about the field: `must be 1 to 1440`. */
  readonly description: string;
}

/** The time is taken: by a session of the coach, by a hold, or by a session or hold of the client. */
export type OverlapReason = 'COACH_OVERLAP' | 'SLOT_HELD' | 'CLIENT_OVERLAP';

/** Reasons that say all there is to say; their comments are in `errors.proto`. */
export type PlainReason = Exclude<
  keyof typeof ErrorReason,
  'ERROR_REASON_UNSPECIFIED' | OverlapReason | 'SERIES_CONFLICT' | 'AGAINST_POLICY' | 'STALE_ETAG'
>;

/** Why a call failed, with what the service says about it. */
export type Failure =
  | { readonly reason: OverlapReason; readonly inTheWay: Interval }
  | { readonly reason: 'SERIES_CONFLICT'; readonly conflicts: readonly SeriesConflict[] }
  /** A slot has obstacles, a series has conflicts. */
  | {
      readonly reason: 'AGAINST_POLICY';
      readonly obstacles: readonly Obstacle[];
      readonly conflicts: readonly SeriesConflict[];
    }
  | { readonly reason: 'STALE_ETAG'; readonly etag: string }
  | { readonly reason: 'INVALID_FIELDS'; readonly violations: readonly Violation[] }
  | { readonly reason: PlainReason }
  /** The `code` says it, such as NotFound or Unavailable; or a reason that this version does not know. */
  | { readonly reason: undefined };

/** What every failed call has. Its message is the service's sentence, its `cause` the `ConnectError`. */
export class CallFailed extends Error {
  override readonly name = 'SchedulerError';
  readonly code: Code;
  /** The `request_id` that every attempt had: send the command again with it, and it takes effect once. */
  readonly requestId: string | undefined;
  /** How often the call was sent. */
  readonly attempts: number;

  constructor(cause: ConnectError, { requestId, attempts }: Pick<CallFailed, 'requestId' | 'attempts'>) {
    super(cause.rawMessage, { cause });
    this.code = cause.code;
    this.requestId = requestId;
    this.attempts = attempts;
  }
}

/** What every method of the client throws. `reason` tells the failures apart. */
export type SchedulerError = CallFailed & Failure;

/** Whether a method of the client threw this. */
export function isSchedulerError(error: unknown): error is SchedulerError {
  return error instanceof CallFailed;
}

/** Whether the time is taken. The error has the interval of the session or hold in the way. */
export function isOverlap(error: unknown): error is Extract<SchedulerError, { reason: OverlapReason }> {
  return isSchedulerError(error) && 'inTheWay' in error;
}

/** Whether occurrences of a series cannot be booked. The error lists them. */
export function isSeriesConflict(error: unknown): error is Extract<SchedulerError, { reason: 'SERIES_CONFLICT' }> {
  return isSchedulerError(error) && error.reason === 'SERIES_CONFLICT';
}

/** Whether the coach's hours, time off or booking policy do not allow the time. The error has every rule in the way. */
export function isAgainstPolicy(error: unknown): error is Extract<SchedulerError, { reason: 'AGAINST_POLICY' }> {
  return isSchedulerError(error) && error.reason === 'AGAINST_POLICY';
}

/** Whether the session has changed since it had the etag of the request. The error has the current etag. */
export function isStaleEtag(error: unknown): error is Extract<SchedulerError, { reason: 'STALE_ETAG' }> {
  return isSchedulerError(error) && error.reason === 'STALE_ETAG';
}

/** Whether fields of the request break rules. The error lists each field and its rule. */
export function isInvalidFields(error: unknown): error is Extract<SchedulerError, { reason: 'INVALID_FIELDS' }> {
  return isSchedulerError(error) && error.reason === 'INVALID_FIELDS';
}

/** Whether there is nothing with the id of the request. */
export function isNotFound(error: unknown): error is SchedulerError {
  return isSchedulerError(error) && error.code === Code.NotFound;
}

/** The error that a method of the client throws for what its transport threw. */
export function schedulerError(cause: ConnectError, call: Pick<CallFailed, 'requestId' | 'attempts'>): SchedulerError {
  return Object.assign(new CallFailed(cause, call), failureOf(cause));
}

function failureOf(error: ConnectError): Failure {
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info) return refusalOf(info, error);
  const [badRequest] = error.findDetails(BadRequestSchema);
  if (!badRequest) return { reason: undefined };
  const violations = badRequest.fieldViolations.map(({ field, description }) => ({ field, description }));
  return { reason: 'INVALID_FIELDS', violations };
}

function refusalOf({ reason, metadata }: ErrorInfo, error: ConnectError): Failure {
  switch (reason) {
    case 'COACH_OVERLAP':
    case 'SLOT_HELD':
    case 'CLIENT_OVERLAP':
      return { reason, inTheWay: { start: new Date(metadata['start'] ?? ''), end: new Date(metadata['end'] ?? '') } };
    case 'SERIES_CONFLICT':
      return { reason, conflicts: conflictsIn(error) };
    case 'AGAINST_POLICY': {
      const obstacles = error.findDetails(ObstaclesSchema).flatMap((detail) => detail.obstacles);
      return { reason, obstacles: obstacles.map(obstacleOf), conflicts: conflictsIn(error) };
    }
    case 'STALE_ETAG':
      return { reason, etag: metadata['etag'] ?? '' };
    default:
      return { reason: isPlainReason(reason) ? reason : undefined };
  }
}

function isPlainReason(reason: string): reason is PlainReason {
  return reason in ErrorReason && Number.isNaN(Number(reason));
}

function conflictsIn(error: ConnectError): SeriesConflict[] {
  return error.findDetails(ConflictsSchema).flatMap(({ conflicts }) => conflicts.map(conflictOf));
}

function conflictOf({ occurrence, reason, obstacles, ...times }: Conflict): SeriesConflict {
  return {
    occurrence,
    reason: reason as SeriesConflict['reason'],
    start: dateOf(times.start),
    end: dateOf(times.end),
    inTheWay: { start: dateOf(times.inTheWayStart), end: dateOf(times.inTheWayEnd) },
    obstacles: obstacles as ObstacleCode[],
  };
}

function obstacleOf({ code, message, start, end, hours }: ObstacleMessage): Obstacle {
  return {
    code: Obstacle_Code[code] as ObstacleCode,
    message,
    start: start && dateOf(start),
    end: end && dateOf(end),
    hours: hours.map((one) => ({ start: dateOf(one.start), end: dateOf(one.end) })),
  };
}

function dateOf(time: Timestamp | undefined): Date {
  return time ? timestampDate(time) : new Date(Number.NaN);
}
