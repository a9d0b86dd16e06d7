import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import type { Call, Interceptor } from '../../handlers/call.js';

/**
 * One line for each call, with its ids and its outcome, never its content. Outermost in the chain: what is thrown and
 * is no `ConnectError` is a defect, logged here with its stack and answered as INTERNAL without a word about it.
 */
export function logCalls(log: Logger): Interceptor {
  return (next) => async (request, call) => {
    const started = performance.now();
    try {
      const response = await next(request, call);
      if (log.isLevelEnabled('info')) log.info(line(started, call, request, response), 'OK');
      return response;
    } catch (thrown) {
      const error = thrown instanceof ConnectError ? thrown : new ConnectError('internal error', Code.Internal);
      const level = LEVELS[error.code] ?? 'info';
      const details = error === thrown ? { why: error.rawMessage } : { err: thrown };
      log[level]({ ...line(started, call, request), ...details }, Code[error.code]);
      throw error;
    }
  };
}

const LEVELS: Partial<Record<Code, 'warn' | 'error'>> = {
  [Code.Unavailable]: 'warn',
  [Code.DeadlineExceeded]: 'warn',
  [Code.Internal]: 'error',
};

function line(started: number, call: Call, request: Message, response?: Message) {
  return {
    method: call.method.name,
    door: call.door,
    ms: Math.round((performance.now() - started) * 100) / 100,
    correlationId: call.correlationId,
    ...idsIn(request, response),
  };
}

/** The ids that requests and responses of this service carry, found by their field names. */
interface WithIds extends Message {
  readonly id?: string;
  readonly requestId?: string;
  readonly coachHashId?: string;
  readonly session?: { readonly id: string; readonly coachHashId: string };
}

function idsIn(request: WithIds, response?: WithIds) {
  return {
    session: response?.session?.id || request.id || undefined,
    coach: request.session?.coachHashId || request.coachHashId || undefined,
    requestId: request.requestId || undefined,
  };
}
