import { Code, ConnectError } from '@connectrpc/connect';
import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js';
import { CORRELATION_ID_HEADER, correlationIdFrom } from '../incoming-call.js';
import { type AnyCall, headersOf, statusOf } from './grpc-calls.js';
import { checkTimeout } from './incoming-streams.js';

/**
 * Refuses calls before their handlers see them: of any method, those whose timeout is malformed, with INVALID_ARGUMENT;
 * of the standard services, those whose time is up as they begin, with DEADLINE_EXCEEDED. Endpoints refuse the latter
 * themselves, and log it.
 */
export const refuseTimeouts: ServerInterceptor = ({ path }, call) => {
  // What grpc-js keeps of a call for itself: interceptors get it with the first event only, for which each call would
  // need another one around it.
  const header = headersOf(call as unknown as Pick<AnyCall, 'metadata'>);
  try {
    checkTimeout({ header });
    if (path.startsWith('/grpc.') && Number(call.getDeadline()) <= Date.now()) {
      throw new ConnectError('the deadline passed before the answer', Code.DeadlineExceeded);
    }
  } catch (error) {
    // A call that has its status begins no handler.
    call.sendStatus(statusOf(error, correlationIdFrom(header(CORRELATION_ID_HEADER))));
  }
  return call as unknown as ServerInterceptingCall;
};
