import { STATUS_CODES } from 'node:http';
import { type JsonObject, toJson } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyReply } from 'fastify';
import { ConflictSchema, ConflictsSchema } from '../../../gen/aceup/scheduler/v1/series_pb.js';
import { ObstacleSchema, ObstaclesSchema } from '../../../gen/aceup/scheduler/v1/slot_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../../gen/google/rpc/error_details_pb.js';
import { detailOf } from '../../../handlers/answer/errors.js';
import { AS_ANSWERED } from '../../../json/as-answered.js';

/** An error on the way to an endpoint, by its HTTP status. Fastify's own errors have the same form. */
export interface HttpError extends Error {
  readonly statusCode: number;
}

/** RFC 9457, with this service's members. */
export interface Problem {
  /** `about:blank`, or a URN for the reason. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** As in gRPC: `ALREADY_EXISTS`. */
  readonly code: string;
  /** For programs: `COACH_OVERLAP`. */
  readonly reason?: string;
  /** The interval that is taken, RFC 3339. */
  readonly interval?: { readonly start: string; readonly end: string };
  /** The occurrences of a series that cannot be booked. */
  readonly conflicts?: readonly JsonObject[];
  /** Everything in the way of a time that the coach's hours, time off or policy do not allow. */
  readonly obstacles?: readonly JsonObject[];
  /** The fields at fault, in proto names, and the rules that they broke. */
  readonly errors?: readonly { readonly field: string; readonly description: string }[];
  readonly correlation_id: string;
}

/** The media type of a problem. */
export const PROBLEM_TYPE = 'application/problem+json';

const STATUSES: Readonly<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 409,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

/** Reasons that have an HTTP status of their own. */
const REASON_STATUSES: Readonly<Record<string, number>> = { REQUEST_ID_REUSED: 422, STALE_ETAG: 412 };

/** The codes for refusals of HTTP itself. Any other 4xx is INVALID_ARGUMENT. */
const HTTP_CODES: Readonly<Record<number, Code>> = {
  403: Code.PermissionDenied,
  404: Code.NotFound,
  405: Code.Unimplemented,
  412: Code.FailedPrecondition,
  413: Code.ResourceExhausted,
  415: Code.Unimplemented,
  421: Code.PermissionDenied,
  429: Code.ResourceExhausted,
};

/** The HTTP status of an error. */
export function statusOf(code: Code, reason = ''): number {
  return REASON_STATUSES[reason] ?? STATUSES[code];
}

/** The code as gRPC writes it: `ALREADY_EXISTS`. */
export function nameOf(code: Code): string {
  return Code[code].replace(/\B[A-Z]/g, '_$&').toUpperCase();
}

/** An error with an HTTP status and a message for the caller. */
export function httpError(statusCode: number, message: string): HttpError {
  return Object.assign(new Error(message), { statusCode });
}

/** Whether an error has a 4xx status: the caller is at fault. */
export function isCallersFault(error: unknown): error is HttpError {
  const status = (error as Partial<HttpError> | null)?.statusCode ?? 500;
  return status >= 400 && status < 500;
}

/**
 * The problem that stands for an error. An error that is neither a `ConnectError` nor the caller's fault is a defect,
 * and its message is left out.
 */
export function problemOf(error: unknown, correlationId: string): Problem {
  if (error instanceof ConnectError) return fromConnect(error, correlationId);
  if (!isCallersFault(error)) return fromConnect(new ConnectError('internal error', Code.Internal), correlationId);
  const code = HTTP_CODES[error.statusCode] ?? Code.InvalidArgument;
  return problem({
    status: error.statusCode,
    detail: error.message,
    code: nameOf(code),
    correlation_id: correlationId,
  });
}

function fromConnect(error: ConnectError, correlationId: string): Problem {
  const { reason, metadata = {} } = detailOf(error, ErrorInfoSchema) ?? {};
  const { start, end } = metadata as Readonly<Record<'start' | 'end', string | undefined>>;
  const conflicts = detailOf(error, ConflictsSchema)?.conflicts;
  const obstacles = detailOf(error, ObstaclesSchema)?.obstacles;
  const violations = detailOf(error, BadRequestSchema)?.fieldViolations;
  return problem({
    status: statusOf(error.code, reason),
    detail: error.rawMessage,
    code: nameOf(error.code),
    ...(reason && { reason }),
    ...(start && end && { interval: { start, end } }),
    ...(conflicts && { conflicts: conflicts.map((one) => toJson(ConflictSchema, one, AS_ANSWERED) as JsonObject) }),
    ...(obstacles && { obstacles: obstacles.map((one) => toJson(ObstacleSchema, one, AS_ANSWERED) as JsonObject) }),
    ...(violations && { errors: violations.map(({ field, description }) => ({ field, description })) }),
    correlation_id: correlationId,
  });
}

function problem(members: Omit<Problem, 'type' | 'title'>): Problem {
  const { status, reason } = members;
  if (!reason) return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Client Closed Request', ...members };
  const words = reason.toLowerCase().replaceAll('_', ' ');
  return {
    type: `urn:aceup:scheduler:problem:${words.replaceAll(' ', '-')}`,
    title: words[0]?.toUpperCase() + words.slice(1),
    ...members,
  };
}

/** After how many whole seconds the error lets the caller try again; undefined: it does not say. */
export function secondsToRetry(error: unknown): number | undefined {
  const delay = error instanceof ConnectError ? detailOf(error, RetryInfoSchema)?.retryDelay : undefined;
  return delay && Number(delay.seconds) + Math.ceil(delay.nanos / 1e9);
}

/** Answers a request with the problem that stands for an error, and with `Retry-After` when the error has a delay. */
export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const answer = problemOf(error, reply.request.id);
  if (error instanceof ConnectError) for (const [name, value] of error.metadata) reply.header(name, value);
  const seconds = secondsToRetry(error);
  if (seconds !== undefined) reply.header('retry-after', String(seconds));
  return reply.code(answer.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(answer));
}
