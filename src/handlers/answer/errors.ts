import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../../gen/google/rpc/error_details_pb.js';

/** The `domain` of every google.rpc.ErrorInfo of this service. */
const ERROR_DOMAIN = 'scheduler.aceup.com';

/** The rule for the end of a session, reported for the field of its start. */
export const ENDS_TOO_LATE = 'the session must end by the year 9999';

/** Seconds that a caller should wait before it tries again. */
const RETRY_AFTER_SECONDS = 1;

/** The most violations that an error names: more would help nobody, and gRPC's clients take small errors only. */
export const MAX_VIOLATIONS = 50;

/** A field and the rule that it breaks. */
export interface Violation {
  /** The path in the request, in proto names: `session.start`. Empty for the request as a whole. */
  readonly field: string;
  /** The rule, as a sentence about the field: `must be 1 to 1440`. */
  readonly description: string;
}

/**
 * INVALID_ARGUMENT: fields break rules. Names the first of many violations. The message repeats them for readers of logs.
 */
export function invalidArgument(...all: Violation[]): ConnectError {
  const violations = all.slice(0, MAX_VIOLATIONS);
  const message = violations.map(({ field, description }) => (field ? `${field}: ${description}` : description));
  return withDetails(Code.InvalidArgument, message.join('; '), [
    { desc: BadRequestSchema, value: { fieldViolations: violations.map((violation) => ({ ...violation })) } },
  ]);
}

const REASONS_FOR_LOG = new WeakMap<ConnectError, string>();

/** The same error, with a reason of its own for the log: its message quotes what the caller sent. */
export function withReasonForLog(error: ConnectError, reason: string): ConnectError {
  REASONS_FOR_LOG.set(error, reason);
  return error;
}

/** What the log says of an error: its message, if it has no other reason. */
export function reasonForLog(error: ConnectError): string {
  return REASONS_FOR_LOG.get(error) ?? error.rawMessage;
}

/** An error with a google.rpc.ErrorInfo: a `reason` for programs in UPPER_SNAKE_CASE, a message for people. */
export function refused(
  code: Code,
  reason: string,
  message: string,
  metadata: Record<string, string> = {},
): ConnectError {
  return withDetails(code, message, [{ desc: ErrorInfoSchema, value: { reason, domain: ERROR_DOMAIN, metadata } }]);
}

/**
 * ABORTED: a command is for another version of something.
 * @param etag the version that there is
 */
export function staleEtag(etag: string): ConnectError {
  const now = etag ? `the etag is now ${etag}` : 'there is none now';
  return refused(Code.Aborted, 'STALE_ETAG', `changed since: ${now}`, { etag });
}

/** INVALID_ARGUMENT: a `request_id` came before, with other content. */
export function requestIdReused(): ConnectError {
  return refused(Code.InvalidArgument, 'REQUEST_ID_REUSED', 'request_id: was used for another request');
}

/** PERMISSION_DENIED: the caller is known, and may not do this. */
export function denied(message: string): ConnectError {
  return new ConnectError(message, Code.PermissionDenied);
}

/** An error that passes by itself, with a google.rpc.RetryInfo. */
export function tryAgain(
  code: Code.Unavailable | Code.Aborted | Code.ResourceExhausted,
  message: string,
): ConnectError {
  return withDetails(code, message, [
    { desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(RETRY_AFTER_SECONDS), nanos: 0 } } },
  ]);
}

/**
 * RESOURCE_EXHAUSTED: a caller has used up what it may ask for.
 * @param ms milliseconds until it may ask for more
 * @param fields response headers that say the same
 */
export function rateLimited(message: string, ms: number, fields: Readonly<Record<string, string>>): ConnectError {
  const whole = Math.ceil(ms);
  const retryDelay = { seconds: BigInt(Math.floor(whole / 1_000)), nanos: (whole % 1_000) * 1_000_000 };
  return new ConnectError(message, Code.ResourceExhausted, fields, [
    { desc: ErrorInfoSchema, value: { reason: 'RATE_LIMITED', domain: ERROR_DOMAIN } },
    { desc: RetryInfoSchema, value: { retryDelay } },
  ]);
}

/** ABORTED: the reader of a stream took its messages too slowly, and goes on after a position. */
export function readerTooSlow(position: bigint): ConnectError {
  const message = `the messages of the stream were taken too slowly: go on after position ${position}`;
  return refused(Code.Aborted, 'READER_TOO_SLOW', message, { position: String(position) });
}

interface Detail<Desc extends DescMessage = DescMessage> {
  desc: Desc;
  value: MessageInitShape<Desc>;
}

function withDetails(code: Code, message: string, details: Detail[]): ConnectError {
  return new ConnectError(message, code, undefined, details);
}

/** The row of an id. Throws NOT_FOUND when there is none. */
export function orNotFound<Row>(what: string, id: string, row: Row | undefined): Row {
  if (row === undefined) throw new ConnectError(`there is no ${what} ${id}`, Code.NotFound);
  return row;
}

/** The detail of an error of one type, if the error has one. */
export function detailOf<Desc extends DescMessage>(error: ConnectError, desc: Desc) {
  return error.findDetails(desc)[0];
}
