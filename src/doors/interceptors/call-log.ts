import type { Message } from '@bufbuild/protobuf';
import { Code, type ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { reasonForLog } from '../../handlers/answer/errors.js';
import type { Answer, IncomingCall } from '../../handlers/call.js';
import { lineWriter } from '../../log.js';
import { printable } from '../printable.js';

/** What a line tells of a call. */
export interface LoggedCall {
  readonly call: IncomingCall;
  /** The verified name of the caller; empty: not known. */
  readonly subject: string;
  /** Undefined when the call ended before it was decoded. */
  readonly request: Message | undefined;
  /** When the call began, by `performance.now()`. */
  readonly began: number;
}

/** Writes one line for each call, when the call ends: its ids and its outcome, never its content. */
export interface CallLog {
  /**
   * The call was answered.
   * @param answer undefined for a stream
   */
  answered(logged: LoggedCall, answer: Answer | undefined): void;
  /**
   * The call failed.
   * @param error what the caller gets
   * @param thrown what the error stands for
   */
  failed(logged: LoggedCall, error: ConnectError, thrown: unknown): void;
}

/** Writes to a logger, as `log.info` and its like do. */
export function createCallLog(log: Logger): CallLog {
  const writeLine = lineWriter(log);
  return {
    answered({ call, subject, request, began }, answer) {
      if (!log.isLevelEnabled('info')) return;
      const { method, door, correlationId } = call;
      const { id, coach, requestId } = idsIn(request, answer);
      // Put together here: pino, which looks at each member of an object, takes three times as long. A correlation id has
      // no character that JSON escapes.
      let members = `"method":"${method.name}","door":"${door}","ms":${msSince(began)},"correlationId":"${correlationId}"`;
      if (id) members += `,"${nameOfId(method)}":${JSON.stringify(id)}`;
      if (coach) members += `,"coach":${JSON.stringify(coach)}`;
      if (subject) members += `,"subject":${JSON.stringify(subject)}`;
      if (requestId) members += `,"requestId":${JSON.stringify(requestId)}`;
      writeLine(members, 'OK');
    },

    failed({ call, subject, request, began }, error, thrown) {
      const details =
        error.code === Code.Internal && error !== thrown ? { err: thrown } : { why: printable(reasonForLog(error)) };
      const { method, door, correlationId } = call;
      // Ids of a call that failed may be any text.
      const { id, coach, requestId } = idsIn(request, undefined);
      const ids = {
        correlationId,
        subject: printable(subject || undefined),
        caller: REFUSALS_OF_CALLERS.has(error.code) ? call.caller : undefined,
        [nameOfId(method)]: printable(id),
        coach: printable(coach),
        requestId: printable(requestId),
      };
      log[LEVELS[error.code] ?? 'info'](
        { method: method.name, door, ms: msSince(began), ...ids, ...details },
        Code[error.code],
      );
    },
  };
}

const LEVELS: Partial<Record<Code, 'warn' | 'error'>> = {
  [Code.Unavailable]: 'warn',
  [Code.DeadlineExceeded]: 'warn',
  [Code.Internal]: 'error',
};

/** Their lines name the caller's address too: a caller that is refused before it is known has nothing else. */
const REFUSALS_OF_CALLERS = new Set([Code.Unauthenticated, Code.PermissionDenied, Code.ResourceExhausted]);

/** Milliseconds, to the hundredth. */
function msSince(began: number): number {
  return Math.round((performance.now() - began) * 100) / 100;
}

/** What a request is for that has an `id`: a hold becomes the session of its id. */
function nameOfId({ parent, name }: IncomingCall['method']): 'session' | 'webhook' | 'calendarLink' {
  if (name === 'RevokeCalendarLink') return 'calendarLink';
  return parent.name === 'WebhookService' ? 'webhook' : 'session';
}

/** The ids that requests and answers of this service carry, found by their field names. */
interface WithIds {
  readonly id?: string;
  readonly requestId?: string;
  readonly coachHashId?: string;
  readonly session?: { readonly id?: string; readonly coachHashId?: string };
}

function idsIn(message: Message | undefined, answer: WithIds | undefined) {
  const request = (message ?? {}) as WithIds;
  return {
    id: answer?.session?.id || request.id || undefined,
    coach: request.session?.coachHashId || request.coachHashId || undefined,
    requestId: request.requestId || undefined,
  };
}
